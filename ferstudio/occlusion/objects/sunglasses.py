"""Sunglasses on the eyes: they follow the head's tilt and turn, and grow from small to oversize.

Both lenses are level sets of one gauge function around the eye's centre, so a smaller pair always
lies inside a larger one. Bridge and temples don't depend on the amount.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ferstudio.occlusion.drawing import (
    Array,
    HeadFrame,
    head_frame,
    polygon_coverage,
    rounded,
    scene_light,
    smoothstep,
    strip,
)
from ferstudio.occlusion.occluder import Overlay, register_occluder
from ferstudio.regions import anchor_points, landmarks_or_mean
from ferstudio.types import FaceCrop

BRIDGE = (168, 6)
NOSE_BASE = 2
EYE_CORNERS = (33, 263)
TEMPLES = ((127, 162), (356, 389))

# In the unit of one side: across, from the nose's bridge to the eye's outer corner, and down, from
# the bridge to the base of the nose.
NOSE_GAP = 0.08  # between the largest lens and the middle, at least a rim's width
LENS_HALF = (0.53, 0.46)
LENS_SCALE = (0.5, 1.21)  # just above amount 0, and at amount 1
LENS_EDGES = np.array(
    [(-0.06, -0.95), (0.04, 0.95), (0.94, 0.10), (-0.94, 0.14), (-0.62, 0.66), (0.60, 0.58)],
    dtype=np.float32,
)  # top, bottom, outer, inner, and the two lower corners: normals of the lens's rounded polygon
RIM = 0.065
MIN_REACH_SHARE = 0.18  # of the other side's, on a head in profile

GLASS = np.array([(16, 17, 20), (30, 22, 16), (18, 26, 22)], dtype=np.float32)
FRAME = np.array([(15, 14, 16), (38, 24, 17), (24, 25, 28)], dtype=np.float32)


@dataclass(frozen=True, slots=True)
class _Fit:
    """Where glasses sit on one face, in its head frame with the origin on the nose's bridge.

    Attributes:
        frame: the head's axes.
        reach_px: bridge to the eye's outer corner, right and left side.
        centre_px: bridge to each lens's centre.
        lift_px: how far each lens's centre lies below the origin.
        drop_px: bridge to the base of the nose.
        ears_px: (2, 2) where each temple ends.
    """

    frame: HeadFrame
    reach_px: tuple[float, float]
    centre_px: tuple[float, float]
    lift_px: tuple[float, float]
    drop_px: float
    ears_px: NDArray[np.float64]


@register_occluder(
    "sunglasses",
    title="Sunglasses",
    summary="Dark glasses that sit on the eyes and follow the head; more is larger.",
    noun="Sunglasses",
    plural=True,
    uses_landmarks=True,
)
def draw_sunglasses(crop: FaceCrop, amount: float, rng: np.random.Generator) -> Overlay:
    """Return opaque dark lenses with rims, bridge and temples."""
    tint = int(rng.integers(len(GLASS)))
    glare, shade = rng.random(2)
    fit = _fit(landmarks_or_mean(crop.landmarks_xy_px, crop.size))
    low, high = LENS_SCALE
    scale = np.float32(low + (high - low) * amount)

    x, y = fit.frame.grid(crop.size)
    side = np.where(x > 0, np.float32(1), np.float32(-1))
    reach = np.where(x > 0, np.float32(fit.reach_px[1]), np.float32(fit.reach_px[0]))
    lift = np.where(x > 0, np.float32(fit.lift_px[1]), np.float32(fit.lift_px[0]))
    centre = np.where(x > 0, np.float32(fit.centre_px[1]), np.float32(fit.centre_px[0]))
    out_px = np.abs(x) - centre
    down_px = y - lift
    u = out_px / (np.float32(LENS_HALF[0]) * reach)
    v = down_px / np.float32(LENS_HALF[1] * fit.drop_px)
    gauge = _gauge(u, v)
    # Distance to the lens's edge along the ray from its centre, in pixels, positive inside.
    depth_px = (scale - gauge) * (np.hypot(out_px, down_px) / gauge)
    upward = np.clip(-v / gauge, 0, 1)
    rim_px = np.float32(RIM * fit.drop_px) * (1 + 0.7 * upward)

    glass = np.clip(depth_px + 0.5, 0, 1)
    frame = np.clip(depth_px + rim_px + 0.5, 0, 1)
    opacity = np.maximum(frame, _bridge_and_temples(fit, crop.size))

    bevel = np.clip(1 - np.abs(depth_px + 0.6 * rim_px) / (0.4 * rim_px), 0, 1)
    frame_light = 1 + 1.2 * bevel * upward * upward
    gradient, reflection = _glass_light(u * side / scale, v / scale, glare, shade)
    frame_rgb, glass_rgb = FRAME[tint][:, None, None], GLASS[tint][:, None, None]
    colour = frame_light * frame_rgb  # (3, S, S)
    colour += glass * (gradient * glass_rgb + reflection - colour)
    return Overlay(scene_light(crop).lit(colour), opacity.astype(np.float32))


def _fit(landmarks_xy_px: NDArray[np.float32]) -> _Fit:
    points = np.asarray(landmarks_xy_px, dtype=np.float64)
    frame = head_frame(landmarks_xy_px, points[list(BRIDGE)].mean(axis=0))
    corners = np.abs(frame.local(points[list(EYE_CORNERS)])[:, 0])
    reach = np.maximum(corners, MIN_REACH_SHARE * corners.max())
    eyes = frame.local(anchor_points(landmarks_xy_px)[:2])
    drop = max(1.0, float(frame.local(points[[NOSE_BASE]])[0, 1]))
    ears = np.array([frame.local(points[list(pair)]).mean(axis=0) for pair in TEMPLES])
    ears[:, 0] += np.array([-0.06, 0.06]) * reach
    lift = eyes[:, 1] + 0.06 * drop
    centre = LENS_HALF[0] * LENS_SCALE[1] * reach + np.maximum(NOSE_GAP * reach, RIM * drop)
    return _Fit(frame, _pair(reach), _pair(centre), _pair(lift), drop, ears)


def _pair(values: NDArray[np.float64]) -> tuple[float, float]:
    return float(values[0]), float(values[1])


def _gauge(u: Array, v: Array) -> Array:
    """Return the gauge of the unit lens at (u, v): 1 on its edge, proportional along rays."""
    total = np.full_like(u, 1e-12)
    for normal_u, normal_v in LENS_EDGES:
        height = np.maximum(u * normal_u + v * normal_v, 0)
        height *= height
        total += height * height
    return np.sqrt(np.sqrt(total))


def _bridge_and_temples(fit: _Fit, size_px: int) -> Array:
    """Return (size, size) coverage of everything but lenses and rims."""
    right, left = fit.reach_px
    drop = fit.drop_px
    lifts = fit.lift_px
    arch = rounded(
        np.array(
            [
                (-0.55 * right, lifts[0] - 0.10 * drop),
                (-0.22 * right, lifts[0] - 0.20 * drop),
                (0.0, -0.17 * drop),
                (0.22 * left, lifts[1] - 0.20 * drop),
                (0.55 * left, lifts[1] - 0.10 * drop),
            ]
        )
    )
    strips = [strip(arch, np.full(len(arch), 0.085 * drop))]
    for sign, reach, lift, ear in zip((-1, 1), fit.reach_px, lifts, fit.ears_px, strict=True):
        path = np.array(
            [
                (sign * 0.75 * reach, lift - 0.10 * drop),
                (sign * 1.05 * reach, lift - 0.24 * drop),
                ear,
            ]
        )
        strips.append(strip(path, np.array([0.12, 0.12, 0.09]) * drop))
    return polygon_coverage([fit.frame.picture(outline) for outline in strips], size_px)


def _glass_light(across: Array, down: Array, glare: float, shade: float) -> tuple[Array, Array]:
    """Return the glass's gradient (a factor) and its reflection (levels) over the unit lens."""
    gradient = 0.7 + (0.7 + 0.9 * shade) * smoothstep(down, -0.5, 1.1)
    slant = down + 0.35 * across
    window = np.exp(-(np.square((across + 0.28) / 0.40) + np.square((slant + 0.56) / 0.20)))
    sky = smoothstep(-slant, -0.15, 0.9)
    return gradient, (34 + 40 * glare) * window + 14 * sky
