"""Hide what a heatmap calls important, against what it calls unimportant and against chance.

If a map is true, its hottest pixels change the answer soonest. Shares are of the whole picture, not
of the face: the map covers the picture, and the deletion curves of Petsiuk, Das and Saenko, "RISE",
BMVC 2018, count like this.
"""

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from ferstudio.errors import UsageError
from ferstudio.occlusion.occluder import Occluded, Overlay, lay_over
from ferstudio.ranking import ranks, surrogate
from ferstudio.types import FaceCrop

GREY = 130
"""Level of what hides: the mean of FER2013's training faces, 0.508 of white, a network's zero."""

Order = Literal["hottest", "coldest", "random"]
"""Which pixels go first; "random" is by a map of chance that is as smooth as the heat."""


def hide_ranked(
    crop: FaceCrop,
    heat: NDArray[np.float32],
    share: float,
    order: Order,
    rng: np.random.Generator,
) -> Occluded:
    """Return `crop` with the first round(share · S · S) of its pixels in flat grey.

    For the same generator state, what a smaller share hides a larger one hides, too.

    Args:
        crop: the face.
        heat: (H, W) map over the whole crop, in any unit; equal heat goes in reading order.
        share: share of the picture's pixels in [0, 1].
        order: which pixels go first.
        rng: source of the random map; read by the order "random" only.

    Raises:
        UsageError: if `share`, `order` or the shape of `heat` isn't as above.
    """
    if not 0 <= share <= 1:
        raise UsageError(f"The share to hide must lie in [0, 1], not {share}.")
    if heat.ndim != 2 or not heat.size:
        raise UsageError(f"A heatmap needs the shape (H, W), not {heat.shape}.")
    hidden = ranks(_by_order(heat, order, rng), crop.size) < round(share * crop.size**2)
    grey = np.full((*hidden.shape, 3), GREY, dtype=np.uint8)
    return lay_over(crop, Overlay(grey, hidden.astype(np.float32)))


def _by_order(
    heat: NDArray[np.float32], order: Order, rng: np.random.Generator
) -> NDArray[np.floating]:
    """Return the map whose hottest pixels are those that `order` puts first."""
    if order == "hottest":
        return heat
    if order == "coldest":
        return -heat
    if order == "random":
        return surrogate(heat, rng)
    raise UsageError(f"Pixels can be hidden in the order {get_args(Order)}, not {order!r}.")
