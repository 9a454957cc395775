"""A study becomes HTML: matrix, curves with their flips, and the film."""

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from ferstudio.sentences.sentence import short_percent
from ferstudio.studio.robustness import Robustness
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
from tests.ui.tabs.robustness.study_parts import TITLES, film, found, sweep


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
