"""What is said of a map of attention: what it favours, and what it avoids."""

from dataclasses import replace
from typing import Any

import pytest

from ferstudio.explain.face_parts import RegionShare
from ferstudio.sentences.attention import attention_verdict, attention_worth
from tests.ui.tabs.attention.attention_parts import EDGES
from tests.ui.tabs.attention.test_tab import report

BOTH = (
    "favours the eyes (20 % of it on 10 % of the picture) and avoids the mouth (1 % of it on 10 % "
    "of the picture)."
)


@pytest.mark.parametrize(
    ("lifts", "said"),
    [
        ({"mouth": 0.0, "eyes": 1.2}, "avoids the mouth (0 % of it on 10 % of the picture)."),
        (
            {"mouth": 0.1, "eyes": 2.0},
            BOTH,
        ),
        ({"mouth": 1.0, "eyes": 1.2}, "favours no part of the face."),
        ({"mouth": 1.5}, "favours the mouth (15 % of it on 10 % of the picture)."),
        (
            {"mouth": 0.3, "nose": 0.2, "brows": 0.1},
            "avoids the brows (1 % of it on 10 % of the picture) and the nose (2 % on 10 %).",
        ),
    ],
)
def test_favoured_and_avoided_parts_are_named(lifts: dict[str, float], said: str) -> None:
    regions = tuple(RegionShare(name, 0.1 * lift, 0.1) for name, lift in lifts.items())
    found = replace(report(EDGES), regions=regions)
    assert attention_verdict(found).outcome == f"its attention {said}"


@pytest.mark.parametrize(
    ("covered", "lead"), [(None, "<Net>"), (True, "Covered, <Net>"), (False, "Uncovered, <Net>")]
)
def test_it_says_which_face_it_is_about(covered: bool | None, lead: str) -> None:
    assert attention_verdict(report(EDGES), covered).lead == f"{lead} answers surprise:"


@pytest.mark.parametrize(
    ("measured", "said"),
    [
        ({}, ""),
        (
            {"n": 3396, "worth": 0.021, "ci95": [0.013, 0.029]},
            "Looking at the face gains it 2.1 points on 3,396 faces (1.3 to 2.9).",
        ),
        (
            {"n": 3396, "worth": -0.011, "ci95": [-0.02, -0.002]},
            "Looking at the face costs it 1.1 points on 3,396 faces (0.2 to 2.0).",
        ),
        (
            {"n": 3396, "worth": 0.0006, "ci95": [-0.0022, 0.0034]},
            "Its attention is worth nothing that shows on 3,396 faces: 0.1 points (−0.2 to 0.3).",
        ),
    ],
)
def test_what_attention_is_worth_is_said_with_its_interval(
    measured: dict[str, Any], said: str
) -> None:
    assert attention_worth(measured) == said
