"""A study becomes HTML: matrix, curves with their flips, and the film."""

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from ferstudio.occlusion.occluder import Need
from ferstudio.sentences.face import NO_FACE
from ferstudio.sentences.sentence import short_percent
from ferstudio.studio.robustness import Robustness, RobustnessPlan
from ferstudio.studio.selection import Selection
from ferstudio.ui.parts.face_note import FaceNote
from ferstudio.ui.tabs.robustness import cards, words
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
from tests.ui.fake_studio import MODELS, crop
from tests.ui.tabs.robustness.study_parts import AMOUNTS, TITLES, film, found, plan, sweep


def study(found: Robustness, titles: Sequence[str], chosen: str, amount: float) -> str:
    names = found.plan.occluders
    shown = cards.Shown(dict.fromkeys(names, amount), chosen, names, FaceNote("", ""))
    return cards.study(found, titles, shown, film)


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
    assert words.curves_heading("the bar over the lower third") in html
    assert html.count("<polyline") == 2
    assert html.count("<circle") == 1
    assert f"{words.HOLDS} · area 80" in html
    assert words.SHARE_AXIS in html
    assert words.AMOUNT_AXIS in study(found(), TITLES, "blur", 1.0)
    assert "<polyline" in study(found(), TITLES, "sunglasses", 1.0)


def test_points_lie_where_the_numbers_say() -> None:
    own = sweep(1, "lower", 0.7, 0.3)
    (line,) = curves([own]).lines
    width, height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    expected = [
        (LEFT + width * share / 0.4, TOP + height * (1 - kept))
        for share, kept in ((0, 0.9), (0.2, 0.7), (0.4, 0.3))
    ]
    points = [tuple(float(v) for v in pair.split(",")) for pair in line.points.split()]
    np.testing.assert_allclose(points, expected, atol=0.06)
    assert places(own) == pytest.approx([x for x, _ in expected])
    halves = (LEFT + width * 0.3 / 0.4, TOP + height * 0.5)  # 0.5 : 0.5
    assert line.flip == pytest.approx(halves, abs=0.06)


def test_the_film_runs_from_clean_to_covered() -> None:
    html = study(found(), TITLES, "lower", 1.0)
    film = html.partition('class="card film"')[2]
    assert re.findall(r"<figcaption>([^<]+)<", film) == [short_percent(s) for s in (0, 0.2, 0.4)]
    assert film.count(" hidden>") == 2
    assert 'max="2"' in film


def test_each_column_is_a_click_away_and_the_shown_one_is_marked() -> None:
    html = study(found(), TITLES, "blur", 1.0)
    heads = re.findall(r'data-column="(\w+)"[^>]*aria-pressed="(\w+)"', html)
    assert heads == [("lower", "false"), ("blur", "true")]


def test_the_matrix_says_how_much_of_each_kind_of_cover_it_shows() -> None:
    names = ("lower", "hottest")
    steady, fickle = (
        (sweep(row, "lower", 0.8, 0.3), sweep(row, "hottest", 0.8, 0.3)) for row in (0, 1)
    )
    both = replace(found(), plan=plan(*names), sweeps=(steady, fickle))
    shown = cards.Shown({"lower": 0.9, "hottest": 0.4}, "lower", names, FaceNote("", ""))
    html = cards.study(both, TITLES, shown, film)
    amounts = [words.amount_of(None, "100\xa0%"), words.amount_of(Need.HEAT, "50\xa0%")]
    assert words.cell_note(amounts) in html
    cells = re.findall(r'data-occluder="(\w+)" data-amount="([\d.]+)"', html)
    assert cells == [("lower", "1"), ("hottest", "0.5")] * 2


def test_the_film_s_marker_begins_on_the_axis() -> None:
    html = study(found(), TITLES, "lower", 1.0)
    assert f'<line class="now" x1="{LEFT}" x2="{LEFT}"' in html
    assert f">{words.PROBABILITY_AXIS}</text>" in html


def test_the_headline_says_that_there_is_no_face() -> None:
    asked = replace(crop(), shows_face=False)
    selection = Selection(asked, models=MODELS)
    nobody = replace(found(), plan=RobustnessPlan(selection, ("lower", "blur"), AMOUNTS))
    assert NO_FACE.lead in study(nobody, TITLES, "lower", 1.0)


def test_a_study_that_was_stopped_before_the_first_answer_can_say_so() -> None:
    nothing = replace(found(0.0), sweeps=tuple((None,) * 2 for _ in TITLES))
    assert words.NOTHING_KNOWN in study(nothing, TITLES, "lower", 1.0)
    assert words.NOTHING_KNOWN not in study(found(), TITLES, "lower", 1.0)
