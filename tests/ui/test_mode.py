"""What a host leaves out isn't on the page, and can't be asked past it."""

import gradio as gr
import pytest

from ferstudio.explain.explainer import explainer
from ferstudio.studio.menus import explainer_menu, occluder_menu
from ferstudio.ui import words
from ferstudio.ui.crowd import MOST_WAITING
from ferstudio.ui.mode import LITE_MODELS, LITE_PASSES, LITE_WAITING, Mode
from ferstudio.ui.page import TABS, build_app, tabs_of
from ferstudio.ui.sidebar import Sidebar
from tests.ui.fake_studio import FakeStudio

MANY = tuple("abcdefg")


def ids(app: gr.Blocks) -> set[str]:
    return {str(block.elem_id) for block in app.blocks.values() if block.elem_id}


def html(app: gr.Blocks) -> str:
    return "".join(str(b.value) for b in app.blocks.values() if isinstance(b, gr.HTML))


@pytest.mark.parametrize(
    ("mode", "left_out"),
    [
        (Mode(), set()),
        (Mode(lite=True), {"Robustness"}),
        (Mode(kiosk=True), {"Live"}),
        (Mode(lite=True, kiosk=True), {"Robustness", "Live"}),
    ],
)
def test_tabs_are_left_out(mode: Mode, left_out: set[str]) -> None:
    titles = [tab.title for tab in tabs_of(mode)]
    assert titles == [tab.title for tab in TABS if tab.title not in left_out]
    shown = [
        b.label for b in build_app(FakeStudio(), mode).blocks.values() if isinstance(b, gr.Tab)
    ]
    assert shown == titles


def test_a_class_brings_nothing_and_reads_so() -> None:
    usual, kiosk = build_app(FakeStudio()), build_app(FakeStudio(), Mode(kiosk=True))
    brings = {"upload", "camera", "sticker", "live-camera"}
    assert brings <= ids(usual)
    assert not brings & ids(kiosk)
    assert not [b for b in kiosk.blocks.values() if isinstance(b, gr.UploadButton)]
    assert words.KIOSK in html(kiosk)
    assert words.KIOSK not in html(usual)
    covers = occluder_menu()
    kept = {entry.name for entry in Mode(kiosk=True).occluders(covers)}
    assert {entry.name for entry in covers} - kept == {"sticker"}
    assert Mode(lite=True).occluders(covers) == covers


def test_a_weak_machine_says_what_it_leaves_out() -> None:
    lite = build_app(FakeStudio(), Mode(lite=True))
    assert "lite" in ids(lite)
    assert f"the first {LITE_MODELS} of the ticked models" in html(lite)
    assert "lite" not in ids(build_app(FakeStudio()))


def test_a_weak_machine_offers_quick_methods_only() -> None:
    offered = {entry.name for entry in Mode(lite=True).explainers(explainer_menu())}
    every = {entry.name for entry in explainer_menu()}
    assert "grad-cam" in offered
    assert all(explainer(name).passes <= LITE_PASSES for name in offered)
    assert all(explainer(name).passes > LITE_PASSES for name in every - offered)
    assert every - offered
    assert Mode().explainers(explainer_menu()) == explainer_menu()


def test_a_weak_machine_asks_few_networks_whatever_is_ticked() -> None:
    assert Mode(lite=True).asked(MANY) == MANY[:LITE_MODELS]
    assert Mode(lite=True).asked(["a", "a", "b"]) == ("a", "b")
    assert Mode().asked(MANY) == MANY
    with gr.Blocks():
        bar = Sidebar(FakeStudio(), "Compare", Mode(lite=True))
    values = {choice: choice.value for choice in bar.choices.asked}
    found = bar.selection({**values, bar.choices.models: list(MANY)})
    assert found.models == MANY[:LITE_MODELS]


def test_few_may_wait_for_a_weak_machine() -> None:
    assert Mode(lite=True).most_waiting == LITE_WAITING < Mode().most_waiting == MOST_WAITING
