"""A surgical mask: it hangs from the ears, follows the jaw, and rises from chin to nose bridge.

Its side edges, lower edge and ear loops don't depend on the amount; its upper edge is a curve that
rises with it at every place. So a lower mask always lies inside a higher one.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ferstudio.occlusion.drawing import (
    Array,
    HeadFrame,
    head_frame,
    polygon_coverage,
    scene_light,
    smoothstep,
    strip,
)
from ferstudio.occlusion.occluder import Overlay, register_occluder
from ferstudio.regions import LIPS, landmarks_or_mean
from ferstudio.types import FaceCrop

NOSE_BRIDGE, NOSE_TIP, CHIN = 168, 4, 152
RIGHT_SIDE = (234, 93, 132, 58, 172, 136, 150, 149, 176, 148)
LEFT_SIDE = (454, 323, 361, 288, 397, 365, 379, 378, 400, 377)
"""The face's outline from the ear down to the chin, right and left."""
UPPER_CORNER, LOWER_CORNER = 1, 4
"""Where on that outline the cloth's side edge begins and ends."""
UPPER_EDGE = (33, 145, 133, 193, 6, 417, 362, 374, 263)
"""Mesh points under which the upper edge runs: eyes and nose bridge, right to left."""
UPPER_EDGE_HEIGHT = (0.50, 0.62, 0.74, 0.90, 1.08, 0.90, 0.74, 0.62, 0.50)
"""The edge's height above the nose's tip at amount 1, as a share of each point's own."""
UPPER_EDGE_FALL = (0.60, 0.85, 0.93, 0.95, 0.95, 0.95, 0.93, 0.85, 0.60)
"""How far the edge hangs down just above amount 0, as a share of the way to the lower edge."""

RISE_POWER = 0.5  # amount 0.3 ends under the nose, 0.7 on its bridge, 1 between the eyes
SIDE_INSET = 0.16  # of half the face's width: cheek that stays bare before each ear
JAW_MARGIN = 0.03  # of the face's width: how far cloth stands off the jaw
NOSE_STANDOFF = 0.3  # of the nose's length: how far cloth stands before its tip in profile
LOOP_THICKNESS = 0.011  # of the face's width
LOOPS_UNTIL = 0.5  # on a turned head the far ear's loops are out of sight

CLOTHS = np.array([(160, 200, 222), (150, 196, 214), (172, 208, 226)], dtype=np.float32)
LOOP = 232.0  # level of the white elastic

PLEATS = (0.34, 0.54, 0.74)  # from the upper edge, 0, to the lower, 1
_PROFILE_STEPS = 512
_EDGE_STEPS = 65
_CURVE_STEPS_PER_PX = 16


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A mask cut for one face, in its head frame with the origin on the nose's tip.

    Attributes:
        frame: the head's axes.
        outline_px: (N, 2) convex ring of side and lower edges, above it clear of the upper edge.
        top_px: (K, 2) the upper edge at amount 1, from right to left.
        fall_px: (K,) how much lower each of those points hangs just above amount 0.
        bottom_px: (M, 2) the lower edge, from right to left.
        loops_px: outlines of the elastic loops.
        half_px: width of the face's right and left half.
        nose_px: length of the nose.
    """

    frame: HeadFrame
    outline_px: NDArray[np.float64]
    top_px: NDArray[np.float64]
    fall_px: NDArray[np.float64]
    bottom_px: NDArray[np.float64]
    loops_px: list[NDArray[np.float64]]
    half_px: tuple[float, float]
    nose_px: float


@dataclass(frozen=True, slots=True)
class _Side:
    """How a mask is held on one side of the face, in the head frame.

    Attributes:
        corner: (2,) upper corner of the cloth.
        turned: 0 where that ear is in view, 1 where the head hides it.
        jaw: (N, 2) lower edge from the lower corner towards the chin.
        loops: outlines of the elastic strings.
    """

    corner: NDArray[np.float64]
    turned: float
    jaw: NDArray[np.float64]
    loops: list[NDArray[np.float64]]


@register_occluder(
    "surgical-mask",
    title="Mask",
    summary="A surgical mask that rises from the chin over mouth and nose as the amount grows.",
    noun="A surgical mask",
    plural=False,
    uses_landmarks=True,
)
def draw_surgical_mask(crop: FaceCrop, amount: float, rng: np.random.Generator) -> Overlay:
    """Return pale blue pleated cloth with a nose wire and ear loops."""
    cloth_rgb = CLOTHS[int(rng.integers(len(CLOTHS)))]
    depth = float(rng.random())
    pattern = _pattern(landmarks_or_mean(crop.landmarks_xy_px, crop.size))
    x, y = pattern.frame.grid(crop.size)
    fallen = 1 - amount**RISE_POWER
    top = _curve(pattern.top_px[:, 0], pattern.top_px[:, 1] + fallen * pattern.fall_px, x)
    bottom = _curve(pattern.bottom_px[:, 0], pattern.bottom_px[:, 1], x)

    cloth = polygon_coverage([pattern.frame.picture(pattern.outline_px)], crop.size)
    cloth *= np.clip(y - top + 0.5, 0, 1)
    loops = polygon_coverage([pattern.frame.picture(o) for o in pattern.loops_px], crop.size)
    opacity = np.maximum(cloth, loops)

    down = (y - top) / np.maximum(bottom - top, 1)  # 0 on the upper edge, 1 on the lower
    across = x / np.where(x > 0, np.float32(pattern.half_px[1]), np.float32(pattern.half_px[0]))
    nose = y / np.float32(pattern.nose_px)
    light = _cloth_light(across, down, nose, float(bottom.max() - top.min()), depth)
    colour = np.where(cloth > 0, light * cloth_rgb[:, None, None], np.float32(LOOP))
    return Overlay(scene_light(crop).lit(colour), opacity)


def _pattern(landmarks_xy_px: NDArray[np.float32]) -> _Pattern:
    points = np.asarray(landmarks_xy_px, dtype=np.float64)
    frame = head_frame(landmarks_xy_px, points[NOSE_TIP])
    nose = max(1.0, -float(frame.local(points[[NOSE_BRIDGE]])[0, 1]))
    rings = [frame.local(points[list(ring)]) for ring in (RIGHT_SIDE, LEFT_SIDE)]
    reach = [float((sign * ring[:, 0]).max()) for sign, ring in zip((-1, 1), rings, strict=True)]
    half = [max(x, NOSE_STANDOFF * nose) for x in reach]
    width = sum(half)
    sides = [_side(sign, ring, width, nose) for sign, ring in zip((-1, 1), rings, strict=True)]
    chin = frame.local(points[[CHIN]]) + np.array([0, 1.5 * JAW_MARGIN * width])
    corners = np.array([side.corner for side in sides])
    nose_ahead = np.array([(-NOSE_STANDOFF * nose, 0.0), (NOSE_STANDOFF * nose, 0.0)])
    lips = frame.local(points[list(LIPS)])
    below = _hull(np.concatenate([corners, sides[0].jaw, chin, sides[1].jaw, nose_ahead, lips]))
    bottom = _lower_chain(below)
    top, fall = _upper_edge(frame.local(points[list(UPPER_EDGE)]), sides, bottom)
    outline = _hull(np.concatenate([below, top - np.array([0, 0.03 * width])]))
    loops = [loop for side in sides for loop in side.loops]
    return _Pattern(frame, outline, top, fall, bottom, loops, (half[0], half[1]), nose)


def _side(sign: int, ring: NDArray[np.float64], width: float, nose: float) -> _Side:
    """Return how the mask is held on the right (`sign` -1) or left (1) side of the face."""
    reach = float((sign * ring[:, 0]).max())
    turned = 1 - float(np.clip((reach / width - 0.1) / 0.3, 0, 1))
    inset = SIDE_INSET * (1 - turned) * min(reach, 0.6 * width)
    corner = ring[UPPER_CORNER] - np.array([sign * inset, 0])
    hidden = np.array([sign * max(reach, NOSE_STANDOFF * nose), -0.5 * nose])
    corner = corner + turned * (hidden - corner)
    jaw = ring[LOWER_CORNER:]
    jaw = jaw * (1 + JAW_MARGIN * width / np.linalg.norm(jaw, axis=1, keepdims=True))
    if turned > LOOPS_UNTIL:
        return _Side(corner, turned, jaw, [])
    ear = ring[0] + np.array([sign * 0.04, -0.1]) * reach
    lobe = ring[1] + np.array([sign * 0.02, 0]) * reach
    strings = (np.array([corner, ear]), np.array([0.85 * jaw[0], lobe]))
    thickness = np.full(2, LOOP_THICKNESS * width)
    return _Side(corner, turned, jaw, [strip(string, thickness) for string in strings])


def _upper_edge(
    knots: NDArray[np.float64], sides: list[_Side], bottom: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the (K, 2) upper edge at amount 1 and its (K,) fall, from the right corner on."""
    right, left = sides
    y = np.array([right.corner[1], *(knots[:, 1] * UPPER_EDGE_HEIGHT), left.corner[1]])
    x = np.array([right.corner[0], *knots[:, 0], left.corner[0]])
    # In profile the far points fold over the near ones; the edge runs on from left to right.
    x = np.maximum.accumulate(np.clip(x, right.corner[0], left.corner[0]))
    reach = np.array([0.9 * right.turned, *UPPER_EDGE_FALL, 0.9 * left.turned])
    even = np.linspace(x[0], x[-1], _EDGE_STEPS)
    y, reach = _smooth(np.interp(even, x, y)), _smooth(np.interp(even, x, reach))
    floor = np.interp(even, bottom[:, 0], bottom[:, 1])
    return np.column_stack([even, y]), reach * np.maximum(floor - y, 0)


def _smooth(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return evenly spaced values without their corners; the ends stay where they are level."""
    kernel = np.hanning(_EDGE_STEPS // 5)
    padded = np.pad(values, len(kernel) // 2, mode="edge")
    return np.convolve(padded, kernel / kernel.sum(), mode="valid")


def _hull(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the corners of the convex hull of (N, 2) points."""
    return cv2.convexHull(points.astype(np.float32))[:, 0].astype(np.float64)


def _lower_chain(hull: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a convex hull's lower boundary in the picture, from its right end to its left."""
    first, last = hull[hull[:, 0].argmin()], hull[hull[:, 0].argmax()]
    slope = (last[1] - first[1]) / max(1e-6, last[0] - first[0])
    lower = hull[hull[:, 1] >= first[1] + slope * (hull[:, 0] - first[0])]
    return lower[lower[:, 0].argsort()]


def _curve(
    curve_x: NDArray[np.float64], curve_y: NDArray[np.float64], x: Array
) -> NDArray[np.float32]:
    """Return the curve's height at every `x`, in pixels: a table, since pictures are large."""
    low = float(x.min())
    steps = int((float(x.max()) - low) * _CURVE_STEPS_PER_PX) + 1
    table = np.interp(low + np.arange(steps) / _CURVE_STEPS_PER_PX, curve_x, curve_y)
    index = ((x - np.float32(low)) * _CURVE_STEPS_PER_PX).astype(np.intp)
    return table.astype(np.float32)[np.minimum(index, steps - 1)]


def _cloth_light(across: Array, down: Array, nose: Array, height_px: float, depth: float) -> Array:
    """Return the cloth's brightness, around 1.

    Args:
        across: (S, S) from -1 at the right edge of the face to 1 at the left.
        down: (S, S) from 0 on the upper edge to 1 on the lower.
        nose: (S, S) height below the nose's tip, in units of its length.
        height_px: full height of the cloth.
        depth: how deep the pleats are, in [0, 1].
    """
    v = np.linspace(0, 1, _PROFILE_STEPS, dtype=np.float32)
    fine = max(0.010, 0.6 / height_px)  # lines never get thinner than a pixel
    folds = np.zeros_like(v)
    kernel = np.hanning(2 + 2 * round(fine * _PROFILE_STEPS))
    kernel /= kernel.sum()
    for pleat in PLEATS:
        below = v - np.float32(pleat)
        folds += np.where(
            below < 0,
            0.05 * np.exp(below / 0.06),
            -(0.13 + 0.08 * depth) * np.exp(-below / max(0.035, 1.5 * fine)),
        )
    folds = np.convolve(folds, kernel, mode="same")
    hems = _line(v, 0.055, fine) + _line(v, 0.955, fine)
    wire = _line(v, 0.10, fine) + _line(v, 0.15, fine)
    shade = folds - 0.20 * smoothstep(v, 0.72, 1.0)
    index = (np.clip(down, 0, 1) * (_PROFILE_STEPS - 1)).astype(np.intp)
    squared = across * across
    light = 1.04 + shade[index] - 0.14 * squared - 0.18 * squared * squared
    light -= (0.08 * wire)[index] * (squared < 0.12)
    light -= (0.07 * hems)[index] * (squared < 0.5)
    ridge = np.exp(-(squared / 0.03 + np.square(nose + 0.15) / 0.4))
    hollow = np.exp(-(squared / 0.08 + np.square(nose - 0.55) / 0.05))
    return light + 0.08 * ridge - 0.05 * hollow


def _line(v: Array, centre: float, width: float) -> Array:
    return np.exp(-np.square((v - np.float32(centre)) / np.float32(width)))
