"""The sentence above the matrix, case by case."""

from collections.abc import Sequence

import numpy as np
import pytest

from ferstudio.occlusion.occluder import Group, list_occluders, occluder
from ferstudio.sentences.robustness import hardest_occluder, robustness_verdict, told
from ferstudio.studio.robustness import Robustness, RobustnessPlan, even_amounts
from ferstudio.studio.selection import Selection
from ferstudio.studio.sweep import Sweep
from ferstudio.types import FaceCrop, Prediction

CROP = FaceCrop(np.zeros((16, 16, 3), np.uint8), None, np.eye(2, 3))
LABELS = ("happiness", "neutral")
STEPS = 10
MASK, GLASSES, BAR = "surgical-mask", "sunglasses", "lower"
(QUALITY, *_) = (name for name in list_occluders() if occluder(name).group is Group.QUALITY)
TITLES = ("ACSI-Net", "CSINet", "AGFER", "PSA-ResNet", "ResNet-18")


def sweep(name: str, holds_to: float | None, title: str = "ACSI-Net", model: str = "") -> Sweep:
    """Return a sweep over ten amounts, each covering half its share, that flips at an amount.

    The margin falls as a straight line through 0 at `holds_to`; None never comes there.
    """
    levels = np.arange(STEPS + 1) / STEPS
    margins = np.full(STEPS + 1, 0.5) if holds_to is None else holds_to - levels
    rows = np.stack([0.5 + margins / 2, 0.5 - margins / 2], axis=1).astype(np.float32)
    clean = Prediction(LABELS, rows[0], rows[0])
    shares = np.ones(STEPS) if name == QUALITY else levels[1:] / 2
    return Sweep(model or f"{title}.x", title, name, levels[1:], shares, rows[1:], clean)


def study(columns: dict[str, Sequence[float | None]], *, known: int | None = None) -> Robustness:
    """Return a study; `columns` holds per occluder the amount to which each model holds."""
    names, count = tuple(columns), len(next(iter(columns.values())))
    models = tuple(f"{title}.x" for title in TITLES[:count])
    plan = RobustnessPlan(Selection(CROP, models=models), names, even_amounts(STEPS))
    rows = tuple(
        tuple(
            sweep(name, columns[name][row], TITLES[row])
            if known is None or row * len(names) + column < known
            else None
            for column, name in enumerate(names)
        )
        for row in range(count)
    )
    return Robustness(plan, (None,) * count, rows, 1.0, "Done")


FIVE = {
    MASK: (0.74, 0.68, 0.66, 0.48, 0.42),
    GLASSES: (None, None, 0.95, None, 0.65),
    BAR: [None] * 5,
}


@pytest.mark.parametrize(
    ("columns", "name", "amount", "lead", "outcome"),
    [
        # the mock's own: most of them, more than under any other cover
        (
            FIVE,
            MASK,
            0.7,
            "A surgical mask is what breaks them:",
            "ACSI-Net holds longest, to 37 % covered.",
        ),
        # others break more of them
        (
            FIVE,
            GLASSES,
            0.7,
            "Sunglasses break 1 of 5 models:",
            "a surgical mask breaks 4 of 5 models.",
        ),
        (
            FIVE,
            GLASSES,
            0.2,
            "Sunglasses break no model at this amount:",
            "3 of 5 models hold to the end.",
        ),
        (
            FIVE,
            BAR,
            1.0,
            "A bar over the lower third breaks no model at this amount:",
            "a surgical mask breaks all 5 models.",
        ),
        # few of them, though more than under any other
        (
            {MASK: (0.3, None, None), BAR: [None] * 3},
            MASK,
            1.0,
            "A surgical mask breaks 1 of 3 models:",
            "CSINet and AGFER hold to the end.",
        ),
        (
            {GLASSES: (0.3, None), BAR: [None] * 2},
            GLASSES,
            1.0,
            "Sunglasses are what break them:",
            "only CSINet holds to the end.",
        ),
        # ties
        (
            {MASK: (0.64, 0.64, 0.2)},
            MASK,
            1.0,
            "A surgical mask is what breaks them:",
            "ACSI-Net and CSINet hold longest, to 32 % covered.",
        ),
        (
            {MASK: (0.64, 0.64, 0.64, 0.2)},
            MASK,
            1.0,
            "A surgical mask is what breaks them:",
            "3 of 4 models hold longest, to 32 % covered.",
        ),
        (
            {MASK: (0.64, 0.64)},
            MASK,
            1.0,
            "A surgical mask is what breaks them:",
            "both models hold to 32 % covered.",
        ),
        # equally many, so the one that is harder to bear
        (
            {MASK: (0.5, 0.5), BAR: (0.3, 0.4)},
            MASK,
            1.0,
            "A surgical mask breaks them:",
            "both models hold to 25 % covered.",
        ),
        (
            {MASK: (0.5, 0.5), BAR: (0.3, 0.4)},
            BAR,
            1.0,
            "A bar over the lower third breaks them, as 1 other cover does:",
            "CSINet holds longest, to 20 % covered.",
        ),
        (
            {MASK: (0.5, 0.5, None), BAR: (0.3, 0.4, None), GLASSES: (0.5, 0.5, None)},
            BAR,
            1.0,
            "A bar over the lower third breaks 2 of 3 models, as 2 other covers do:",
            "only AGFER holds to the end.",
        ),
        # at once
        (
            {MASK: (0.04, 0.05, 0.08)},
            MASK,
            1.0,
            "A surgical mask is what breaks them:",
            "all 3 models change their mind at the first step, 5 % covered.",
        ),
        (
            {MASK: (0.04, 0.5)},
            MASK,
            1.0,
            "A surgical mask is what breaks them:",
            "CSINet holds longest, to 25 % covered.",
        ),
        # nothing breaks any
        (
            {MASK: [None] * 5, BAR: [None] * 5},
            MASK,
            0.3,
            "Nothing breaks them:",
            "all 5 models keep their answer under every cover.",
        ),
        (
            {MASK: [None], BAR: [None]},
            BAR,
            1.0,
            "Nothing breaks ACSI-Net:",
            "the model keeps its answer under every cover.",
        ),
        (
            {MASK: [None] * 2},
            MASK,
            1.0,
            "A surgical mask breaks no model at this amount:",
            "both models hold to the end.",
        ),
        # one model
        (
            {MASK: [0.74], GLASSES: [None]},
            MASK,
            1.0,
            "A surgical mask is what breaks ACSI-Net:",
            "it holds to 37 % covered.",
        ),
        (
            {MASK: [0.74], GLASSES: [None]},
            GLASSES,
            1.0,
            "Sunglasses don't break ACSI-Net at this amount:",
            "a surgical mask breaks the model.",
        ),
        (
            {MASK: [0.74], BAR: [0.3]},
            MASK,
            1.0,
            "A surgical mask breaks ACSI-Net:",
            "it holds to 37 % covered.",
        ),
        (
            {MASK: [0.05]},
            MASK,
            1.0,
            "A surgical mask is what breaks ACSI-Net:",
            "it changes its mind at the first step, 5 % covered.",
        ),
    ],
)
def test_sentences(
    columns: dict[str, Sequence[float | None]], name: str, amount: float, lead: str, outcome: str
) -> None:
    said = robustness_verdict(study(columns), name, dict.fromkeys(columns, amount))
    assert (said.lead, said.outcome) == (lead, outcome)


def test_a_worse_picture_is_told_by_its_amount() -> None:
    said = robustness_verdict(study({QUALITY: (0.45, 0.2)}), QUALITY)
    assert said.outcome == "ACSI-Net holds longest, to an amount of 45 %."
    said = robustness_verdict(study({QUALITY: (0.05, 0.02)}), QUALITY)
    assert said.outcome == "both models change their mind at the first step, an amount of 10 %."


def test_two_weights_of_one_network_are_told_apart() -> None:
    rows = ((sweep(MASK, 0.7, model="a.one"),), (sweep(MASK, 0.2, model="a.two"),))
    plan = RobustnessPlan(Selection(CROP, models=("a.one", "a.two")), (MASK,), even_amounts(STEPS))
    found = Robustness(plan, (None, None), rows, 1.0, "Done")
    assert robustness_verdict(found, MASK).outcome == "a.one holds longest, to 35 % covered."


def test_it_speaks_of_what_is_known() -> None:
    nothing = robustness_verdict(study(FIVE, known=0), MASK)
    assert str(nothing) == "One moment: the models are being asked."
    one = robustness_verdict(study(FIVE, known=1), MASK)
    assert str(one) == "A surgical mask is what breaks ACSI-Net: it holds to 37 % covered."
    two = robustness_verdict(study(FIVE, known=5), MASK)
    assert two.outcome == "ACSI-Net holds longest, to 37 % covered."


def test_the_hardest_occluder_breaks_most() -> None:
    found = study({BAR: (0.1, None), MASK: (0.9, 0.9), GLASSES: (0.8, 0.8)})
    assert hardest_occluder(found) == GLASSES
    assert hardest_occluder(found, dict.fromkeys((BAR, MASK, GLASSES), 0.5)) == BAR
    assert hardest_occluder(found, {BAR: 1.0, MASK: 1.0, GLASSES: 0.5}) == MASK
    assert hardest_occluder(found, among=(BAR, MASK)) == MASK
    assert hardest_occluder(found, among=("hair",)) == GLASSES


def test_it_is_held_against_the_covers_that_were_asked_for() -> None:
    found = study({BAR: (0.1, None), QUALITY: (0.9, None), MASK: (0.3, 0.3)})
    beside = robustness_verdict(found, QUALITY)
    assert beside.outcome == "a surgical mask breaks both models."
    alone = robustness_verdict(found, QUALITY, among=(BAR, QUALITY))
    assert alone.outcome == "only CSINet holds to the end."


def test_a_curve_is_told_to_who_doesnt_see_it() -> None:
    assert told(sweep(MASK, None)) == (
        "ACSI-Net: happiness goes from 75 % to 75 % and stays the answer."
    )
    assert told(sweep(MASK, 0.4, "AGFER")) == (
        "AGFER: happiness goes from 70 % to 20 %; from 20 % covered on it answers neutral."
    )
