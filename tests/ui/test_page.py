"""The page is built on demand, for whatever studio it is given."""

import importlib
import inspect
from collections import Counter
from dataclasses import replace
from html import escape

import gradio as gr

from ferstudio.lessons.lesson import PAPERS_NETWORKS
from ferstudio.studio.results import ModelSummary
from ferstudio.ui import page, words
from ferstudio.ui.endpoints.endpoints import NAMES
from ferstudio.ui.mode import Mode
from ferstudio.ui.page import (
    QUEUED,
    TABS,
    TEMPORARY_FILES_S,
    build_app,
    launch_settings,
    shown_tab,
    turned,
)
from ferstudio.ui.templates import render
from tests.ui.fake_studio import MODELS, FakeStudio


def test_the_page_offers_the_studios_models_occluders_and_tabs() -> None:
    studio = FakeStudio()
    app = build_app(studio)
    blocks = list(app.blocks.values())
    (models,) = [block for block in blocks if isinstance(block, gr.CheckboxGroup)]
    assert [value for _, value in models.choices] == list(MODELS)
    assert models.value == list(MODELS)
    templates = "".join(block.html_template for block in blocks if isinstance(block, gr.HTML))
    for thing in studio.occluders():
        assert f'data-value="{escape(thing.name)}"' in templates
    shown = [block.label for block in blocks if isinstance(block, gr.Tab)]
    assert shown == [tab.title for tab in TABS]


def test_a_network_of_each_paper_is_ticked_first() -> None:
    class Full(FakeStudio):
        def models(self) -> tuple[ModelSummary, ...]:
            (model, *_) = super().models()
            names = ("resnet18.ferplus", "vgg16.ferplus", *PAPERS_NETWORKS, "acsinet.other")
            return tuple(replace(model, name=name) for name in names)

    def ticked(studio: FakeStudio) -> list[str]:
        blocks = build_app(studio).blocks.values()
        (models,) = [block for block in blocks if isinstance(block, gr.CheckboxGroup)]
        return list(models.value)

    assert ticked(Full()) == list(PAPERS_NETWORKS)
    assert ticked(FakeStudio()) == list(MODELS)


def test_building_the_page_asks_no_model() -> None:
    studio = FakeStudio()
    build_app(studio)
    assert studio.requests == []


def test_nobody_queues_for_networks_at_the_door_and_nothing_calls_home() -> None:
    app = build_app(FakeStudio())
    asking = [fn for fn in app.fns.values() if fn.name in ("ask", "follow", "frame", "time")]
    assert [fn.concurrency_limit for fn in asking] == [None] * 4
    assert launch_settings()["max_threads"] >= 100
    assert app.analytics_enabled is False
    assert app.delete_cache == TEMPORARY_FILES_S


def test_nothing_can_be_called_but_what_is_documented_and_no_queue_is_endless() -> None:
    app = build_app(FakeStudio())
    config = app.get_config_file()
    public = [each for each in config["dependencies"] if each["api_visibility"] != "private"]
    assert {each["api_name"] for each in public} == set(NAMES)
    assert set(app.get_api_info()["named_endpoints"]) == {f"/{name}" for name in NAMES}
    for mode in (Mode(lite=True), Mode(kiosk=True)):
        assert build_app(FakeStudio(), mode).get_api_info()["named_endpoints"] == {}
    assert not app.api_open
    assert app._queue.max_size == QUEUED


def test_no_event_has_two_listeners_of_which_one_may_wait() -> None:
    app = build_app(FakeStudio())
    states = {block._id for block in app.blocks.values() if isinstance(block, gr.State)}
    events = Counter(
        target for fn in app.fns.values() for target in fn.targets if target[0] not in states
    )
    shared = {target for target, count in events.items() if count > 1}
    assert shared == set()


def test_every_choice_and_option_tells_of_its_change_and_one_listener_asks() -> None:
    app = build_app(FakeStudio())
    (told,) = [fn for fn in app.fns.values() if len(fn.targets) > 1]
    assert told.fn is None
    assert "ferstudio.changed()" in str(told.js)
    ids = {block.elem_id: block._id for block in app.blocks.values() if block.elem_id}
    changing = {target for target, _ in told.targets}
    for name in (
        "samples",
        "occluders",
        "amount",
        "seed",
        "models",
        "explainers",
        "scale",
        "ask",
        "inside-picture",
        "why-target",
        "why-layer",
        "robust-group",
        "space-kind",
    ):
        assert ids[name] in changing
    (asking,) = [fn for fn in app.fns.values() if fn.name == "ask"]
    assert asking.targets == [(ids["changes"], "submit")]
    assert asking.trigger_mode == "always_last"


def test_the_tab_that_is_turned_to_is_the_one_in_view() -> None:
    app = build_app(FakeStudio())
    (turning,) = (fn for fn in app.fns.values() if fn.fn is turned)
    tabs, view, wanted = turning.outputs
    shown = dict(zip((tabs, view, wanted), turned(TABS[2].title), strict=True))
    assert shown[view] == TABS[2].title
    assert shown[wanted] == ""
    (clicked,) = (fn for fn in app.fns.values() if fn.fn is shown_tab)
    assert clicked.outputs == [view]
    assert turned("") == (gr.skip(), gr.skip(), "")


def test_the_bar_has_its_buttons_with_names() -> None:
    bar = render("top_bar.html", words=words)
    assert bar.count("<button") == bar.count("title=") == 5
    assert words.THEME_TIP in bar


def test_launch_takes_every_setting() -> None:
    assert set(launch_settings()) <= set(inspect.signature(gr.Blocks.launch).parameters)


def test_importing_builds_nothing() -> None:
    before = set(gr.Blocks.get_instances())
    importlib.reload(page)
    assert set(gr.Blocks.get_instances()) <= before
