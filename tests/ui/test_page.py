"""The page is built on demand, for whatever studio it is given."""

import importlib
import inspect
from dataclasses import replace
from html import escape

import gradio as gr

from ferstudio.studio.results import ModelSummary
from ferstudio.ui import page
from ferstudio.ui import words as text
from ferstudio.ui.page import TABS, TEMPORARY_FILES_S, build_app, launch_settings, top_bar
from ferstudio.ui.sidebar import PAPERS_MODELS
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
    assert [block.label for block in blocks if isinstance(block, gr.Tab)] == [t for t, _ in TABS]


def test_a_network_of_each_paper_is_ticked_first() -> None:
    class Full(FakeStudio):
        def models(self) -> tuple[ModelSummary, ...]:
            (model, *_) = super().models()
            names = ("resnet18.ferplus", "vgg16.ferplus", *PAPERS_MODELS, "acsinet.other")
            return tuple(replace(model, name=name) for name in names)

    def ticked(studio: FakeStudio) -> list[str]:
        blocks = build_app(studio).blocks.values()
        (models,) = [block for block in blocks if isinstance(block, gr.CheckboxGroup)]
        return list(models.value)

    assert ticked(Full()) == list(PAPERS_MODELS)
    assert ticked(FakeStudio()) == list(MODELS)


def test_building_the_page_asks_no_model() -> None:
    studio = FakeStudio()
    build_app(studio)
    assert studio.requests == []


def test_model_events_share_one_queue_and_nothing_calls_home() -> None:
    app = build_app(FakeStudio())
    (compare,) = [fn for fn in app.fns.values() if fn.name == "compare"]
    assert compare.concurrency_id == "models"
    assert compare.concurrency_limit == 1
    assert compare.trigger_mode == "always_last"
    assert app.analytics_enabled is False
    assert app.delete_cache == TEMPORARY_FILES_S


def test_the_bar_has_its_two_switches_with_names() -> None:
    bar = top_bar()
    assert bar.count("<button") == bar.count("title=") == 2
    assert text.THEME_TIP in bar


def test_launch_takes_every_setting() -> None:
    assert set(launch_settings()) <= set(inspect.signature(gr.Blocks.launch).parameters)


def test_importing_builds_nothing() -> None:
    before = set(gr.Blocks.get_instances())
    importlib.reload(page)
    assert set(gr.Blocks.get_instances()) <= before
