"""A video, asked frame by frame: what networks say over time, with and without a cover.

The cover follows the face's landmarks, as it does before a camera; nothing of a frame is kept but
the answers and where its faces are.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ferstudio.errors import UsageError
from ferstudio.faces.tracking import Track
from ferstudio.models import LoadedModel
from ferstudio.studio.covers import method_named
from ferstudio.studio.live import PASSES_LIVE, LiveFrame, LiveQuestion, live_frame
from ferstudio.studio.results import Progress
from ferstudio.types import Prediction
from ferstudio.video_files import VideoInfo, read_info, video_frames

FPS, MAX_FPS = 5.0, 30.0
"""Frames of each second that are asked about: usually, and at most."""


@dataclass(frozen=True, slots=True)
class VideoPlan:
    """What is asked about a video.

    Attributes:
        question: what is asked about each of its frames.
        fps: frames of each second that are asked about, at most.
    """

    question: LiveQuestion
    fps: float = FPS

    def __post_init__(self) -> None:
        """Refuse what can't be asked of a video.

        Raises:
            UnknownNameError: if the cover or the explainer doesn't exist.
            UsageError: if no network or no frame is asked, or the method is too slow.
        """
        _ = self.question.cover.needs
        method = method_named(self.question.explainer)
        if method is not None and method.passes > PASSES_LIVE:
            raise UsageError(f"{method.title} takes too long for a video; choose grad-cam.")
        if not self.question.models:
            raise UsageError("A video needs a network at least.")
        if not 0 < self.fps <= MAX_FPS:
            raise UsageError(
                f"From 0 to {MAX_FPS:g} frames a second can be asked about, not {self.fps:g}."
            )


@dataclass(frozen=True, slots=True)
class VideoAnswer:
    """One network's answer to one frame.

    Attributes:
        name: name of the weights.
        clean: its answer to the face as it is.
        covered: its answer to the face under its cover; None where nothing covers it.
    """

    name: str
    clean: Prediction
    covered: Prediction | None

    @property
    def flipped(self) -> bool:
        """Whether the cover changed the most probable emotion."""
        return self.covered is not None and self.covered.top != self.clean.top


@dataclass(frozen=True, slots=True)
class VideoMoment:
    """One frame that was asked about.

    Attributes:
        time_s: since the first frame.
        faces: how many were found in it; the largest was asked about.
        answers: one per network; () where there is no face.
    """

    time_s: float
    faces: int
    answers: tuple[VideoAnswer, ...]


@dataclass(frozen=True, slots=True)
class VideoAnswers:
    """What networks say about a video.

    Attributes:
        info: what the file holds.
        plan: what was asked.
        titles: of the networks, by names of weights.
        moments: the frames that were asked about so far.
        done: whether these are all.
    """

    info: VideoInfo
    plan: VideoPlan
    titles: Mapping[str, str]
    moments: tuple[VideoMoment, ...] = ()
    done: bool = False

    @property
    def found(self) -> int:
        """Number of frames with a face."""
        return sum(1 for moment in self.moments if moment.faces)

    def of(self, model: str) -> list[VideoAnswer | None]:
        """Return a network's answers, one per moment; None where there was no face."""
        return [
            next((each for each in moment.answers if each.name == model), None)
            for moment in self.moments
        ]


Record = Callable[[float, NDArray[np.uint8], LiveFrame], object]
"""Called with each frame that was asked about, before the next is: its time in seconds, the frame
as it is, (H, W, 3) uint8 RGB, and what was made of it."""


def video_answers(
    file: str | os.PathLike[str],
    plan: VideoPlan,
    get: Callable[[str], LoadedModel],
    find: Callable[[NDArray[np.uint8], Track | None], Track],
    *,
    record: Record,
    progress: Progress,
) -> Iterator[VideoAnswers]:
    """Yield what networks say about a video, a frame more each time.

    Args:
        file: the video.
        plan: with full names of weights.
        get: gives the networks.
        find: says where a frame's faces are, by where those of the frame before were.
        record: is given each frame; all that draws or writes it is done there.
        progress: is told before each frame.

    Raises:
        VideoError: if it is damaged, too long, too large or no video.
    """
    info, titles = read_info(file), {}
    for name in plan.question.models:
        progress(0, f"Loading {name}")
        titles[name] = get(name).title
    last: Track | None = None
    moments: tuple[VideoMoment, ...] = ()
    for frame in video_frames(file, plan.fps):
        progress(min(1.0, frame.time_s / info.duration_s), f"Second {frame.time_s:.1f}")
        networks, before = [get(name) for name in plan.question.models], last
        seen = live_frame(frame.image, lambda image: find(image, before), networks, plan.question)  # noqa: B023
        last = seen.track
        record(frame.time_s, frame.image, seen)
        moments = (*moments, _moment(frame.time_s, seen))
        yield VideoAnswers(info, plan, titles, moments)
    yield VideoAnswers(info, plan, titles, moments, done=True)


def _moment(time_s: float, seen: LiveFrame) -> VideoMoment:
    answers = tuple(
        VideoAnswer(
            row.name,
            row.clean.prediction,
            None if row.covered is None else row.covered.prediction,
        )
        for row in seen.rows
    )
    return VideoMoment(time_s, len(seen.track.faces), answers)
