"""What is kept of a video: the frames with their answers, all numbers, and the curves over time."""

import json
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from ferstudio.errors import UsageError
from ferstudio.files import whole_file, write_whole, writes_to
from ferstudio.keep.numbers import Row, csv_text
from ferstudio.plots.frame import require_matplotlib, write_figure
from ferstudio.plots.video_curve import video_figure
from ferstudio.plots.video_sheet import VideoSheet, video_sheet
from ferstudio.report.album import refuse_to_overwrite
from ferstudio.sentences.video import answered, video_verdict
from ferstudio.studio.live import LiveFrame, LiveQuestion
from ferstudio.studio.selection import NONE, Cover
from ferstudio.studio.studio import Studio
from ferstudio.studio.video import FPS, VideoAnswer, VideoAnswers, VideoPlan
from ferstudio.studio.works import Watch, unwatched
from ferstudio.types import Prediction
from ferstudio.video_files import VideoWriter, read_info

_KINDS = (".mp4", ".json", ".csv", ".png", ".svg")


class VideoFilm:
    """The MP4 of a video's frames with their answers, written as they come.

    Attributes:
        newest: the last of them, (H, W, 3) uint8 RGB; None before the first.
    """

    def __init__(self, plan: VideoPlan, target: BinaryIO) -> None:
        """Begin it; nothing is written before the first frame."""
        self.newest: NDArray[np.uint8] | None = None
        self._plan, self._target = plan, target
        self._sheet: VideoSheet | None = None
        self._writer: VideoWriter | None = None

    def record(self, time_s: float, image: NDArray[np.uint8], seen: LiveFrame) -> None:
        """Add a frame of the video, (H, W, 3) uint8 RGB, and what was made of it."""
        if self._sheet is None or self._writer is None:
            height, width = image.shape[:2]
            self._sheet = video_sheet(self._plan, width, height)
            self._writer = VideoWriter(self._target, self._sheet.size_px, self._plan.fps)
        self.newest = self._sheet.drawn(time_s, seen)
        self._writer.add(self.newest, time_s)

    def close(self) -> None:
        """End it."""
        if self._writer is not None:
            self._writer.close()


@dataclass(frozen=True, slots=True)
class VideoReport:
    """A video from a file, asked about.

    Attributes:
        video: the file as it was given.
        answers: all answers.
        files: what was written: film, numbers, rows and curves; () where no folder was given.
    """

    video: str
    answers: VideoAnswers
    files: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return all numbers as JSON values (see `video_json`), and the files."""
        return {"video": self.video, **video_json(self.answers), "files": list(self.files)}

    def table(self) -> str:
        """Return how often each network said what, as text."""
        found = self.answers
        seconds, count = found.info.duration_s, len(found.moments)
        head = f"{self.video} ({seconds:.1f} s; {count} frames asked, a face in {found.found})"
        lines = [head, f"  {'weights':26} {'face':22} answers"]
        for name in found.plan.question.models:
            known = [answer for answer in found.of(name) if answer is not None]
            lines.append(_line(name, "clean", [each.clean for each in known]))
            under = [each.covered for each in known if each.covered is not None]
            if under:
                cover = found.plan.question.cover
                lines.append(_line("", f"{cover.name} {cover.amount:g}", under))
        return "\n".join([*lines, str(video_verdict(found)), *self.files])


def _line(name: str, face: str, said: list[Prediction]) -> str:
    return f"  {name:26} {face:22} {answered(said)}".rstrip()


def video_plan(
    models: tuple[str, ...], covers: Sequence[Cover], explainers: Sequence[str], *, fps: float = FPS
) -> VideoPlan:
    """Return what a command asks about each frame of a video: under one cover, by one method.

    Raises:
        UnknownNameError: if the cover or the method doesn't exist.
        UsageError: if there are several, or the method is too slow.
    """
    if len(covers) > 1 or len(explainers) > 1:
        raise UsageError("A video is shown under one cover and with one heatmap method at a time.")
    cover = covers[0] if covers else Cover()
    return VideoPlan(LiveQuestion(models, cover, explainers[0] if explainers else NONE), fps)


def film_files(film: Path) -> list[Path]:
    """Return the files that are written for a video, by the name of its film."""
    return [film.with_suffix(kind) for kind in _KINDS]


def analyse_video(
    studio: Studio, file: str, plan: VideoPlan, *, out: Path | None, watch: Watch = unwatched
) -> VideoReport:
    """Return what networks say about a video, and write it down.

    Files appear whole or not at all, once the whole video was asked about: the film `out`, and
    beside it `.json`, `.csv`, `.png` and `.svg` of the same stem.

    Args:
        studio: who is asked.
        file: the video.
        plan: what is asked about it.
        out: file of the film, an MP4; None writes none.
        watch: is told how the work stands.

    Raises:
        UnknownNameError: if a model doesn't exist.
        VideoError: if the file is damaged, too long, too large or no video.
        UsageError: if `out` can't be written, or the video lies there under a name to be written.
        FerStudioError: if matplotlib or PyAV isn't installed.
    """
    if out is None:
        *_, found = studio.video(file, plan, _unrecorded, watch)
        return VideoReport(file, found)
    require_matplotlib()
    read_info(file)
    refuse_to_overwrite([file], film_files(out))
    with ExitStack() as stack:
        with writes_to(out):
            out.parent.mkdir(parents=True, exist_ok=True)
            part = stack.enter_context(whole_file(out))
            target = stack.enter_context(part.open("wb"))
        film = VideoFilm(plan, target)
        *_, found = studio.video(file, plan, film.record, watch)
        film.close()
        report = VideoReport(file, found, tuple(map(str, film_files(out))))
        _write(report, out)
    return report


def _write(report: VideoReport, film_file: Path) -> None:
    """Write all but the film beside it."""
    figure = video_figure(report.answers)
    for kind in (".png", ".svg"):
        write_figure(figure, film_file.with_suffix(kind))
    numbers = json.dumps(report.to_json(), indent=1)
    contents = {".json": numbers, ".csv": csv_text(video_rows(report.answers))}
    for kind, text in contents.items():
        with writes_to(film_file.with_suffix(kind)):
            write_whole(film_file.with_suffix(kind), text.encode())


def _unrecorded(time_s: float, image: NDArray[np.uint8], seen: LiveFrame) -> None:
    """Keep nothing of a frame."""


def video_json(found: VideoAnswers) -> dict[str, Any]:
    """Return all numbers of a video as JSON values: what was asked, and frame by frame."""
    asked, info = found.plan.question, found.info
    return {
        "width_px": info.width_px,
        "height_px": info.height_px,
        "duration_s": info.duration_s,
        "fps": found.plan.fps,
        "models": list(asked.models),
        "occluder": asked.cover.name,
        "amount": asked.cover.amount,
        "seed": asked.cover.seed,
        "explainer": asked.explainer,
        "frames": [
            {
                "time_s": moment.time_s,
                "found": moment.faces > 0,
                "faces": moment.faces,
                "answers": [_answer(answer) for answer in moment.answers],
            }
            for moment in found.moments
        ],
    }


def _answer(answer: VideoAnswer) -> dict[str, Any]:
    covered = None if answer.covered is None else _said(answer.covered)
    clean = _said(answer.clean)
    return {"weights": answer.name, "clean": clean, "covered": covered, "flipped": answer.flipped}


def _said(said: Prediction) -> dict[str, Any]:
    probabilities = dict(zip(said.labels, said.probabilities.tolist(), strict=True))
    return {"top": said.top, "confidence": said.confidence, "probabilities": probabilities}


def video_rows(found: VideoAnswers) -> list[Row]:
    """Return a row per frame, network and face, a column per emotion; one per frame without."""
    rows: list[Row] = []
    for moment in found.moments:
        frame = {"time_s": moment.time_s, "found": moment.faces > 0}
        if not moment.answers:
            rows.append(frame)
        for answer in moment.answers:
            for face, said in (("clean", answer.clean), ("covered", answer.covered)):
                if said is not None:
                    rows.append({**frame, "model": answer.name, "face": face, **_flat(said)})
    return rows


def _flat(said: Prediction) -> dict[str, object]:
    values = _said(said)
    return {"top": values["top"], "confidence": values["confidence"], **values["probabilities"]}
