"""A video is asked frame by frame: its face followed, covered where it is, and nothing kept."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ferstudio.errors import UnknownNameError, UsageError, VideoError
from ferstudio.studio.live import LiveFrame, LiveQuestion
from ferstudio.studio.selection import NONE, Cover
from ferstudio.studio.studio import Studio
from ferstudio.studio.video import VideoAnswers, VideoPlan
from ferstudio.studio.works import Standing
from tests.made_videos import ColumnDetector, write_sound, write_video

MODELS = ("resnet18.test", "acsinet.test")
MASK = Cover("surgical-mask", 1.0, 3)


class Recorder:
    """Keeps of each frame where its cover is and what was asked."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.centres: list[float | None] = []
        self.maps: list[bool] = []

    def __call__(self, time_s: float, image: NDArray[np.uint8], seen: LiveFrame) -> None:
        columns = np.nonzero((image != seen.picture).any(axis=(0, 2)))[0]
        self.times.append(time_s)
        self.centres.append(float(columns.mean()) if len(columns) else None)
        self.maps.append(any(row.clean.heatmap is not None for row in seen.rows))


def studio(shelf: Path) -> Studio:
    return Studio(shelf, detector=ColumnDetector())


def asked(
    shelf: Path, file: Path, question: LiveQuestion, fps: float = 5
) -> tuple[list[VideoAnswers], Recorder]:
    recorder = Recorder()
    return list(studio(shelf).video(file, VideoPlan(question, fps), recorder)), recorder


def test_each_frame_is_answered_and_the_cover_follows_the_face(shelf: Path, tmp_path: Path) -> None:
    file = write_video(tmp_path / "a.mp4", 2.0, empty=frozenset({8, 9}))
    steps, recorder = asked(shelf, file, LiveQuestion(MODELS, MASK, "grad-cam"))
    found = steps[-1]
    assert found.done and not any(step.done for step in steps[:-1])
    assert [moment.time_s for moment in found.moments] == recorder.times
    assert recorder.times == pytest.approx([n / 5 for n in range(10)])
    assert [moment.faces for moment in found.moments] == [1, 1, 1, 1, 0, 1, 1, 1, 1, 1]
    assert found.found == 9
    centres = [centre for centre in recorder.centres if centre is not None]
    assert len(centres) == 9 and recorder.centres[4] is None
    assert all(later > before for before, later in pairwise(centres))
    assert recorder.maps == [moment.faces == 1 for moment in found.moments]
    for name in MODELS:
        answers = found.of(name)
        assert answers[4] is None
        for answer in answers:
            if answer is not None:
                assert answer.covered is not None
                assert not np.array_equal(answer.clean.logits, answer.covered.logits)


def test_without_a_cover_there_is_one_answer(shelf: Path, tmp_path: Path) -> None:
    file = write_video(tmp_path / "a.mp4", 0.5)
    steps, recorder = asked(shelf, file, LiveQuestion(MODELS[:1], Cover(), NONE))
    assert all(answer.covered is None for m in steps[-1].moments for answer in m.answers)
    assert set(recorder.centres) == {None}


def test_whoever_doesnt_wait_any_more_ends_the_work(shelf: Path, tmp_path: Path) -> None:
    file, own, recorder = write_video(tmp_path / "a.mp4", 6.0), studio(shelf), Recorder()

    def watch(standing: Standing) -> None:
        if recorder.times:
            raise TimeoutError

    with pytest.raises(TimeoutError):
        list(own.video(file, VideoPlan(LiveQuestion(MODELS, MASK)), recorder, watch))
    assert len(recorder.times) < 30


@pytest.mark.parametrize(
    ("question", "fps", "error"),
    [
        (LiveQuestion(MODELS, Cover("cloak")), 5, UnknownNameError),
        (LiveQuestion(MODELS, Cover(), "guess"), 5, UnknownNameError),
        (LiveQuestion(MODELS, Cover(), "score-cam"), 5, UsageError),
        (LiveQuestion((), Cover()), 5, UsageError),
        (LiveQuestion(MODELS, Cover()), 0, UsageError),
        (LiveQuestion(MODELS, Cover()), 31, UsageError),
    ],
)
def test_what_cant_be_asked_is_refused_at_once(
    question: LiveQuestion, fps: float, error: type[Exception]
) -> None:
    with pytest.raises(error):
        VideoPlan(question, fps)


def test_a_file_that_cant_be_read_is_refused_before_a_network_is_loaded(
    shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = studio(shelf)
    monkeypatch.setattr(own._pool, "get", None)
    plan = VideoPlan(LiveQuestion(MODELS, Cover()))
    with pytest.raises(VideoError, match="only sound"):
        list(own.video(write_sound(tmp_path / "a.m4a"), plan, Recorder()))
