"""Which covers a study tries, and two studies of one face side by side."""

from collections.abc import Sequence

from ferstudio.occlusion.kinds import need
from ferstudio.occlusion.occluder import Need
from ferstudio.occlusion.painted import Layer
from ferstudio.studio.results import MenuEntry
from ferstudio.studio.robustness import Robustness, RobustnessPlan
from ferstudio.studio.selection import Cover
from ferstudio.ui.parts.amounts import USUAL_AMOUNTS, amount_group

MIX = (
    "upper", "middle", "lower", "random", "sunglasses", "surgical-mask", "hand", "scarf", "hair",
    "blur", "darkness", "jpeg",
)  # fmt: skip
"""The covers that are tried at first: the papers' own, things of daily life, worse pictures."""


def columns(group: str, occluders: Sequence[MenuEntry], layers: Sequence[Layer]) -> tuple[str, ...]:
    """Return the covers of a group, "" being the mix; a person's own where they are there.

    Where a person has none of their own yet, all of that group: the study says what is missing.
    """
    if not group:
        return tuple(name for name in MIX if name in {entry.name for entry in occluders})
    names = [entry.name for entry in occluders if entry.group == group]
    here = {layer.name for layer in layers}
    known = [name for name in names if need(name) is not Need.LAYER or name in here]
    return tuple(known or names)


def extra_column(names: Sequence[str], cover: Cover) -> tuple[str, ...]:
    """Return the chosen cover where it can be tried and isn't among `names`; else nothing."""
    if cover.bare or cover.name in names:
        return ()
    here = {layer.name for layer in cover.layers}
    missing = need(cover.name) is Need.LAYER and cover.name not in here
    return () if missing else (cover.name,)


def column_amounts(names: Sequence[str], cover: Cover) -> dict[str, float]:
    """Return how much of each cover the matrix shows, by its name.

    The chosen amount, where it means for them what it means for the chosen cover; else what is
    usual: most of the picture under heat would break any model.
    """
    group = amount_group(cover.name)
    groups = {name: amount_group(name) for name in names}
    return {
        name: cover.amount if own == group else USUAL_AMOUNTS[own] for name, own in groups.items()
    }


def joined(plan: RobustnessPlan, first: Robustness, second: Robustness) -> Robustness:
    """Return two studies of one face by the same models as one, of `plan`."""
    names = (*first.plan.occluders, *second.plan.occluders)
    order = [names.index(name) for name in plan.occluders]
    rows = [(*left, *right) for left, right in zip(first.sweeps, second.sweeps, strict=True)]
    weights = (len(first.plan.occluders), len(second.plan.occluders))
    done = weights[0] * first.share_done + weights[1] * second.share_done
    return Robustness(
        plan=plan,
        clean=first.clean,
        sweeps=tuple(tuple(row[column] for column in order) for row in rows),
        share_done=1.0 if first.done and second.done else min(done / sum(weights), 0.999),
        doing=first.doing,
    )
