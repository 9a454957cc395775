"""The amount follows the kind of cover."""

from ferstudio.occlusion.occluder import Need
from ferstudio.studio.selection import NONE
from ferstudio.ui.parts.amounts import FIRST_AMOUNT, USUAL_AMOUNTS, Amounts


def test_the_amount_is_remembered_apart_where_it_means_another_thing() -> None:
    first = Amounts()
    assert first.under("scarf", 0.6) == (0.6, first)
    heat, amounts = first.under("hottest", 0.6)
    assert heat == USUAL_AMOUNTS[Need.HEAT]
    assert amounts.under("coldest", 0.35) == (0.35, amounts)
    own, amounts = amounts.under("painted", 0.35)
    assert own == 1
    assert amounts.under("chance", 1.0)[0] == 0.35
    thing, amounts = amounts.under(NONE, 0.9)
    assert thing == 0.6
    assert amounts.under("sticker", 0.6)[0] == 0.9
    assert Amounts(Need.HEAT).under("lower", 0.2)[0] == FIRST_AMOUNT
