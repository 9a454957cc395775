"""A selection equals another that asks the same of the very same face."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from ferstudio.errors import UsageError
from ferstudio.occlusion.painted import PAINTED, Layer
from ferstudio.studio.selection import NONE, Cover, Selection
from ferstudio.types import FaceCrop

COVER = Cover("lower", 0.5, 3)
CHANGES: list[dict[str, Any]] = [
    {"cover": Cover("lower", 0.6, 3)},
    {"cover": Cover("lower", 0.5, 4)},
    {"cover": Cover("upper", 0.5, 3)},
    {"models": ("b",)},
    {"explainer": NONE},
    {"layer": "layer3"},
    {"target": "fear"},
    {"one_scale": True},
    {"label": "fear"},
]


def copy(crop: FaceCrop) -> FaceCrop:
    return replace(crop, image=crop.image.copy())


def test_the_same_of_the_same_face_is_equal_and_found(crop: FaceCrop) -> None:
    one, other = (Selection(crop, replace(COVER), ("a",)) for _ in range(2))
    assert one is not other
    assert one == other
    assert {one: "known"}[other] == "known"
    assert one != Selection(copy(crop), COVER, ("a",))


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_every_field_tells_two_apart(crop: FaceCrop, change: dict[str, Any]) -> None:
    one = Selection(crop, COVER, ("a",))
    assert replace(one, **change) != one
    assert len({one, replace(one, **change)}) == 2


def test_whatever_is_named_twice_is_asked_once(crop: FaceCrop) -> None:
    assert Selection(crop, models=("b", "a", "b") * 700).models == ("b", "a")


def test_a_layer_counts_as_itself_only(crop: FaceCrop) -> None:
    one, other = (Layer(PAINTED, np.ones((4, 4, 4), np.uint8)) for _ in range(2))
    painted = Selection(crop, Cover(PAINTED, layers=(one,)))
    assert painted == Selection(crop, Cover(PAINTED, layers=(one,)))
    assert painted != Selection(crop, Cover(PAINTED, layers=(other,)))


def test_another_cover_leaves_the_rest(crop: FaceCrop) -> None:
    one = Selection(crop, COVER, ("a",), NONE, "layer3", "fear", one_scale=True)
    assert one.covered_by(Cover()) == replace(one, cover=Cover())
    assert (Cover().bare, COVER.bare) == (True, False)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (("upper", 1.5, 3), r"upper must lie in \[0, 1\], not 1.5"),
        (("upper", -0.1, 3), "not -0.1"),
        (("upper", 0.5, -1), "seed .*from 0 on, not -1"),
    ],
)
def test_what_no_cover_can_be_is_refused(values: tuple[str, float, int], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        Cover(*values)
