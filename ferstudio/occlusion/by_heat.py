"""Hide what a heatmap calls important, against what it calls unimportant and against chance.

If a map is true, its hottest pixels change the answer soonest. Shares are of the whole picture, not
of the face: the map covers the picture, and the deletion curves of Petsiuk, Das and Saenko, "RISE",
BMVC 2018, count like this.
"""

import numpy as np
from numpy.typing import NDArray

from ferstudio.errors import UnknownNameError, UsageError
from ferstudio.occlusion.occluder import Group, Kind, Need, Occluder, Overlay
from ferstudio.pixel_order import ranks, surrogate
from ferstudio.types import FaceCrop

GREY = 130
"""Level of what hides: the mean of FER2013's training faces, 0.508 of white, a network's zero."""

HOTTEST, COLDEST, CHANCE = "hottest", "coldest", "chance"
"""Names of the three orders in which pixels go."""

HEAT = {
    kind.name: kind
    for kind in (
        Kind(
            name=HOTTEST,
            title="Hottest",
            summary="Grey over the places that the model's own heatmap calls important; the amount "
            "is the share of the picture.",
            noun="Grey on the hottest places",
            group=Group.HEAT,
            needs=Need.HEAT,
        ),
        Kind(
            name=COLDEST,
            title="Coldest",
            summary="Grey over the places that the model's own heatmap calls unimportant; the "
            "amount is the share of the picture.",
            noun="Grey on the coldest places",
            group=Group.HEAT,
            needs=Need.HEAT,
        ),
        Kind(
            name=CHANCE,
            title="Chance",
            summary="As much grey in places of chance, as coherent as the model's heatmap: what "
            "hiding just anything does.",
            noun="Grey by chance",
            group=Group.HEAT,
            needs=Need.HEAT,
        ),
    )
}
"""Covers that a heatmap guides, by name: each needs the heat."""


def heat_occluder(name: str, heat: NDArray[np.float32]) -> Occluder:
    """Return the occluder that hides the first round(amount · S · S) pixels in flat grey.

    By chance they follow a random map that is as smooth as the heat, drawn from the generator.

    Args:
        name: which pixels go first, a key of `HEAT`.
        heat: (H, W) map over the whole crop, in any unit; equal heat goes in reading order.

    Raises:
        UnknownNameError: if `HEAT` has no such order.
        UsageError: if the shape of `heat` isn't as above.
    """
    if name not in HEAT:
        raise UnknownNameError("order", name, list(HEAT))
    if heat.ndim != 2 or not heat.size:
        raise UsageError(f"A heatmap needs the shape (H, W), not {heat.shape}.")

    def draw(crop: FaceCrop, amount: float, rng: np.random.Generator) -> Overlay:
        guide = surrogate(heat, rng) if name == CHANCE else -heat if name == COLDEST else heat
        hidden = ranks(guide, crop.size) < round(amount * crop.size**2)
        grey = np.full((*hidden.shape, 3), GREY, dtype=np.uint8)
        return Overlay(grey, hidden.astype(np.float32))

    return HEAT[name].drawn_by(draw)
