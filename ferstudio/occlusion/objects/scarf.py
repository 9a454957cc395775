"""A knitted scarf wound around the neck; it rises from below the chin to under the eyes.

Its upper edge is a curve across the whole picture that rises with the amount at every place, and
everything below it is wool. So a lower scarf always lies inside a higher one.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ferstudio.occlusion.drawing import Array, HeadFrame, head_frame, scene_light, smoothstep
from ferstudio.occlusion.objects.mask_pattern import (
    CHIN,
    LEFT_SIDE,
    NOSE_BRIDGE,
    NOSE_TIP,
    RIGHT_SIDE,
    curve_at,
    smoothed,
)
from ferstudio.occlusion.occluder import Overlay, register_occluder
from ferstudio.regions import points_of
from ferstudio.types import FaceCrop

EDGE_AT = (-2.2, -1.4, -1.0, -0.55, 0.0, 0.55, 1.0, 1.4, 2.2)
"""Where the upper edge is given, in halves of the face from the nose's tip."""
HIGH = (0.8, 0.10, -0.30, -0.55, -0.72, -0.55, -0.30, 0.10, 0.8)
"""Its height at amount 1 below the nose's tip, in noses."""
LOW = (-0.1, -0.35, -0.30, -0.05, 0.12, -0.05, -0.30, -0.35, -0.1)
"""Its height just above amount 0 below the chin, in noses."""
MIN_HALF = 1.2  # of the nose's length: half a face in profile

FOLD_HEIGHT = 0.85  # of the nose's length
STITCH = (0.034, 0.046)  # of the picture's side: along and across the scarf
MIN_STITCH_PX = (3.0, 4.0)
_KNOTS = 65

WOOLS = np.array([(168, 62, 56), (196, 152, 72), (86, 108, 140), (200, 192, 178)], dtype=np.float32)
"""Red, mustard, blue-grey and cream."""


@dataclass(frozen=True, slots=True)
class _Wrap:
    """How a scarf lies on one face, in a frame with the origin on the nose's tip.

    Attributes:
        frame: axes halfway between the head's and the upright body's.
        x_px: (K,) where the edge is given, from right to left.
        high_px: (K,) the upper edge at amount 1.
        low_px: (K,) the upper edge just above amount 0, below `high_px` everywhere.
        middle_px: the face's middle.
        half_px: half the face's width.
        nose_px: length of the nose.
    """

    frame: HeadFrame
    x_px: NDArray[np.float64]
    high_px: NDArray[np.float64]
    low_px: NDArray[np.float64]
    middle_px: float
    half_px: float
    nose_px: float


@register_occluder(
    "scarf",
    title="Scarf",
    summary="A knitted scarf that rises from the neck over chin, mouth and nose.",
    noun="A scarf",
)
def draw_scarf(crop: FaceCrop, amount: float, rng: np.random.Generator) -> Overlay:
    """Return opaque wool in folds that lie around the face from edge to edge of the picture."""
    wool = WOOLS[int(rng.integers(len(WOOLS)))]
    waves = rng.random(6)
    wrap = _wrap(points_of(crop), waves[:2])
    x, y = wrap.frame.grid(crop.size)
    top = curve_at(wrap.x_px, wrap.low_px + amount * (wrap.high_px - wrap.low_px), x)
    below_px = y - top
    opacity = np.clip(below_px + 0.5, 0, 1)

    across = (x - np.float32(wrap.middle_px)) / np.float32(wrap.half_px)
    light = _fold_light(below_px / np.float32(wrap.nose_px), across, waves[2:])
    light += _knit(x, below_px, crop.size)
    return Overlay(scene_light(crop).lit(light * wool[:, None, None]), opacity)


def _wrap(landmarks_xy_px: NDArray[np.float32], waves: NDArray[np.float64]) -> _Wrap:
    points = np.asarray(landmarks_xy_px, dtype=np.float64)
    across = head_frame(landmarks_xy_px, points[NOSE_TIP]).across
    across = across + np.array([max(0.0, float(across[0])), 0.0])
    frame = HeadFrame(points[NOSE_TIP], across / max(1e-6, float(np.linalg.norm(across))))
    nose = max(1.0, -float(frame.local(points[[NOSE_BRIDGE]])[0, 1]))
    chin = max(nose, float(frame.local(points[[CHIN]])[0, 1]))
    right = max(MIN_HALF * nose, -float(frame.local(points[list(RIGHT_SIDE)])[:, 0].min()))
    left = max(MIN_HALF * nose, float(frame.local(points[list(LEFT_SIDE)])[:, 0].max()))
    at = np.linspace(EDGE_AT[0], EDGE_AT[-1], _KNOTS)
    high = smoothed(smoothed(np.interp(at, EDGE_AT, HIGH))) * nose
    low = chin + smoothed(smoothed(np.interp(at, EDGE_AT, LOW))) * nose
    wavy = 0.05 * np.sin(5.1 * at + 2 * np.pi * waves[0]) + 0.03 * np.sin(
        11.3 * at + 2 * np.pi * waves[1]
    )
    low = np.maximum(low, high + 0.1 * nose)
    x = at * np.where(at > 0, left, right)
    middle, half = (left - right) / 2, (left + right) / 2
    return _Wrap(frame, x, high + wavy * nose, low + wavy * nose, middle, half, nose)


def _fold_light(below: Array, across: Array, waves: NDArray[np.float64]) -> Array:
    """Return the brightness of the folds, around 1.

    Args:
        below: (S, S) how far below the upper edge, in noses.
        across: (S, S) from -1 at the right edge of the face to 1 at the left.
        waves: (4,) in [0, 1]: how the folds wind.
    """
    first, second, slant, swell = waves
    turns = np.float32(2 * np.pi)
    bend = 0.14 * np.sin(2.1 * across + turns * np.float32(first))
    bend += 0.06 * np.sin(4.7 * across + 1.3 * below + turns * np.float32(second))
    bend += np.float32(np.sign(slant - 0.5) * (0.25 + 0.5 * abs(slant - 0.5))) * across
    turn = np.float32(0.15) + np.maximum(below, 0) / np.float32(FOLD_HEIGHT)
    turn += 0.12 * np.sin(2.6 * turn + turns * np.float32(swell))
    # The topmost fold is level: the wool winds below it.
    turn += bend * smoothstep(turn, 0.2, 1.5)
    roll = turn - np.floor(turn)  # 0 at the top of a fold, 1 in the crease below it
    light = 0.86 + 0.30 * np.sin(np.float32(np.pi) * np.sqrt(roll))
    light -= 0.34 * smoothstep(roll, 0.72, 1.0) * smoothstep(-roll, -1.0, -0.97)
    light -= 0.20 * np.exp(-roll / 0.05)
    return light - 0.14 * np.square(np.minimum(np.abs(across), 1.5))


def _knit(x: Array, below_px: Array, size_px: int) -> Array:
    """Return the stitches' relief around 0: rows of chevrons along the scarf."""
    along, row = (
        np.float32(max(share * size_px, least))
        for share, least in zip(STITCH, MIN_STITCH_PX, strict=True)
    )
    place = below_px / row
    place -= np.floor(place)
    chevron = np.cos(np.float32(2 * np.pi) * (x / along + 1.1 * np.abs(place - 0.5)))
    return 0.09 * chevron - 0.12 * np.power(np.abs(2 * place - 1), np.float32(3)) + 0.03
