"""Tabs as the page lays them out, and what they are asked."""

from collections.abc import Callable
from typing import Any, TypeVar

import gradio as gr

from ferstudio.studio.selection import Cover, Selection
from ferstudio.studio.works import Watch, unwatched
from ferstudio.ui.dispatch import Question, Tab
from ferstudio.ui.events import Updates, Values
from ferstudio.ui.mode import Mode
from ferstudio.ui.sidebar import Sidebar
from tests.ui.fake_studio import MODELS, FakeStudio, crop

AnyTab = TypeVar("AnyTab", bound=Tab)


def laid_out(
    tab: Callable[[Sidebar], AnyTab],
    studio: FakeStudio,
    mode: Mode = Mode(),  # noqa: B008  it is frozen
) -> AnyTab:
    """Return a tab beside a sidebar that asks `studio`."""
    with gr.Blocks():
        return tab(Sidebar(studio, "Compare", mode))


def selection(cover: str = "sunglasses", models: tuple[str, ...] = MODELS) -> Selection:
    """Return the made-up face under half of a cover."""
    return Selection(crop(), Cover(cover, 0.5, 11), models)


def options_of(tab: Tab, **chosen: Any) -> Values:
    """Return a tab's options, those that are named as they are given, the others as at first."""
    named = {getattr(tab, name): value for name, value in chosen.items()}
    return {option: named.get(option, option.value) for option in tab.options}


def answers(
    tab: Tab, asked: Selection | None = None, watch: Watch = unwatched, **chosen: Any
) -> list[Updates]:
    """Return all that a tab answers, in order."""
    return list(tab.answer(Question(asked or selection(), options_of(tab, **chosen), watch)))
