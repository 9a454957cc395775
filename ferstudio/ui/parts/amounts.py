"""How much of a cover: remembered apart for covers to which the amount means another thing."""

from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

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
        picks: how often an occluder was picked.
    """

    group: Need | None = None
    left: tuple[tuple[Need | None, float], ...] = ()
    picks: int = 0


def usual_amount(occluder: str, amount: float, before: Amounts) -> tuple[Any, Amounts]:
    """Return the amount that goes with an occluder just picked, and the amounts so far.

    It stays while the amount means the same, and is what it was in that group or usually is.
    """
    own = None if occluder == NONE else need(occluder)
    group = own if own in USUAL_AMOUNTS else None
    if group == before.group:
        return gr.skip(), replace(before, picks=before.picks + 1)
    left = {**dict(before.left), before.group: amount}
    after = Amounts(group, tuple(left.items()), before.picks + 1)
    return left.get(group, USUAL_AMOUNTS[group]), after
