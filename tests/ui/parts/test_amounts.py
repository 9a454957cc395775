"""The amount follows the kind of cover."""

import gradio as gr

from ferstudio.occlusion.occluder import Need
from ferstudio.studio.selection import NONE
from ferstudio.ui.parts.amounts import FIRST_AMOUNT, USUAL_AMOUNTS, Amounts, usual_amount


def test_the_amount_is_remembered_apart_where_it_means_another_thing() -> None:
    same, before = usual_amount("scarf", 0.6, Amounts())
    assert (same, before.picks) == (gr.skip(), 1)
    heat, before = usual_amount("hottest", 0.6, before)
    assert heat == USUAL_AMOUNTS[Need.HEAT]
    assert usual_amount("coldest", 0.35, before)[0] == gr.skip()
    own, before = usual_amount("painted", 0.35, before)
    assert own == 1
    assert usual_amount("chance", 1.0, before)[0] == 0.35
    thing, before = usual_amount(NONE, 0.9, before)
    assert (thing, before.picks) == (0.6, 4)
    assert usual_amount("sticker", 0.6, before)[0] == 0.9
    assert usual_amount("lower", 0.2, Amounts(Need.HEAT))[0] == FIRST_AMOUNT
