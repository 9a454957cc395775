"""The address keeps all choices but the visitor's own picture, and sets them again."""

from typing import Any
from urllib.parse import parse_qs

import gradio as gr
import pytest

from ferstudio.occlusion.occluder import Need
from ferstudio.ui.address import Address
from ferstudio.ui.events import Updates
from ferstudio.ui.page import TABS
from ferstudio.ui.parts.faces import Photo
from ferstudio.ui.sidebar import Sidebar
from ferstudio.ui.tabs.explain.tab import layer_named
from tests.ui.events import event
from tests.ui.fake_studio import MODELS, FakeStudio, crop


class Page:
    """A sidebar, all tabs and an address."""

    def __init__(self) -> None:
        with gr.Blocks():
            self.sidebar = Sidebar(FakeStudio(), TABS[0].title)
            self.tabs: dict[str, Any] = {tab.title: tab(self.sidebar) for tab in TABS}
            self.address = Address(self.sidebar, {n: tab.kept for n, tab in self.tabs.items()})
        self.choices = self.sidebar.choices
        self.values: dict[Any, Any] = {each: each.value for each in self.address.components}

    def restored(self, query: str, photo: Photo | None = None) -> Updates:
        return self.address.restore(photo, event(query=query))


@pytest.fixture
def page() -> Page:
    return Page()


def test_at_first_it_says_nothing_and_nothing_sets_all_as_at_first(page: Page) -> None:
    assert page.address.written(page.values) == ""
    restored = page.restored("")
    assert {each: restored[each] for each in page.values} == page.values


def test_what_was_chosen_is_set_again(page: Page) -> None:
    choices, tabs = page.choices, page.tabs
    chosen = {
        choices.view: "Feature space",
        choices.samples: "fear",
        choices.occluder: "hottest",
        choices.amount: 0.35,
        choices.seed: 11,
        choices.models: [MODELS[1]],
        choices.explainer: "none",
        choices.scale: "one",
        choices.chosen: MODELS[1],
        tabs["Attention"].picture: "clean",
        tabs["Attention"].off: "layer1.0.se",
        tabs["Explain"].target: "anger",
        tabs["Compare"].why_covered: (MODELS[0],),
        tabs["Explain"].face: "clean",
        tabs["Robustness"].group: "bars",
        tabs["Robustness"].column: ("hottest", "lower"),
        tabs["Feature space"].second: MODELS[0],
        tabs["Feature space"].kind: "pca",
    }
    query = page.address.written({**page.values, **chosen})
    assert parse_qs(query)["cover"] == ["hottest"]
    assert "fear" in query
    restored = page.restored(query)
    assert {each: restored[each] for each in chosen} == chosen
    assert restored[choices.goto] == "Feature space"
    assert restored[choices.amounts].group is Need.HEAT
    kept = {**page.values, **chosen}
    assert page.address.written({**kept, **{each: restored[each] for each in kept}}) == query


def test_no_model_is_a_choice_too(page: Page) -> None:
    query = page.address.written({**page.values, page.choices.models: []})
    assert query == "models="
    assert page.restored(query)[page.choices.models] == []


@pytest.mark.parametrize(
    "query",
    [
        "face=joy",
        "cover=hat",
        "amount=2",
        "amount=much",
        "amount=nan",
        "seed=-1",
        "seed=1e9",
        "seed=99999999999999999999",
        "heat=guess",
        "scale=two",
        "tab=Latin",
        "model=vgg99",
        "explain.target=boredom",
        "explain.layer=<script>",
        "attention.picture=both",
        "explain.parts=neither",
        "robustness.column=blur",
        "compare.why=,",
        "colour=red",
        "&&==&",
    ],
)
def test_what_makes_no_sense_sets_nothing(page: Page, query: str) -> None:
    restored = page.restored(query)
    assert {each: restored[each] for each in page.values} == page.values


def test_an_unknown_model_is_left_out(page: Page) -> None:
    assert page.restored(f"models={MODELS[1]},vgg99")[page.choices.models] == [MODELS[1]]


def test_the_photograph_stays_with_the_visit(page: Page) -> None:
    query = page.address.written({**page.values, page.choices.samples: ""})
    assert query == "face=own"
    assert page.restored(query, Photo(crop()))[page.choices.samples] == ""
    assert page.restored(query)[page.choices.samples] == page.choices.samples.value


def test_a_layer_is_chosen_before_the_menu_offers_it() -> None:
    menu = layer_named("backbone.block5")
    assert menu.value == "backbone.block5"
    with pytest.raises(ValueError, match="drop table"):
        layer_named("drop table")


def test_every_option_of_a_tab_that_can_be_linked_is_kept(page: Page) -> None:
    kept = set(page.address.components)
    left = {
        (title, type(option).__name__)
        for title, tab in page.tabs.items()
        for option in tab.options
        if option not in kept
    }
    assert left <= {("Benchmark", "State")}  # the seconds that were timed here
