"""An N95 respirator: a stiff white cup on two head straps that rises from chin to nose bridge.

The cup is cut like the surgical mask, but stands further off the face and ends before the cheeks.
"""

import numpy as np
from numpy.typing import NDArray

from ferstudio.occlusion.drawing import Array, rounded, scene_light, smoothstep, strip
from ferstudio.occlusion.objects.mask_pattern import (
    LOOPS_UNTIL,
    Cut,
    Drape,
    Pattern,
    cut_pattern,
    drape,
    edge_distance,
    line,
)
from ferstudio.occlusion.occluder import Overlay, register_occluder
from ferstudio.regions import points_of
from ferstudio.types import FaceCrop

CUT = Cut(
    side_inset=0.26,
    upper_corner=2,
    lower_corner=5,
    nose_standoff=0.5,
    far_corner=0.1,
    far_fall=1.6,
    edge_height=(0.15, 0.36, 0.60, 0.94, 1.10, 0.94, 0.60, 0.36, 0.15),
)

# Lengths as shares of the face's width.
STRAP_WIDTH = 0.030
SEAM_INSET = 0.050  # from the cup's edge to the weld
SEAM_WIDTH = 0.009
CLIP_INSET = 0.075  # from the upper edge to the middle of the nose clip
CLIP_HEIGHT = 0.014
CLIP_REACH = 0.17  # to either side of the nose

MIN_REACH = 0.3  # of half the face: the cup on a side that the head hides

CUPS = np.array([(236, 237, 234), (240, 238, 230), (228, 232, 235)], dtype=np.float32)
STRAPS = np.array([(222, 184, 74), (226, 226, 222), (196, 164, 82)], dtype=np.float32)
METAL = np.array([142, 146, 153], dtype=np.float32)


@register_occluder(
    "n95-mask",
    title="N95",
    summary="A white N95 respirator on head straps; it rises from the chin over mouth and nose.",
    noun="An N95 mask",
)
def draw_n95_mask(crop: FaceCrop, amount: float, rng: np.random.Generator) -> Overlay:
    """Return a white cup with a weld along its edge, a seam, a nose clip and two straps."""
    cup_rgb = CUPS[int(rng.integers(len(CUPS)))]
    strap_rgb = STRAPS[int(rng.integers(len(STRAPS)))]
    depth = float(rng.random())
    pattern = cut_pattern(points_of(crop), CUT)
    cup = drape(pattern, amount, crop.size)
    paths, width = _strap_paths(pattern), STRAP_WIDTH * pattern.width_px
    straps, middle = (
        pattern.cover([strip(path, np.full(len(path), w)) for path in paths], crop.size)
        for w in (width, 0.5 * width)
    )
    opacity = np.maximum(cup.coverage, straps)

    light, clip = _cup_light(pattern, cup, depth)
    surface = light * cup_rgb[:, None, None]  # (3, S, S)
    surface += clip * (METAL[:, None, None] * (0.75 + 0.35 * light) - surface)
    strap = (0.72 + 0.28 * middle) * strap_rgb[:, None, None]
    colour = np.where(cup.coverage > 0, surface, strap)
    return Overlay(scene_light(crop).lit(colour), opacity)


def _strap_paths(pattern: Pattern) -> list[NDArray[np.float64]]:
    """Return the way of each strap in view: over the ears to the crown, under them to the nape."""
    paths: list[NDArray[np.float64]] = []
    for side in pattern.sides:
        if side.turned > LOOPS_UNTIL:
            continue
        outward = np.array([side.sign, 0.0]) * side.reach_px
        down = np.array([0.0, 1.0]) * pattern.nose_px
        crown = side.ring[0] + 0.05 * outward - 0.62 * down
        nape = side.ring[2] + 0.08 * outward + 0.12 * down
        inside = 0.9 * side.corner
        lower = 0.5 * (side.corner + 0.9 * side.jaw[0])
        over = np.array([inside, 0.5 * (side.corner + crown) + 0.04 * outward, crown])
        under = np.array([0.9 * lower, 0.5 * (lower + nape) + 0.08 * down, nape])
        paths += [rounded(over), rounded(under)]
    return paths


def _cup_light(pattern: Pattern, cup: Drape, depth: float) -> tuple[Array, Array]:
    """Return the cup's brightness, around 1, and how much of each pixel is the nose clip."""
    width = pattern.width_px
    edge = edge_distance(pattern, cup)
    right, left = (
        np.float32(max(abs(side.corner[0]), MIN_REACH * half))
        for side, half in zip(pattern.sides, pattern.half_px, strict=True)
    )
    a = np.clip(cup.x / np.where(cup.x > 0, left, right), -1.2, 1.2)  # -1 and 1 at the corners
    squared = a * a
    light = 0.99 - 0.08 * squared - 0.14 * squared * squared
    light -= 0.20 * smoothstep(cup.down, 0.45, 1.05)
    light -= 0.08 * smoothstep(-edge, -SEAM_INSET * width, 0)
    thin = max(SEAM_WIDTH * width, 0.7)
    light -= (0.13 + 0.05 * depth) * line(edge, SEAM_INSET * width, thin)
    light += 0.05 * line(edge, SEAM_INSET * width + 2 * thin, thin)
    bend = cup.down - 0.10 * (1 - squared)  # the seam across hangs in the middle
    inside = smoothstep(edge, SEAM_INSET * width, SEAM_INSET * width + 2 * thin)
    fine = 1.2 * thin / cup.height_px
    light -= (0.08 + 0.04 * depth) * inside * line(bend, 0.42, fine)
    light += 0.05 * inside * line(bend, 0.42 + 2 * fine, fine)

    half_height, middle = max(CLIP_HEIGHT * width, 0.8), CLIP_INSET * width
    clip = np.clip(half_height + 0.5 - np.abs(cup.below_top_px - middle), 0, 1)
    clip *= np.clip(CLIP_REACH * width + 0.5 - np.abs(cup.x), 0, 1)
    light += 0.25 * clip * smoothstep(-cup.below_top_px, -middle, -0.8 * middle)
    return light, clip
