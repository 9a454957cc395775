"""Sentences with numbers that the tabs share."""

import pytest

from ferstudio.studio.works import Standing
from ferstudio.ui import words


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (Standing(0.0, "", 0.1, None, 0), words.ASKING),
        (Standing(0.5, "Asking AGFER", 1.0, 1.0, 0), "Asking AGFER"),
        (Standing(0.2, "Asking AGFER", 3.0, 12.4, 0), "Asking AGFER · about 10 s left"),
        (Standing(0.9, "Asking AGFER", 3.0, 0.4, 0), "Asking AGFER"),
        (Standing(0.0, "", 3.0, None, 1), f"{words.ASKING} · 1 is before you"),
        (
            Standing(0.1, "Asking AGFER", 3.0, 200.0, 2),
            "Asking AGFER · about 3 min left · 2 are before you",
        ),
    ],
)
def test_who_waits_reads_how_it_stands(now: Standing, said: str) -> None:
    assert words.standing(now) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.6, "1 s"), (7.4, "7 s"), (13, "15 s"), (89, "90 s"), (90, "2 min"), (130, "2 min")],
)
def test_time_left_is_a_guess(seconds: float, said: str) -> None:
    assert words.time_left(seconds) == f"about {said}"


def test_what_is_quick_needs_no_word_about_its_cost() -> None:
    assert words.cost(1.2) == ""
    assert words.cost(21.0) == "For the ticked models it takes about 20 s."
