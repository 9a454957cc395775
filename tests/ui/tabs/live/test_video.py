"""A video on the Live tab: answered as it grows, kept by nobody but whoever saves the film."""

import base64
import os
import re
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import pytest

from ferstudio.errors import VideoError
from ferstudio.faces.tracking import Track
from ferstudio.studio.live import LiveFrame
from ferstudio.studio.selection import Cover
from ferstudio.studio.video import Record, VideoAnswers, VideoPlan
from ferstudio.studio.works import Standing, Watch, unwatched
from ferstudio.ui import words as shared
from ferstudio.ui.mode import LITE_MODELS, Mode
from ferstudio.ui.page import tabs_of
from ferstudio.ui.parts.wanted import Wanted
from ferstudio.ui.sidebar import Sidebar
from ferstudio.ui.tabs.live import video, words
from ferstudio.ui.tabs.live.tab import LiveTab
from tests.made_videos import made_answers
from tests.ui.fake_studio import MODELS, FakeStudio

IMAGE = np.full((90, 160, 3), 77, np.uint8)
STANDING = Standing(0.5, "Second 1.0", 1.0, 1.0, 0)


class FilmingStudio(FakeStudio):
    """Answers four frames of any video, remembers what it was asked, and whether it could read."""

    def __init__(self, error: Exception | None = None) -> None:
        super().__init__(error=error)
        self.plans: list[VideoPlan] = []
        self.there: list[bool] = []

    def video(
        self,
        file: str | os.PathLike[str],
        plan: VideoPlan,
        record: Record,
        watch: Watch = unwatched,
    ) -> Generator[VideoAnswers, None, None]:
        self.plans.append(plan)
        if self.error is not None:
            raise self.error
        found = made_answers(plan.question.cover)
        for number, moment in enumerate(found.moments, 1):
            watch(STANDING)
            self.there.append(Path(file).exists())
            record(moment.time_s, IMAGE, LiveFrame(IMAGE, Track((), (90, 160)), (), "", 0.1))
            yield replace(found, moments=found.moments[:number], done=False)
        yield found


@pytest.fixture(autouse=True)
def _each_step_is_shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(video, "SHOWN_EVERY_S", -1.0)
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))


def made(studio: FakeStudio, mode: Mode = Mode()) -> LiveTab:  # noqa: B008  it is frozen
    with gr.Blocks():
        return LiveTab(Sidebar(studio, words.TAB, mode))


def upload(folder: Path) -> Path:
    file = folder / "1" / "a<b>.mp4"
    file.parent.mkdir()
    file.write_bytes(b"a video")
    return file


def values(tab: LiveTab, file: Path, **changes: Any) -> dict[Any, Any]:
    choices = tab._choices
    held: dict[Any, Any] = {choice: choice.value for choice in choices.asked}
    held |= {choices.models: changes.get("models", list(MODELS)), choices.occluder: "sunglasses"}
    held |= {tab.count: changes.get("count", "two"), choices.amount: 1.0, choices.seed: 3}
    held |= {choices.explainer: changes.get("explainer", "grad-cam")}
    return held | {tab.video.file: str(file), tab.video.wanted: changes.get("wanted", Wanted())}


def quiet(*_: object, **__: object) -> None:
    """Show no progress."""


def steps(tab: LiveTab, held: dict[Any, Any]) -> Generator[Any, None, None]:
    for update in tab.film(held, quiet):  # type: ignore[arg-type]
        yield update[tab.video.place]


def test_the_curve_grows_and_the_film_can_be_kept(tmp_path: Path) -> None:
    studio = FilmingStudio()
    tab, file = made(studio), upload(tmp_path)
    begun, *grown, _, last = steps(tab, values(tab, file))
    assert studio.plans[0].question.models == MODELS
    assert studio.plans[0].question.cover == Cover("sunglasses", 1.0, 3)
    assert "growing" in begun and words.VIDEO_BEGINS in begun
    assert len(grown) == 4 and all("growing" in html for html in grown)
    assert all('class="sheet"' in html and "download" not in html for html in grown)
    assert "growing" not in last
    kinds = re.findall(r'download="clip\.(\w+)"', last)
    assert kinds == ["mp4", "png", "svg", "csv"]
    (film,) = set(re.findall(r'src="data:video/mp4;base64,([^"]+)"', last))
    assert b"avc1" in base64.b64decode(film)


def test_the_upload_is_gone_once_it_is_read_and_nothing_else_is_left(tmp_path: Path) -> None:
    studio = FilmingStudio()
    tab, file = made(studio), upload(tmp_path)
    list(steps(tab, values(tab, file)))
    assert studio.there == [True] * 4
    assert list(tmp_path.iterdir()) == []


def test_a_line_is_broken_where_there_was_no_face(tmp_path: Path) -> None:
    tab, file = made(FilmingStudio()), upload(tmp_path)
    *_, last = steps(tab, values(tab, file))
    clean = re.findall(r'<path d="([^"]+)"', last)
    assert [path.count("M") for path in clean] == [2] * 4
    assert clean[1] == "M0.0 20.0L25.0 30.0M75.0 50.0"
    assert last.count('class="covered"') == 4


@pytest.mark.parametrize("shown", [1, 3])
def test_stop_leaves_what_there_is_and_takes_the_upload_away(tmp_path: Path, shown: int) -> None:
    tab, file, wanted = made(FilmingStudio()), upload(tmp_path), Wanted()
    growing = steps(tab, values(tab, file, wanted=wanted))
    for _ in range(shown):
        next(growing)
    tab.video.stop(wanted)
    (left,) = growing
    assert bool(left) == (shown > 1)
    assert "growing" not in left and "download" not in left
    assert not file.exists()


def test_a_later_video_takes_the_place_of_an_earlier_one(tmp_path: Path) -> None:
    tab, file, wanted = made(FilmingStudio()), upload(tmp_path), Wanted()
    growing = steps(tab, values(tab, file, wanted=wanted))
    next(growing)
    wanted.next()
    (left,) = growing
    assert not isinstance(left, str)
    assert not file.exists()


@pytest.mark.parametrize(
    ("changes", "error", "said"),
    [
        ({}, VideoError("<damaged>"), "&lt;damaged&gt;"),
        ({"models": []}, None, shared.NO_MODEL_CHOSEN),
        ({"explainer": "score-cam"}, None, "takes too long for a video"),
    ],
)
def test_what_cant_be_answered_is_a_sentence(
    tmp_path: Path, changes: dict[str, Any], error: Exception | None, said: str
) -> None:
    tab, file = made(FilmingStudio(error)), upload(tmp_path)
    *_, last = steps(tab, values(tab, file, **changes))
    assert said in last
    assert not file.exists()


def test_a_weak_machine_asks_few_networks_and_a_class_brings_no_video(tmp_path: Path) -> None:
    studio = FilmingStudio()
    tab, file = made(studio, Mode(lite=True)), upload(tmp_path)
    many = [*MODELS, "third.fake", "fourth.fake"]
    list(steps(tab, values(tab, file, models=many, count="all")))
    assert studio.plans[0].question.models == tuple(many[:LITE_MODELS])
    assert LiveTab not in tabs_of(Mode(kiosk=True))


def test_limits_stand_beside_the_button() -> None:
    for limit in ("60 seconds", "50 MB", "1920 × 1080"):
        assert limit in words.VIDEO_LIMITS


def test_a_video_without_a_face_is_told() -> None:
    html = video.video_card(made_answers(Cover("scarf"), faces=False), film=b"x")
    assert "no face was found" in html and "<path" not in html
