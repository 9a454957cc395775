"""What a visitor takes away from each tab, and what a report holds."""

import base64
import csv
import io
import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from ferstudio.keep.recipe import read_recipe
from ferstudio.sentences.face import NO_FACE
from ferstudio.studio.selection import Cover, Selection
from ferstudio.studio.studio import Studio
from ferstudio.ui.keep import words
from ferstudio.ui.keep.bar import KeepBar
from ferstudio.ui.keep.files import MAKERS, Shown
from ferstudio.ui.keep.keeping import Keeps
from ferstudio.ui.keep.report import report
from ferstudio.ui.page import TABS
from ferstudio.ui.sidebar import Sidebar
from ferstudio.ui.words import NO_MODEL_CHOSEN
from tests.studio_parts import FakeDetector

DAY = date(2026, 1, 2)
MODELS = ["resnet18.test", "acsinet.test"]
KEPT = [tab.title for tab in TABS if hasattr(tab, "keeping")]


@pytest.fixture(scope="module")
def studio(shelf: Path) -> Studio:
    return Studio(shelf, detector=FakeDetector())


@pytest.fixture(scope="module")
def sidebar_and_bar(studio: Studio) -> tuple[Sidebar, KeepBar]:
    with gr.Blocks():
        sidebar = Sidebar(studio, TABS[0].title)
        tabs = [tab(sidebar) for tab in TABS]
        return sidebar, KeepBar(sidebar, tabs)


def saved(
    sidebar_and_bar: tuple[Sidebar, KeepBar], kind: str, tab: str, models: list[str] = MODELS
) -> tuple[dict[str, str], str]:
    """Return name, media type and content of a file, and what is said."""
    sidebar, bar = sidebar_and_bar
    choices = sidebar.choices
    values: dict[Any, Any] = {each: each.value for each in choices.asked}
    values |= {option: option.value for each in bar._tabs.values() for option in each.options}
    values |= {choices.view: tab, choices.models: models, choices.amount: 0.5}
    first, last = bar.save(kind, values)
    assert first == {bar.file: "", bar.note: words.MAKING}  # the same file is given again, too
    told = dict(re.findall(r'data-(\w+)="([^"]*)"', str(last.get(bar.file, ""))))
    return told, str(last[bar.note])


def content(told: dict[str, str]) -> bytes:
    return base64.b64decode(told["content"])


@pytest.mark.slow
@pytest.mark.parametrize("tab", [title for title in KEPT if title != "Feature space"])
def test_every_tab_gives_pictures_and_numbers(
    sidebar_and_bar: tuple[Sidebar, KeepBar], tab: str
) -> None:
    png, said = saved(sidebar_and_bar, "png", tab)
    assert said == words.saved(png["file"])
    assert png["file"].startswith(
        f"ferstudio-{tab.split(maxsplit=1)[0].lower()}-surgical-mask-0.5-"
    )
    assert Image.open(io.BytesIO(content(png))).format == "PNG"
    svg, _ = saved(sidebar_and_bar, "svg", tab)
    assert content(svg).startswith(b"<?xml") and b"</svg>" in content(svg)
    table, _ = saved(sidebar_and_bar, "csv", tab)
    rows = list(csv.DictReader(io.StringIO(content(table).decode())))
    assert all("model" in row for row in rows)
    assert rows or tab == "Benchmark"  # these weights were never measured
    numbers, _ = saved(sidebar_and_bar, "json", tab)
    told = json.loads(content(numbers))
    assert len(told["rows"]) == len(rows)
    assert [each.model for each in read_recipe(content(numbers)).answers] == MODELS


def test_what_keeps_nothing_says_so(sidebar_and_bar: tuple[Sidebar, KeepBar]) -> None:
    _, bar = sidebar_and_bar
    for tab in bar._tabs.values():
        if not isinstance(tab, Keeps):
            assert saved(sidebar_and_bar, "png", tab.title) == ({}, words.NOTHING_KEPT)


@pytest.mark.parametrize("kind", ["png", "csv", "report"])
def test_without_a_model_there_is_nothing(
    sidebar_and_bar: tuple[Sidebar, KeepBar], kind: str
) -> None:
    assert saved(sidebar_and_bar, kind, "Compare", models=[]) == ({}, NO_MODEL_CHOSEN)


def test_a_defect_is_no_traceback(
    sidebar_and_bar: tuple[Sidebar, KeepBar], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(shown: Shown) -> Any:
        raise ZeroDivisionError

    monkeypatch.setitem(MAKERS, "csv", fail)
    told, said = saved(sidebar_and_bar, "csv", "Compare")
    assert told == {} and "ZeroDivision" not in said


@pytest.mark.parametrize("cover", [Cover("sunglasses", 0.5, 11), Cover("none", 0.0)])
def test_a_report_needs_nothing_else(studio: Studio, cover: Cover) -> None:
    selection = Selection(studio.sample("fear"), cover, tuple(MODELS), label="<fear>")
    html = report(studio, selection, DAY)
    places = re.findall(r'(?:\b(?:src|href)="|url\()([^")]+)', html)
    assert places and all(place.startswith(("data:", "#")) for place in places)
    assert "<link" not in html and html.startswith("<!doctype html>")
    assert "2026-01-02" in html and "&lt;fear&gt;" in html
    for name in MODELS:
        for checksum in studio.checksums(name):
            assert checksum in html
    assert "Selvaraju" in html  # the method's source
    assert ("<h2>Robustness</h2>" in html) is not cover.bare
    assert "<h2>Attention" in html
    recipe = read_recipe(html.encode())
    found = studio.compare(selection)
    assert recipe.answers[0].clean == dict(
        zip(
            found.rows[0].clean.prediction.labels,
            found.rows[0].clean.prediction.probabilities.tolist(),
            strict=True,
        )
    )


def test_a_report_on_a_picture_without_a_face_says_so_first(studio: Studio) -> None:
    middle = studio.crop(np.full((64, 80, 3), 99, np.uint8), None)
    html = report(studio, Selection(middle, Cover("none", 0.0), tuple(MODELS)), DAY)
    assert str(NO_FACE.lead) in html and NO_FACE.outcome in html
    assert "On the uncovered face" not in html


def test_a_signature_says_all_that_was_chosen(studio: Studio) -> None:
    selection = Selection(studio.sample("fear"), Cover("upper", 0.25, 3), ("a.b", "c.d"))

    def nothing() -> Any:
        raise AssertionError

    shown = Shown(studio, "Feature space", selection, nothing, DAY)
    said = shown.signature()
    for part in ("Feature space", "2026-01-02", "own face", "upper 0.25", "seed 3", "a.b, c.d"):
        assert part in said
    assert shown.name("png") == "ferstudio-feature-upper-0.25-2026-01-02.png"
