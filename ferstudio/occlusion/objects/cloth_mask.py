"""A cloth mask: dyed cotton in two halves with a seam down the middle; it rises from the chin."""

import numpy as np
from numpy.typing import NDArray

from ferstudio.occlusion.drawing import Array, scene_light, smoothstep
from ferstudio.occlusion.objects.mask_pattern import (
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
    side_inset=0.10,
    nose_standoff=0.4,
    far_corner=0.15,
    far_fall=1.6,
    edge_height=(0.44, 0.58, 0.76, 0.98, 1.12, 0.98, 0.76, 0.58, 0.44),
)

# Lengths as shares of the face's width.
LOOP_THICKNESS = 0.020
HEM_INSET = 0.040
SEAM_WIDTH = 0.010
THREAD = 0.014  # from thread to thread, at least what the picture's pixels can show
MIN_THREAD_PX = 3.0

DYES = np.array([(52, 68, 104), (58, 58, 62), (132, 54, 58), (112, 126, 98)], dtype=np.float32)
"""Navy, charcoal, wine red and sage."""


@register_occluder(
    "cloth-mask",
    title="Cloth mask",
    summary="A mask of dyed cotton that rises from the chin over mouth and nose.",
    noun="A cloth mask",
)
def draw_cloth_mask(crop: FaceCrop, amount: float, rng: np.random.Generator) -> Overlay:
    """Return woven cotton with a centre seam, stitched hems and loops of the same cloth."""
    dye = DYES[int(rng.integers(len(DYES)))]
    phases = 2 * np.pi * rng.random(2)
    pattern = cut_pattern(points_of(crop), CUT)
    cloth = drape(pattern, amount, crop.size)
    loops = pattern.cover(pattern.ear_loops(LOOP_THICKNESS * pattern.width_px), crop.size)
    opacity = np.maximum(cloth.coverage, loops)

    light = np.where(cloth.coverage > 0, _cloth_light(pattern, cloth, phases), np.float32(0.8))
    return Overlay(scene_light(crop).lit(light * dye[:, None, None]), opacity)


def _cloth_light(pattern: Pattern, cloth: Drape, phases: NDArray[np.float64]) -> Array:
    """Return the cloth's brightness, around 1; `phases` (2,) place the wrinkles of each half."""
    width = pattern.width_px
    aside = cloth.x - _seam_x(pattern, cloth.y)
    fold = np.abs(aside) / np.float32(0.5 * width)
    light = 1.22 - 0.50 * fold * fold - 0.22 * smoothstep(cloth.down, 0.55, 1.05)
    light += 0.10 * smoothstep(-cloth.down, -0.5, 0)

    thin = max(SEAM_WIDTH * width, 0.8)
    light -= 0.30 * line(aside, 0, 0.8 * thin)
    light += 0.10 * line(np.abs(aside), 2 * thin, thin)

    # Wrinkles run from the ears' loops inwards and fade before the middle.
    phase = np.where(aside > 0, np.float32(phases[1]), np.float32(phases[0]))
    slope = cloth.down + 0.25 * (1 - fold)
    wrinkle = np.sin(17 * slope + 2.5 * fold + phase)
    light += 0.09 * smoothstep(fold, 0.25, 0.9) * wrinkle

    edge = edge_distance(pattern, cloth)
    light -= 0.16 * line(edge, HEM_INSET * width, 0.7 * thin)
    light += 0.08 * smoothstep(-edge, -HEM_INSET * width, 0)

    thread_px = max(THREAD * width, MIN_THREAD_PX)
    turn = np.float32(2 * np.pi / thread_px)
    return light + 0.035 * (np.cos(turn * cloth.x) + np.cos(turn * cloth.y))


def _seam_x(pattern: Pattern, y: Array) -> Array:
    """Return the seam's place at every height `y`: straight from the nose's tip to the chin."""
    chin_x, chin_y = pattern.chin_xy_px
    slant = np.float32(chin_x / max(1.0, chin_y))
    return np.clip(y, 0, np.float32(max(1.0, chin_y))) * slant
