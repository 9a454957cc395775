"""The Live tab: a frame becomes an answer that the browser recognises as its own."""

import base64
import io
import re
from dataclasses import replace
from html import unescape
from typing import Any

import gradio as gr
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from ferstudio.errors import ImageError, WeightsError
from ferstudio.faces.tracking import Track
from ferstudio.studio.live import LiveFrame, LiveQuestion, LiveRow
from ferstudio.studio.results import NoMap, View
from ferstudio.studio.selection import Cover
from ferstudio.types import Face
from ferstudio.ui.page import build_app
from ferstudio.ui.parts.data_uri import picture_bytes
from ferstudio.ui.scripts import script, static
from ferstudio.ui.sidebar import Sidebar
from ferstudio.ui.tabs.live import words
from ferstudio.ui.tabs.live.cards import seen
from ferstudio.ui.tabs.live.tab import LiveTab
from tests.ui.events import event
from tests.ui.fake_studio import MODELS, FakeStudio, crop, heatmap, prediction
from tests.ui.laid_out import answers, laid_out

ROWS = tuple(
    LiveRow(name, f"<{name}>", View(prediction("fear", 0.8), heatmap(1.0), crop().image))
    for name in MODELS
)
FACE = Face((16.0, 12.0, 48.0, 36.0), None, 1.0)
TRACK = Track((FACE,), (48, 64))


def frame(rows: tuple[LiveRow, ...] = ROWS, *faces: Face, too_slow: str = "") -> LiveFrame:
    picture = np.zeros((48, 64, 3), np.uint8)
    return LiveFrame(picture, Track(faces, (48, 64)), rows, too_slow, 0.1)


class WatchingStudio(FakeStudio):
    """Answers every frame alike, and remembers what it was asked."""

    def __init__(self, error: Exception | None = None) -> None:
        super().__init__(error=error)
        self.frames: list[tuple[NDArray[np.uint8], LiveQuestion, Track | None]] = []

    def live(
        self, image: NDArray[np.uint8], question: LiveQuestion, last: Track | None = None
    ) -> LiveFrame:
        self.frames.append((image, question, last))
        if self.error is not None:
            raise self.error
        return LiveFrame(image, TRACK, ROWS, "", 0.119)


def address(kind: str = "PNG") -> str:
    stream = io.BytesIO()
    Image.fromarray(np.full((48, 64, 3), 99, np.uint8)).save(stream, kind)
    content = base64.b64encode(stream.getvalue()).decode()
    return f"data:image/{kind.lower()};base64,{content}"


def answer(
    studio: FakeStudio, count: str = "two", last: Track | None = None, **data: Any
) -> tuple[str, Track | None]:
    with gr.Blocks():
        sidebar = Sidebar(studio, words.TAB)
        tab = LiveTab(sidebar)
    choices = sidebar.choices
    values = {choice: choice.value for choice in choices.asked}
    values |= {choices.models: [*MODELS, "third.fake"], choices.occluder: "sunglasses"}
    values |= {choices.amount: 0.5, choices.seed: 11, tab.count: count, tab.track: last}
    return tab.frame(values, event(**data))


def test_a_frame_is_answered_under_its_own_number_and_its_faces_places_are_kept() -> None:
    studio, before = WatchingStudio(), Track((), (48, 64))
    html, track = answer(studio, last=before, frame=address(), number=7)
    ((picture, asked, last),) = studio.frames
    np.testing.assert_array_equal(picture, np.full((48, 64, 3), 99))
    assert asked == LiveQuestion(MODELS, Cover("sunglasses", 0.5, 11), "grad-cam")
    assert last is before
    assert track is TRACK
    assert 'data-frame="7"' in html
    assert words.spent(119) in html
    assert "<output" not in html and "<b title=" in html  # it would be read out


def test_all_ticked_models_are_asked_by_choice() -> None:
    studio = WatchingStudio()
    answer(studio, count="all", frame=address(), number=1)
    ((_, asked, _),) = studio.frames
    assert asked.models == (*MODELS, "third.fake")


def test_boxes_are_shares_of_the_frame_and_the_first_is_marked() -> None:
    html = seen(frame(ROWS, FACE, Face((0.0, 0.0, 16.0, 24.0), None, 1.0)), 1)
    assert re.findall(r'class="(box[^"]*)" style="([^"]+)"', html) == [
        ("box first", "left:25.00%;top:25.00%;width:50.00%;height:50.00%"),
        ("box", "left:0.00%;top:0.00%;width:25.00%;height:50.00%"),
    ]
    assert "&lt;steady.fake&gt;" in html
    assert html.count("<article") == 2


def test_the_clean_face_stands_beside_the_covered_one() -> None:
    (bare,) = seen(frame(ROWS[:1], FACE), 1).split("<article")[1:]
    assert re.findall(r"<figcaption>(\w+)", bare) == ["clean"]
    assert "→" not in bare
    hidden = View(prediction("neutral", 0.6), heatmap(1.0), crop().image)
    (both,) = seen(frame((replace(ROWS[0], covered=hidden),), FACE), 1).split("<article")[1:]
    assert re.findall(r"<figcaption>(\w+)", both) == ["clean", "covered"]
    said = re.findall(r">(fear|neutral) <b>(\d+)", both)
    assert said == [("fear", "80"), ("neutral", "60")]
    assert 'class="card flipped"' in both
    assert 'class="card flipped"' not in bare


@pytest.mark.parametrize("place", [".snapshot video", ".live .scene", ".live .face img"])
def test_a_camera_is_a_mirror_on_screen_wherever_it_shows(place: str) -> None:
    (rule,) = re.findall(rf"^{re.escape(place)} \{{([^}}]*)\}}", static("page.css"), re.MULTILINE)
    assert "transform: scaleX(-1)" in rule


@pytest.mark.parametrize("name", ["snapshot", "live"])
def test_what_networks_see_is_not_mirrored(name: str) -> None:
    drawn = re.findall(r"drawImage\(\w+, ([^)]*)\)", script(name))
    assert drawn and all(place.startswith("0, 0") for place in drawn)
    assert "scale(-1" not in script(name)


def test_a_method_that_is_too_slow_says_so() -> None:
    assert words.too_slow("Score-CAM") in seen(frame(too_slow="Score-CAM"), 1)
    assert "too long" not in seen(frame(), 1)


def test_a_frame_without_a_face_says_so() -> None:
    html = seen(frame(()), 2)
    assert words.NO_FACE in html
    assert 'data-frame="2"' in html


@pytest.mark.parametrize(
    "frame", ["", "file:///etc/passwd", "data:text/html;base64,AAAA", "data:image/png;base64,*"]
)
def test_what_is_no_frame_is_refused_but_counted(frame: str) -> None:
    with pytest.raises(ImageError):
        picture_bytes(frame)
    studio = WatchingStudio()
    html, track = answer(studio, last=TRACK, frame=frame, number=4)
    assert track is None
    assert "sent no picture" in html
    assert 'data-frame="4"' in html
    assert studio.frames == []


def test_an_error_is_a_sentence_and_the_camera_goes_on() -> None:
    html, _ = answer(WatchingStudio(WeightsError("<damaged>")), frame=address(), number=5)
    assert "&lt;damaged&gt;" in html
    assert 'data-frame="5"' in html


def test_frames_wait_for_no_other_frame_of_their_own() -> None:
    (asked,) = [fn for fn in build_app(FakeStudio()).fns.values() if fn.name == "frame"]
    assert asked.concurrency_limit is None
    assert asked.trigger_mode == "multiple"


def test_the_tab_itself_asks_nobody() -> None:
    studio = WatchingStudio()
    assert answers(laid_out(LiveTab, studio)) == []
    assert studio.frames == []


def test_a_network_without_a_heatmap_says_why() -> None:
    why = NoMap("Grad-CAM", "feature maps", ("Occlusion sensitivity",))
    rows = (ROWS[0], LiveRow("a.b", "A", View(prediction("fear"), None, crop().image), no_map=why))
    html = unescape(seen(frame(rows, FACE), 3))
    assert html.count("can't show A: it needs feature maps. Choose Occlusion sensitivity.") == 1
