"""A VR headset: a dark box over the eyes, held by a strap around the head and one over it.

The box is a level set of one gauge function, swept from the face forwards, so a smaller one always
lies inside a larger one. The straps don't depend on the amount.
"""

from dataclasses import dataclass

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
from ferstudio.regions import anchor_points, points_of
from ferstudio.types import FaceCrop

BRIDGE = (168, 6)
NOSE_BASE = 2
FOREHEAD = 10
EYE_CORNERS = (33, 263)
TEMPLES = ((127, 162), (356, 389))

# Across in shares of the way from the bridge to the eye's outer corner, down in shares of the way
# from the bridge to the base of the nose.
REACH = 1.38  # half the box at amount 1
MIN_REACH = 0.55  # of the drop: half a box on a head in profile
HALF_HEIGHT = 0.76
SINK = 0.10  # of the box's middle below the eyes
DEPTH = 0.85  # how far the box stands before the face, in drops
SCALE = (0.42, 1.0)  # just above amount 0, and at amount 1
STRAP_WIDTH = 0.42
TOP_STRAP_WIDTH = 0.46

PLASTICS = np.array([(44, 45, 49), (54, 52, 52), (38, 42, 52)], dtype=np.float32)
STRAP = np.array([34, 34, 37], dtype=np.float32)


@dataclass(frozen=True, slots=True)
class _Fit:
    """Where the box sits on one face, in its head frame with the origin on the nose's bridge.

    Attributes:
        frame: the head's axes.
        centre_px: (2,) middle of the box's side on the face.
        half_px: half its width and height at amount 1.
        forward_px: how far the front lies to the left of that in the picture, by the head's turn.
        drop_px: bridge to the base of the nose.
        straps_px: the straps' outlines.
    """

    frame: HeadFrame
    centre_px: tuple[float, float]
    half_px: tuple[float, float]
    forward_px: float
    drop_px: float
    straps_px: list[NDArray[np.float64]]


@register_occluder(
    "vr-headset",
    title="VR headset",
    summary="A dark VR headset over the eyes, strapped around the head; more is larger.",
    noun="A VR headset",
)
def draw_vr_headset(crop: FaceCrop, amount: float, rng: np.random.Generator) -> Overlay:
    """Return an opaque box with rounded corners, a glossy front and its straps."""
    plastic = PLASTICS[int(rng.integers(len(PLASTICS)))][:, None, None]
    place, gloss = rng.random(2)
    fit = _fit(points_of(crop))
    low, high = SCALE
    scale = np.float32(low + (high - low) * amount)

    x, y = fit.frame.grid(crop.size)
    x -= np.float32(fit.centre_px[0])
    y -= np.float32(fit.centre_px[1])
    near, far = sorted((0.0, fit.forward_px))
    body_px, _, _ = _box(x - np.clip(x, near, far), y, fit, scale)
    front_px, u, v = _box(x - np.float32(fit.forward_px), y, fit, scale)
    body, front = np.clip(body_px + 0.5, 0, 1), np.clip(front_px + 0.5, 0, 1)
    straps = polygon_coverage([fit.frame.picture(o) for o in fit.straps_px], crop.size)
    opacity = np.maximum(body, straps)

    side_light = 0.75 - 0.25 * v
    panel_light, shine = _front_light(u, v, front_px / np.float32(fit.drop_px), place, gloss)
    box = front * (panel_light * plastic + shine) + (1 - front) * (side_light * plastic)
    weave = 1 + 0.10 * np.sin(np.float32(2 * np.pi / max(3.0, 0.03 * crop.size)) * (x + y))
    colour = body * box + (1 - body) * (weave * STRAP[:, None, None])
    return Overlay(scene_light(crop).lit(colour), opacity.astype(np.float32))


def _fit(landmarks_xy_px: NDArray[np.float32]) -> _Fit:
    points = np.asarray(landmarks_xy_px, dtype=np.float64)
    frame = head_frame(landmarks_xy_px, points[list(BRIDGE)].mean(axis=0))
    drop = max(1.0, float(frame.local(points[[NOSE_BASE]])[0, 1]))
    corners = np.abs(frame.local(points[list(EYE_CORNERS)])[:, 0])
    right, left = np.maximum(REACH * corners, MIN_REACH * drop)
    eyes_y = float(frame.local(anchor_points(landmarks_xy_px)[:2])[:, 1].mean())
    centre = np.array([(left - right) / 2, eyes_y + SINK * drop])
    ears = np.array([frame.local(points[list(pair)]).mean(axis=0) for pair in TEMPLES])
    turn = -float(ears[:, 0].sum()) / max(1.0, float(np.ptp(ears[:, 0])))
    forward = DEPTH * drop * float(np.clip(turn, -1, 1))

    bands = [
        np.array([centre, ear + np.array([sign * 0.12 * drop, 0.10 * drop])])
        for sign, ear in zip((-1, 1), ears, strict=True)
    ]
    brow = frame.local(points[[FOREHEAD]])[0]
    crown = brow + 0.8 * (brow - centre)
    straps = [strip(band, np.full(2, STRAP_WIDTH * drop)) for band in bands]
    straps.append(strip(np.array([centre, brow, crown]), np.full(3, TOP_STRAP_WIDTH * drop)))
    half = (float(left + right) / 2, HALF_HEIGHT * drop)
    return _Fit(frame, (float(centre[0]), float(centre[1])), half, forward, drop, straps)


def _box(x: Array, y: Array, fit: _Fit, scale: np.float32) -> tuple[Array, Array, Array]:
    """Return the distance to the edge of the box around (0, 0), and (u, v) in [-1, 1] on it.

    The distance is in pixels along rays from the centre, positive inside.
    """
    u, v = x / np.float32(fit.half_px[0]), y / np.float32(fit.half_px[1])
    flat = u * u * u, v * v * v
    gauge = np.cbrt(np.sqrt(flat[0] * flat[0] + flat[1] * flat[1] + np.float32(1e-18)))
    depth = (scale - gauge) * (np.hypot(x, y) / gauge)
    return depth, u / scale, v / scale


def _front_light(
    u: Array, v: Array, depth: Array, place: float, gloss: float
) -> tuple[Array, Array]:
    """Return the front's brightness, a factor, and what it reflects, in levels.

    Args:
        u: (S, S) from -1 at the front's right edge to 1 at its left.
        v: (S, S) from -1 at its upper edge to 1 at its lower.
        depth: (S, S) distance to its edge in drops, positive inside.
        place: where the reflection lies, in [0, 1].
        gloss: how bright it is, in [0, 1].
    """
    inset = smoothstep(depth, 0.10, 0.14)  # a glossy panel within a matt shell
    shell = 1.45 - 0.35 * v
    panel = 0.55 - 0.15 * v
    light = shell + inset * (panel - shell)
    light -= 0.5 * np.exp(-np.square((depth - 0.11) / 0.025))
    slant = u + 0.45 * v + np.float32(0.9 * place - 0.1)
    streak = smoothstep(slant, -0.30, -0.22) * smoothstep(-slant, -0.12, -0.02)
    thin = smoothstep(slant, 0.20, 0.24) * smoothstep(-slant, -0.34, -0.30)
    sky = smoothstep(-v, -0.2, 1.0)
    shine = inset * ((26 + 34 * gloss) * (streak + 0.6 * thin) * (0.4 + 0.6 * sky) + 20 * sky)
    top = (1 - inset) * smoothstep(-v, 0.75, 1.0)
    return light, shine + 46 * top
