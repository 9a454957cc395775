"""The papers' masks: flat black over a part of the picture, over squares or over a grid.

Upper, middle, lower and random are the occlusions of Table 5 of CSINet. The paper prints no sizes;
here a band is a third of the picture and the square one ninth to one third of its area, both at
amount 1. Left and right are halves of the picture, blocks are several smaller squares, and the grid
is GridMask's (Chen et al. 2020, "GridMask Data Augmentation"). The amount scales the covered area.
Black is what the literature's masked test sets use.
"""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ferstudio.occlusion.occluder import Group, Overlay, register_occluder
from ferstudio.types import FaceCrop

BAND_SHARE = 1 / 3
HALF_SHARE = 1 / 2
SQUARE_SHARE = (1 / 9, 1 / 3)
BLOCKS = 5
BLOCK_SHARE = (1 / 40, 1 / 12)
GRID_UNITS = 5  # along the picture's side; GridMask's unit d is a fifth of it
GRID_KEEP = 0.4  # GridMask's r: of a unit's side, the part that stays free at amount 1


MASKS = ("upper", "middle", "lower", "random")
"""The four of Table 5: the drop is the mean over these."""


def mean_over_masks(by_cover: Mapping[str, float]) -> float | None:
    """Return the mean over `MASKS` of a score by occluder; None where one of them is missing."""
    if not by_cover.keys() >= set(MASKS):
        return None
    return sum(by_cover[name] for name in MASKS) / len(MASKS)


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
    covered[: _extent_px(crop.size, BAND_SHARE, amount)] = True
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
    height_px = _extent_px(crop.size, BAND_SHARE, amount)
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
    covered[crop.size - _extent_px(crop.size, BAND_SHARE, amount) :] = True
    return _black(covered)


@register_occluder(
    "left",
    title="Left",
    summary="Blacks out the left half of the picture: the right side of the person's face.",
    noun="A bar over the left half",
    group=Group.BARS,
)
def draw_left(
    crop: FaceCrop,
    amount: float,
    rng: np.random.Generator,  # noqa: ARG001 - a half leaves nothing to chance
) -> Overlay:
    """Return a black bar that grows from the picture's left edge."""
    covered = np.zeros((crop.size, crop.size), dtype=bool)
    covered[:, : _extent_px(crop.size, HALF_SHARE, amount)] = True
    return _black(covered)


@register_occluder(
    "right",
    title="Right",
    summary="Blacks out the right half of the picture: the left side of the person's face.",
    noun="A bar over the right half",
    group=Group.BARS,
)
def draw_right(
    crop: FaceCrop,
    amount: float,
    rng: np.random.Generator,  # noqa: ARG001 - a half leaves nothing to chance
) -> Overlay:
    """Return a black bar that grows from the picture's right edge."""
    covered = np.zeros((crop.size, crop.size), dtype=bool)
    covered[:, crop.size - _extent_px(crop.size, HALF_SHARE, amount) :] = True
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
    return _black(random_square(crop.size, amount, SQUARE_SHARE, rng))


@register_occluder(
    "blocks",
    title="Blocks",
    summary="Blacks out several squares; the seed decides where and how large.",
    noun="Black squares",
    plural=True,
    group=Group.BARS,
)
def draw_blocks(crop: FaceCrop, amount: float, rng: np.random.Generator) -> Overlay:
    """Return black squares that grow around fixed centres; they may overlap."""
    covered = np.zeros((crop.size, crop.size), dtype=bool)
    for _ in range(BLOCKS):
        covered |= random_square(crop.size, amount, BLOCK_SHARE, rng)
    return _black(covered)


@register_occluder(
    "grid",
    title="Grid",
    summary="Blacks out a regular grid of squares (GridMask); the seed shifts the grid.",
    noun="A grid of squares",
    group=Group.BARS,
)
def draw_grid(crop: FaceCrop, amount: float, rng: np.random.Generator) -> Overlay:
    """Return a grid of equal black squares that grow around fixed centres."""
    unit_px = round(crop.size / GRID_UNITS)
    full_px = round((1 - GRID_KEEP) * unit_px)
    side_px = round((1 - GRID_KEEP) * unit_px * math.sqrt(amount))
    inset = (full_px - side_px) // 2
    position = np.arange(crop.size)
    shift_x, shift_y = (rng.random(2) * unit_px).astype(int)
    columns = (position - shift_x - inset) % unit_px < side_px
    rows = (position - shift_y - inset) % unit_px < side_px
    return _black(rows[:, None] & columns[None, :])


def random_square(
    size_px: int, amount: float, area_share: tuple[float, float], rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Return the (size, size) bool mask of a square that grows around a fixed centre.

    Args:
        size_px: side of the picture; the square always lies inside.
        amount: share of its full area that it has, in (0, 1].
        area_share: smallest and largest full area, as shares of the picture's.
        rng: decides its full area and its place.
    """
    share, left, top = rng.random(3)
    low, high = area_share
    full_area = (low + share * (high - low)) * size_px**2
    full_px = round(math.sqrt(full_area))
    side_px = round(math.sqrt(full_area * amount))
    inset = (full_px - side_px) // 2
    x = int(left * (size_px - full_px + 1)) + inset
    y = int(top * (size_px - full_px + 1)) + inset
    covered = np.zeros((size_px, size_px), dtype=bool)
    covered[y : y + side_px, x : x + side_px] = True
    return covered


def _extent_px(size_px: int, share: float, amount: float) -> int:
    return round(size_px * share * amount)


def _black(covered: NDArray[np.bool_]) -> Overlay:
    return Overlay(
        colour=np.zeros((*covered.shape, 3), dtype=np.uint8), opacity=covered.astype(np.float32)
    )
