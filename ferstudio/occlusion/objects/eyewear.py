"""How a pair of glasses sits on a face: where each lens, the bridge and the temples lie.

A lens is a level set of a gauge function around its centre, which doesn't depend on the amount. So
a smaller lens always lies inside a larger one.
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
    strip,
)
from ferstudio.regions import anchor_points

BRIDGE = (168, 6)
NOSE_BASE = 2
EYE_CORNERS = (33, 263)
TEMPLES = ((127, 162), (356, 389))
MIN_REACH_SHARE = 0.18  # of the other side's, on a head in profile


@dataclass(frozen=True, slots=True)
class Lens:
    """The shape of one kind of lens.

    Lengths across are shares of the way from the nose's bridge to that eye's outer corner, lengths
    down of the way from the bridge to the base of the nose.

    Attributes:
        half: half the unit lens's width and height.
        edges: (K, 2) normals of the lens's rounded polygon, divided by its sides' distances.
        scale: just above amount 0, and at amount 1.
        nose_gap: from the middle to the largest lens.
        rim: thickness of the rim.
    """

    half: tuple[float, float]
    edges: NDArray[np.float32]
    scale: tuple[float, float]
    nose_gap: float
    rim: float

    def scale_at(self, amount: float) -> np.float32:
        """Return the gauge on the lens's edge at `amount`."""
        low, high = self.scale
        return np.float32(low + (high - low) * amount)


@dataclass(frozen=True, slots=True)
class Fit:
    """Where glasses sit on one face, in its head frame with the origin on the nose's bridge.

    Attributes:
        lens: what the lenses are.
        frame: the head's axes.
        reach_px: bridge to the eye's outer corner, right and left side.
        centre_px: bridge to each lens's centre.
        lift_px: how far each lens's centre lies below the origin.
        drop_px: bridge to the base of the nose.
        ears_px: (2, 2) where each temple ends.
    """

    lens: Lens
    frame: HeadFrame
    reach_px: tuple[float, float]
    centre_px: tuple[float, float]
    lift_px: tuple[float, float]
    drop_px: float
    ears_px: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LensField:
    """Where each pixel lies on the unit lens of its side; all arrays are (S, S) float32.

    Attributes:
        across: from the lens's centre, outwards positive.
        down: likewise, downwards.
        gauge: 1 on the edge of the unit lens, proportional along rays from its centre.
        ray_px: distance from the centre to the unit lens's edge along the pixel's ray.
        side: -1 on the person's right, 1 on the left.
    """

    across: Array
    down: Array
    gauge: Array
    ray_px: Array
    side: Array

    def depth_px(self, scale: np.float32) -> Array:
        """Return the distance to the edge of a lens of `scale` along rays, positive inside."""
        return (scale - self.gauge) * self.ray_px


def fit_eyewear(landmarks_xy_px: NDArray[np.float32], lens: Lens) -> Fit:
    """Return where glasses with such lenses sit on a face with (478, 2) mesh points in pixels."""
    points = np.asarray(landmarks_xy_px, dtype=np.float64)
    frame = head_frame(landmarks_xy_px, points[list(BRIDGE)].mean(axis=0))
    corners = np.abs(frame.local(points[list(EYE_CORNERS)])[:, 0])
    reach = np.maximum(corners, MIN_REACH_SHARE * corners.max())
    eyes = frame.local(anchor_points(landmarks_xy_px)[:2])
    drop = max(1.0, float(frame.local(points[[NOSE_BASE]])[0, 1]))
    ears = np.array([frame.local(points[list(pair)]).mean(axis=0) for pair in TEMPLES])
    ears[:, 0] += np.array([-0.06, 0.06]) * reach
    lift = eyes[:, 1] + 0.06 * drop
    centre = lens.half[0] * lens.scale[1] * reach + np.maximum(
        lens.nose_gap * reach, lens.rim * drop
    )
    return Fit(lens, frame, _pair(reach), _pair(centre), _pair(lift), drop, ears)


def lens_field(fit: Fit, size_px: int) -> LensField:
    """Return every pixel's place on the lens of its side of the face."""
    x, y = fit.frame.grid(size_px)
    side = np.where(x > 0, np.float32(1), np.float32(-1))
    reach = np.where(x > 0, np.float32(fit.reach_px[1]), np.float32(fit.reach_px[0]))
    lift = np.where(x > 0, np.float32(fit.lift_px[1]), np.float32(fit.lift_px[0]))
    centre = np.where(x > 0, np.float32(fit.centre_px[1]), np.float32(fit.centre_px[0]))
    out_px = np.abs(x) - centre
    down_px = y - lift
    u = out_px / (np.float32(fit.lens.half[0]) * reach)
    v = down_px / np.float32(fit.lens.half[1] * fit.drop_px)
    gauge = _gauge(u, v, fit.lens.edges)
    return LensField(u, v, gauge, np.hypot(out_px, down_px) / gauge, side)


def bridge_and_temples(fit: Fit, size_px: int, *, bridge: float, temple: float) -> Array:
    """Return (size, size) coverage of everything but lenses and rims.

    Args:
        fit: where the glasses sit.
        size_px: side of the picture.
        bridge: thickness of the bridge, as a share of the bridge's distance to the nose's base.
        temple: likewise of the temples' front ends.
    """
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
    strips = [strip(arch, np.full(len(arch), bridge * drop))]
    for sign, reach, lift, ear in zip((-1, 1), fit.reach_px, lifts, fit.ears_px, strict=True):
        path = np.array(
            [
                (sign * 0.75 * reach, lift - 0.10 * drop),
                (sign * 1.05 * reach, lift - 0.24 * drop),
                ear,
            ]
        )
        strips.append(strip(path, np.array([temple, temple, 0.75 * temple]) * drop))
    return polygon_coverage([fit.frame.picture(outline) for outline in strips], size_px)


def _pair(values: NDArray[np.float64]) -> tuple[float, float]:
    return float(values[0]), float(values[1])


def _gauge(u: Array, v: Array, edges: NDArray[np.float32]) -> Array:
    """Return the gauge of the unit lens at (u, v): 1 on its edge, proportional along rays."""
    total = np.full_like(u, 1e-12)
    for normal_u, normal_v in edges:
        height = np.maximum(u * normal_u + v * normal_v, 0)
        height *= height
        total += height * height
    return np.sqrt(np.sqrt(total))
