"""How much of a cover: remembered apart for covers to which the amount means another thing."""

from dataclasses import dataclass

from ferstudio.occlusion.kinds import need
from ferstudio.occlusion.occluder import Need
from ferstudio.studio.selection import NONE

FIRST_AMOUNT = 0.7

USUAL_AMOUNTS: dict[Need | None, float] = {None: FIRST_AMOUNT, Need.LAYER: 1.0, Need.HEAT: 0.2}
"""Amounts at first: all of what a person painted, a small share of the picture, and under None that
of all other covers."""


@dataclass(frozen=True, slots=True)
class Amounts:
    """The amount chosen last, apart for covers to which it means another thing.

    Attributes:
        group: the key of `USUAL_AMOUNTS` that the cover belongs to.
        left: what the amount was when a group was left, by group.
    """

    group: Need | None = None
    left: tuple[tuple[Need | None, float], ...] = ()

    def under(self, occluder: str, amount: float) -> tuple[float, "Amounts"]:
        """Return the amount that goes with an occluder just picked, and the amounts from then on.

        It stays while the amount means the same, and is what it was in that group or usually is.

        Args:
            occluder: name of the occluder.
            amount: the amount before.
        """
        group = amount_group(occluder)
        if group == self.group:
            return amount, self
        left = {**dict(self.left), self.group: amount}
        return left.get(group, USUAL_AMOUNTS[group]), Amounts(group, tuple(left.items()))


def amount_group(occluder: str) -> Need | None:
    """Return the key of `USUAL_AMOUNTS` that an occluder, or "none", belongs to."""
    group = None if occluder == NONE else need(occluder)
    return group if group in USUAL_AMOUNTS else None
