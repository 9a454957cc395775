"""The papers' masks: flat black over a third of the picture, or over a random square.

The occlusions of Table 5 of CSINet: upper, middle, lower and random. The paper prints no sizes;
here a band is a third of the picture and the square one ninth to one third of its area, both at
amount 1. The amount scales the covered area. Black is what the literature's masked test sets use.
"""

import math

import numpy as np
from numpy.typing import NDArray

from ferstudio.occlusion.occluder import Group, Overlay, register_occluder
from ferstudio.types import FaceCrop

BAND_SHARE = 1 / 3
SQUARE_SHARE = (1 / 9, 1 / 3)


@register_occluder(
    "upper",
    title="Upper",
    summary="Blacks out the upper third of the picture: forehead and brows.",
    noun="A bar over the upper third",
    group=Group.BARS,
)
def draw_upper(
    crop: FaceCrop,
    amount: float,
    rng: np.random.Generator,  # noqa: ARG001 - a band leaves nothing to chance
) -> Overlay:
    """Return a black band that grows from the picture's upper edge."""
    covered = np.zeros((crop.size, crop.size), dtype=bool)
    covered[: _band_px(crop.size, amount)] = True
    return _black(covered)


@register_occluder(
    "middle",
    title="Middle",
    summary="Blacks out the middle third of the picture: eyes and nose.",
    noun="A bar over the middle third",
    group=Group.BARS,
)
def draw_middle(
    crop: FaceCrop,
    amount: float,
    rng: np.random.Generator,  # noqa: ARG001 - a band leaves nothing to chance
) -> Overlay:
    """Return a black band that grows from the picture's middle in both directions."""
    height_px = _band_px(crop.size, amount)
    top = (crop.size - height_px) // 2
    covered = np.zeros((crop.size, crop.size), dtype=bool)
    covered[top : top + height_px] = True
    return _black(covered)


@register_occluder(
    "lower",
    title="Lower",
    summary="Blacks out the lower third of the picture: mouth and chin.",
    noun="A bar over the lower third",
    group=Group.BARS,
)
def draw_lower(
    crop: FaceCrop,
    amount: float,
    rng: np.random.Generator,  # noqa: ARG001 - a band leaves nothing to chance
) -> Overlay:
    """Return a black band that grows from the picture's lower edge."""
    covered = np.zeros((crop.size, crop.size), dtype=bool)
    covered[crop.size - _band_px(crop.size, amount) :] = True
    return _black(covered)


@register_occluder(
    "random",
    title="Random",
    summary="Blacks out a square of random size and place; the seed decides where.",
    noun="A random square",
    group=Group.BARS,
)
def draw_random(crop: FaceCrop, amount: float, rng: np.random.Generator) -> Overlay:
    """Return a black square that grows around a fixed centre, always inside the picture."""
    share, left, top = rng.random(3)
    low, high = SQUARE_SHARE
    full_area = (low + share * (high - low)) * crop.size**2
    full_px = round(math.sqrt(full_area))
    side_px = round(math.sqrt(full_area * amount))
    inset = (full_px - side_px) // 2
    x = int(left * (crop.size - full_px + 1)) + inset
    y = int(top * (crop.size - full_px + 1)) + inset
    covered = np.zeros((crop.size, crop.size), dtype=bool)
    covered[y : y + side_px, x : x + side_px] = True
    return _black(covered)


def _band_px(size_px: int, amount: float) -> int:
    return round(size_px * BAND_SHARE * amount)


def _black(covered: NDArray[np.bool_]) -> Overlay:
    return Overlay(
        colour=np.zeros((*covered.shape, 3), dtype=np.uint8), opacity=covered.astype(np.float32)
    )
