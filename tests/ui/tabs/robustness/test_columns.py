"""Which covers a study tries."""

from dataclasses import replace

import numpy as np
import pytest

from ferstudio.occlusion.painted import PAINTED, Layer
from ferstudio.studio.menus import occluder_menu
from ferstudio.studio.selection import Cover
from ferstudio.ui.tabs.robustness.columns import (
    MIX,
    column_amounts,
    columns,
    extra_column,
    joined,
)
from tests.ui.tabs.robustness.study_parts import found, plan

PAINT = Layer(PAINTED, np.full((4, 4, 4), 200, np.uint8))


def test_the_mix_is_the_usual_choice_and_a_group_is_all_of_its_covers() -> None:
    menu = occluder_menu()
    assert columns("", menu, ()) == MIX
    bars = columns("bars", menu, ())
    assert bars == tuple(entry.name for entry in menu if entry.group == "bars")


def test_of_ones_own_covers_those_are_tried_that_are_there() -> None:
    menu = occluder_menu()
    assert columns("own", menu, (PAINT,)) == (PAINTED,)
    assert columns("own", menu, ()) == (PAINTED, "sticker")


@pytest.mark.parametrize(
    ("cover", "extra"),
    [
        (Cover("none"), ()),
        (Cover("lower"), ()),
        (Cover("hand"), ("hand",)),
        (Cover(PAINTED), ()),
        (Cover(PAINTED, layers=(PAINT,)), (PAINTED,)),
    ],
)
def test_the_chosen_cover_is_added_where_it_can_be_tried(
    cover: Cover, extra: tuple[str, ...]
) -> None:
    assert extra_column(("upper", "lower"), cover) == extra


def test_two_studies_become_one_in_the_order_of_the_plan() -> None:
    usual = found()
    left, right = (
        replace(
            usual,
            plan=plan(name),
            sweeps=tuple((row[column],) for row in usual.sweeps),
        )
        for column, name in enumerate(("lower", "blur"))
    )
    both = joined(usual.plan, right, left)
    assert both == replace(usual, plan=both.plan)
    half = joined(usual.plan, replace(right, share_done=0.5), left)
    assert (half.share_done, half.done) == (0.75, False)


def test_the_amount_is_the_chosen_one_where_it_means_the_same() -> None:
    names = ("lower", "hottest", PAINTED)
    usual = {"hottest": 0.2, PAINTED: 1.0}
    assert column_amounts(names, Cover("sunglasses", 0.6)) == {"lower": 0.6, **usual}
    assert column_amounts(names, Cover("coldest", 0.4))["hottest"] == 0.4
    assert column_amounts(names, Cover("coldest", 0.4))["lower"] == 0.7
