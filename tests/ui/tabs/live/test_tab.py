"""The Live tab: a frame becomes an answer that the browser recognises as its own."""

import base64
import io
import re
from collections.abc import Iterable
from html import unescape
from typing import Any

import gradio as gr
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from ferstudio.errors import ImageError, WeightsError
from ferstudio.studio.live import LiveFrame, LiveRow
from ferstudio.studio.results import NoMap, View
from ferstudio.studio.selection import Cover
from ferstudio.ui.page import build_app
from ferstudio.ui.parts.data_uri import picture_bytes
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


class WatchingStudio(FakeStudio):
    """Answers every frame alike, and remembers what it was asked."""

    def __init__(self, error: Exception | None = None) -> None:
        super().__init__(error=error)
        self.frames: list[tuple[NDArray[np.uint8], tuple[Any, ...]]] = []

    def live(
        self,
        image: NDArray[np.uint8],
        models: Iterable[str],
        *,
        cover: Cover,
        explainer: str = "none",
    ) -> LiveFrame:
        self.frames.append((image, (tuple(models), cover, explainer)))
        if self.error is not None:
            raise self.error
        return LiveFrame(image, ((16, 12, 48, 36),), ROWS, 0.119)


def address(kind: str = "PNG") -> str:
    stream = io.BytesIO()
    Image.fromarray(np.full((48, 64, 3), 99, np.uint8)).save(stream, kind)
    content = base64.b64encode(stream.getvalue()).decode()
    return f"data:image/{kind.lower()};base64,{content}"


def answer(studio: FakeStudio, **data: Any) -> str:
    with gr.Blocks():
        sidebar = Sidebar(studio, words.TAB)
        tab = LiveTab(sidebar)
    choices = sidebar.choices
    values = {choice: choice.value for choice in choices.asked}
    values |= {choices.models: [*MODELS, "third.fake"], choices.occluder: "sunglasses"}
    values |= {choices.amount: 0.5, choices.seed: 11}
    return tab.frame(values, event(**data))


def test_a_frame_is_answered_under_its_own_number() -> None:
    studio = WatchingStudio()
    html = answer(studio, frame=address(), number=7)
    ((picture, asked),) = studio.frames
    np.testing.assert_array_equal(picture, np.full((48, 64, 3), 99))
    assert asked == (MODELS, Cover("sunglasses", 0.5, 11), "grad-cam")
    assert 'data-frame="7"' in html
    assert words.spent(119) in html
    assert "<output" in html


def test_boxes_are_shares_of_the_frame_and_the_first_is_marked() -> None:
    boxes = ((16.0, 12.0, 48.0, 36.0), (0.0, 0.0, 16.0, 24.0))
    html = seen(LiveFrame(np.zeros((48, 64, 3), np.uint8), boxes, ROWS, 0.1), 1)
    assert re.findall(r'class="(box[^"]*)" style="([^"]+)"', html) == [
        ("box first", "left:25.00%;top:25.00%;width:50.00%;height:50.00%"),
        ("box", "left:0.00%;top:0.00%;width:25.00%;height:50.00%"),
    ]
    assert "&lt;steady.fake&gt;" in html
    assert html.count("<article") == 2


def test_a_frame_without_a_face_says_so() -> None:
    html = seen(LiveFrame(np.zeros((4, 4, 3), np.uint8), (), (), 0.1), 2)
    assert words.NO_FACE in html
    assert 'data-frame="2"' in html


@pytest.mark.parametrize(
    "frame", ["", "file:///etc/passwd", "data:text/html;base64,AAAA", "data:image/png;base64,*"]
)
def test_what_is_no_frame_is_refused_but_counted(frame: str) -> None:
    with pytest.raises(ImageError):
        picture_bytes(frame)
    studio = WatchingStudio()
    html = answer(studio, frame=frame, number=4)
    assert "sent no picture" in html
    assert 'data-frame="4"' in html
    assert studio.frames == []


def test_an_error_is_a_sentence_and_the_camera_goes_on() -> None:
    html = answer(WatchingStudio(WeightsError("<damaged>")), frame=address(), number=5)
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
    rows = (ROWS[0], LiveRow("a.b", "A", View(prediction("fear"), None, crop().image), why))
    html = unescape(seen(LiveFrame(crop().image, (), rows, 0.1), 3))
    assert html.count("can't show A: it needs feature maps. Choose Occlusion sensitivity.") == 1
