"""A sweep's numbers against hand-computed ones."""

from collections.abc import Sequence

import numpy as np
import pytest

from ferstudio.occlusion.occluder import Group, list_occluders, occluder
from ferstudio.studio.sweep import Flip, Sweep
from ferstudio.types import FaceCrop, Prediction
from tests.studio_parts import picture

LABELS = ("happiness", "neutral", "fear")


def sweep(
    rows: Sequence[Sequence[float]],
    shares: Sequence[float] = (),
    clean: Sequence[float] = (0.8, 0.1, 0.1),
) -> Sweep:
    steps = len(rows)
    probabilities = np.array(clean, np.float32)
    return Sweep(
        model="a.x",
        title="A",
        occluder="lower",
        amounts=np.arange(1, steps + 1) / steps,
        shares=np.array(shares or [(i + 1) / (2 * steps) for i in range(steps)]),
        probabilities=np.array(rows, np.float32),
        clean=Prediction(LABELS, probabilities, probabilities),
    )


HOLDS = [(0.7, 0.2, 0.1), (0.5, 0.3, 0.2)]
FALLS = [(0.6, 0.3, 0.1), (0.5, 0.4, 0.1), (0.2, 0.5, 0.3), (0.1, 0.2, 0.7)]


def test_the_curve_starts_with_the_clean_face() -> None:
    found = sweep(FALLS, (0.1, 0.1, 0.3, 0.4))
    assert found.target == "happiness"
    np.testing.assert_allclose(found.levels, [0, 0.25, 0.5, 0.75, 1])
    np.testing.assert_allclose(found.covered, [0, 0.1, 0.1, 0.3, 0.4])
    np.testing.assert_allclose(found.curve, [0.8, 0.6, 0.5, 0.2, 0.1], rtol=1e-6)
    assert found.answers == ("happiness", "happiness", "neutral", "fear")


def test_the_area_is_that_of_trapezoids() -> None:
    # 0.25 x ((0.8 + 0.6) + (0.6 + 0.5) + (0.5 + 0.2) + (0.2 + 0.1)) / 2
    assert sweep(FALLS).area == pytest.approx(0.4375)
    assert sweep([(1, 0, 0)] * 3, clean=(1, 0, 0)).area == pytest.approx(1)
    uneven = sweep(HOLDS)
    object.__setattr__(uneven, "amounts", np.array([0.2, 1.0]))
    assert uneven.area == pytest.approx(0.2 * 0.75 + 0.8 * 0.6)


def test_the_flip_lies_where_the_margin_meets_zero() -> None:
    # margins 0.1 at amount 0.5 and -0.3 at 0.75: a quarter of the way
    flip = sweep(FALLS, (0.1, 0.1, 0.3, 0.4)).flip
    assert flip is not None
    assert flip.amount == pytest.approx(0.5625)
    assert flip.share == pytest.approx(0.15)
    assert flip.answer == "neutral"


def test_the_flip_may_come_before_the_first_amount() -> None:
    # margins 0.7 on the clean face and -0.7 at amount 0.5
    flip = sweep([(0.1, 0.1, 0.8), (0.9, 0.1, 0)], (0.4, 0.6)).flip
    assert flip is not None
    assert (flip.amount, flip.share) == pytest.approx((0.25, 0.2))
    assert flip.answer == "fear"


def test_what_holds_has_no_flip() -> None:
    assert sweep(HOLDS).flip is None


def test_a_tie_is_decided_as_in_a_prediction() -> None:
    assert sweep([(0.4, 0.4, 0.2)]).flip is None  # the first label is the answer
    tied = sweep([(0.4, 0.4, 0.2), (0.4, 0.4, 0.2)], clean=(0.1, 0.8, 0.1))
    assert tied.flip is not None
    assert tied.flip.amount == pytest.approx(0.5)  # from margin 0.7 down to 0
    level = sweep([(0.4, 0.2, 0.4), (0.4, 0.2, 0.4)], clean=(0.2, 0.4, 0.4))
    assert level.target == "neutral"
    assert level.flip == Flip(0.0, 0.0, "happiness")


def test_what_covers_all_at_once_flips_at_an_amount() -> None:
    found = sweep(FALLS, (1, 1, 1, 1))
    assert not found.by_share
    assert found.flip is not None
    assert found.flip.amount == pytest.approx(0.5625)
    assert found.flip.share is None
    assert sweep(FALLS, (0.9, 1, 1, 1)).by_share


@pytest.mark.parametrize(
    ("asked", "amount", "answer"),
    [(0.0, 0.0, "happiness"), (0.1, 0.0, "happiness"), (0.7, 0.75, "neutral"), (1.0, 1.0, "fear")],
)
def test_the_nearest_amount_answers(asked: float, amount: float, answer: str) -> None:
    found = sweep(FALLS, (0.1, 0.1, 0.3, 0.4))
    cell = found.at(asked)
    place = [0, 0.25, 0.5, 0.75, 1].index(amount)
    assert (cell.amount, cell.answer, cell.target) == (amount, answer, "happiness")
    assert cell.share == found.covered[place]
    assert cell.probability == found.curve[place]
    assert cell.flipped == (answer != "happiness")


def test_a_worse_picture_covers_all_at_once() -> None:
    crop = FaceCrop(picture(1, 64, 64), None, np.eye(2, 3))
    worse = [o for o in map(occluder, list_occluders()) if o.group is Group.QUALITY]
    assert worse
    for thing in worse:
        assert thing.occlude(crop, 0.1, np.random.default_rng(0)).share == 1, thing.name
