"""The Robustness tab: a study is shown as it grows, redrawn without asking, opened in Compare."""

import re
from collections.abc import Generator, Sequence
from dataclasses import replace
from typing import Any

import gradio as gr
import numpy as np
import pytest

from ferstudio.errors import UsageError
from ferstudio.labels import FERPLUS
from ferstudio.occlusion.occluder import Occluded
from ferstudio.studio.robustness import Robustness, RobustnessPlan
from ferstudio.studio.selection import Cover, Selection
from ferstudio.studio.sweep import Sweep
from ferstudio.ui import theme
from ferstudio.ui import words as text
from ferstudio.ui.page import build_app, turned
from ferstudio.ui.parts.bars import percent
from ferstudio.ui.parts.faces import ChosenFace
from ferstudio.ui.tabs.robustness import cards
from ferstudio.ui.tabs.robustness import words as text_robustness
from ferstudio.ui.tabs.robustness.figures import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    curves,
    places,
)
from ferstudio.ui.tabs.robustness.tab import MIX, RobustnessHandlers, opened
from tests.ui.events import event
from tests.ui.fake_studio import MODELS, SIZE, FakeStudio, crop, prediction

AMOUNTS = (0.5, 1.0)
TITLES = ("Steady", "<Fickle>")


def sweep(model: int, occluder: str, *kept: float) -> Sweep:
    """Return a sweep whose happiness has `kept` left at each amount; neutral gets the rest."""
    rows = np.zeros((len(kept), len(FERPLUS)), np.float32)
    rows[:, 1], rows[:, 0] = kept, 1 - np.array(kept)
    return Sweep(
        MODELS[model], TITLES[model], occluder, np.array(AMOUNTS), np.array([0.2, 0.4]), rows,
        prediction("happiness", 0.9),
    )  # fmt: skip


def plan(*occluders: str) -> RobustnessPlan:
    return RobustnessPlan(
        Selection(crop(), Cover(seed=11), MODELS), occluders or ("lower", "blur"), AMOUNTS
    )


def found(share_done: float = 1.0) -> Robustness:
    asked = plan()
    steady = (sweep(0, "lower", 0.8, 0.7), sweep(0, "blur", 0.9, 0.6))
    fickle = (sweep(1, "lower", 0.7, 0.3), sweep(1, "blur", 0.8, 0.55))
    clean = prediction("happiness", 0.9)
    return Robustness(asked, (clean, clean), (steady, fickle), share_done, "Asking <Fickle>")


def film(name: str) -> tuple[Occluded, ...]:
    mask = np.zeros((SIZE, SIZE), bool)
    return tuple(Occluded(crop(grey), mask, share) for grey, share in ((90, 0.2), (40, 0.4)))


def study(found: Robustness, titles: Sequence[str], chosen: str, amount: float) -> str:
    return cards.study(found, titles, chosen, amount, film)


def test_the_matrix_tells_probabilities_and_flips_at_the_amount() -> None:
    html = study(found(), TITLES, "lower", 1.0)
    cells = re.findall(
        r'class="(\w+)" style="--p:(\d+)%" data-occluder="(\w+)" data-amount="([\d.]+)"', html
    )
    assert cells == [
        ("held", "70", "lower", "1"),
        ("held", "60", "blur", "1"),
        ("flipped", "30", "lower", "1"),
        ("held", "55", "blur", "1"),
    ]
    assert ">30<small>neu</small></button>" in html
    assert "&lt;Fickle&gt;" in html
    assert "<Fickle>" not in html
    assert "flipped" not in study(found(), TITLES, "lower", 0.5)


def test_unknown_cells_are_empty_and_progress_is_told() -> None:
    begun = found(0.5)
    begun = replace(begun, sweeps=(begun.sweeps[0], (None, None)))
    html = study(begun, TITLES, "lower", 1.0)
    assert html.count('class="empty"') == 2
    assert 'aria-busy="true"' in html
    assert "width:50%" in html
    assert "Asking &lt;Fickle&gt;" in html
    nothing = replace(begun, sweeps=((None, None), (None, None)))
    assert "the models are being asked" in study(nothing, TITLES, "lower", 1.0)


def test_the_curves_are_those_of_the_chosen_cover_with_its_flips() -> None:
    html = study(found(), TITLES, "lower", 1.0)
    assert text_robustness.curves_heading("the bar over the lower third") in html
    assert html.count("<polyline") == 2
    assert html.count("<circle") == 1
    assert f"{text_robustness.HOLDS} · area 80" in html
    assert text_robustness.SHARE_AXIS in html
    assert text_robustness.AMOUNT_AXIS in study(found(), TITLES, "blur", 1.0)
    assert "<polyline" in study(found(), TITLES, "sunglasses", 1.0)


def test_points_lie_where_the_numbers_say() -> None:
    own = sweep(1, "lower", 0.7, 0.3)
    svg = curves([own])
    (points,) = re.findall(r'<polyline points="([^"]+)"', svg)
    width, height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    expected = [
        (LEFT + width * share / 0.4, TOP + height * (1 - kept))
        for share, kept in ((0, 0.9), (0.2, 0.7), (0.4, 0.3))
    ]
    found_points = [tuple(float(v) for v in pair.split(",")) for pair in points.split()]
    np.testing.assert_allclose(found_points, expected, atol=0.06)
    assert places(own) == pytest.approx([x for x, _ in expected])
    ((cx, cy),) = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', svg)
    assert float(cx) == pytest.approx(LEFT + width * 0.3 / 0.4, abs=0.06)  # halves at 0.5 : 0.5
    assert float(cy) == pytest.approx(TOP + height * 0.5, abs=0.06)


def test_the_film_runs_from_clean_to_covered() -> None:
    html = study(found(), TITLES, "lower", 1.0)
    film = html.partition('class="card film"')[2]
    assert re.findall(r"<figcaption>([^<]+)<", film) == [percent(s) for s in (0, 0.2, 0.4)]
    assert film.count(" hidden>") == 2
    assert 'max="2"' in film


class StudyingStudio(FakeStudio):
    """Knows half of a study, then all of it."""

    def __init__(self, error: Exception | None = None) -> None:
        super().__init__(error=error)
        self.asked: list[RobustnessPlan] = []

    def robustness(self, plan: RobustnessPlan) -> Generator[Robustness, None, None]:
        self.asked.append(plan)
        if self.error is not None:
            raise self.error
        yield found(0.5)
        yield found()

    def film(self, plan: RobustnessPlan, occluder: str) -> tuple[Occluded, ...]:
        return film(occluder)


def run(
    studio: FakeStudio,
    face: ChosenFace | None,
    *,
    tab: str = text_robustness.TAB,
    last: Robustness | None = None,
    kind: str = "",
    models: tuple[str, ...] = MODELS,
    cover: str = "lower",
) -> list[Any]:
    choices = (kind, face, list(models), cover, 0.5, 11, "grad-cam", ())
    return list(RobustnessHandlers(studio).run(tab, last, *choices))


def test_a_study_is_shown_as_it_grows() -> None:
    studio, face = StudyingStudio(), ChosenFace(crop())
    (half, first), (whole, second) = run(studio, face)
    assert (half.share_done, whole.share_done) == (0.5, 1)
    assert 'aria-busy="true"' in first
    assert 'aria-busy="false"' in second
    (asked,) = studio.asked
    assert asked.crop is face.crop
    assert (asked.models, asked.occluders, asked.selection.cover.seed) == (MODELS, MIX, 11)


@pytest.mark.parametrize(
    ("kind", "cover", "first", "last"),
    [
        ("bars", "lower", "upper", "grid"),
        ("bars", "hand", "upper", "hand"),
        ("", "grid", "upper", "grid"),
    ],
)
def test_the_chosen_cover_is_always_tried(kind: str, cover: str, first: str, last: str) -> None:
    studio = StudyingStudio()
    run(studio, ChosenFace(crop()), kind=kind, cover=cover)
    (asked,) = studio.asked
    assert (asked.occluders[0], asked.occluders[-1]) == (first, last)
    assert len(set(asked.occluders)) == len(asked.occluders)


def test_what_is_answered_already_isnt_asked_again() -> None:
    studio, face = StudyingStudio(), ChosenFace(crop())
    run(studio, face)
    wide = tuple((row[0],) * len(MIX) for row in found().sweeps)
    last = replace(found(), plan=studio.asked[0], sweeps=wide)
    ((kept, html),) = run(studio, face, last=last)
    assert kept is last
    assert "<table" in html
    run(studio, face, last=replace(last, share_done=0.5))
    run(studio, ChosenFace(crop()), last=last)
    assert len(studio.asked) == 3


def test_redrawing_asks_nobody() -> None:
    studio = StudyingStudio()
    handlers = RobustnessHandlers(studio)
    lower, blur = (handlers.redraw(found(), name, 1.0) for name in ("lower", "blur"))
    assert lower != blur
    assert handlers.redraw(None, "lower", 1.0) == gr.skip()
    assert studio.asked == []


@pytest.mark.parametrize(
    ("face", "models", "words"),
    [(None, MODELS, text.NO_FACE_YET), (ChosenFace(crop()), (), text.NO_MODEL_CHOSEN)],
)
def test_what_is_missing_is_asked_for(
    face: ChosenFace | None, models: tuple[str, ...], words: str
) -> None:
    ((_, html),) = run(StudyingStudio(), face, models=models)
    assert words in html


def test_an_error_is_a_sentence_and_another_tab_costs_nothing() -> None:
    studio = StudyingStudio(error=UsageError("Choose <fewer>."))
    ((last, html),) = run(studio, ChosenFace(crop()))
    assert last is None
    assert "Choose &lt;fewer&gt;." in html
    assert run(studio, ChosenFace(crop()), tab=text.COMPARE_TAB) == [(gr.skip(), gr.skip())]


def test_a_cell_opens_in_compare() -> None:
    assert opened(event(occluder="hand", amount=0.75)) == (
        "hand", 0.75, text.COMPARE_TAB, text.COMPARE_TAB,
    )  # fmt: skip
    tabs, wanted = turned(text.COMPARE_TAB)
    assert tabs.selected == text.COMPARE_TAB
    assert wanted == ""
    assert turned("") == (gr.skip(), "")


def test_the_tab_can_be_stopped_and_shares_the_queue() -> None:
    app = build_app(FakeStudio())
    (running,) = [fn for fn in app.fns.values() if fn.name == "run"]
    assert running.concurrency_id == "models"
    assert any(running._id in fn.cancels for fn in app.fns.values())
    assert "data-occluder" in theme.robustness_js()
