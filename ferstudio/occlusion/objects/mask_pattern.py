"""The pattern of a face mask: which part of the face its cloth covers, and how it rises.

A mask is cut from the mesh points of one face. Its side and lower edges don't depend on the amount;
its upper edge is a curve that rises with it at every place, from the chin to the nose's bridge. So
a lower mask always lies inside a higher one.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ferstudio.occlusion.drawing import Array, HeadFrame, head_frame, polygon_coverage, strip
from ferstudio.regions import LIPS

NOSE_BRIDGE, NOSE_TIP, CHIN = 168, 4, 152
RIGHT_SIDE = (234, 93, 132, 58, 172, 136, 150, 149, 176, 148)
LEFT_SIDE = (454, 323, 361, 288, 397, 365, 379, 378, 400, 377)
"""The face's outline from the ear down to the chin, right and left."""
UPPER_EDGE = (33, 145, 133, 193, 6, 417, 362, 374, 263)
"""Mesh points under which the upper edge runs: eyes and nose bridge, right to left."""

RISE_POWER = 0.5  # amount 0.3 ends under the nose, 0.7 on its bridge, 1 between the eyes
JAW_MARGIN = 0.03  # of the face's width: how far cloth stands off the jaw
LOOPS_UNTIL = 0.5  # on a turned head the far ear's loops are out of sight

_EDGE_STEPS = 65
_EDGE_TOLERANCE = 0.006  # of the face's width: what `edge_distance` may smooth away
_CURVE_STEPS_PER_PX = 16


@dataclass(frozen=True, slots=True)
class Cut:
    """What the shape of one kind of mask depends on, besides the face.

    Attributes:
        side_inset: cheek that stays bare before each ear, as a share of half the face's width.
        upper_corner: where the cloth's side edge begins, counted along the face's outline.
        lower_corner: where it ends.
        nose_standoff: how far cloth stands before the nose's tip in profile, in noses.
        far_corner: height of the cloth's upper corner above the tip there, in noses.
        far_fall: how far that corner hangs down at least just above amount 0, in noses.
        edge_height: the upper edge's height above the nose's tip at amount 1, at each point of
            `UPPER_EDGE`, as a share of that point's own.
        edge_fall: how far the edge hangs down there just above amount 0, as a share of the way to
            the lower edge.
    """

    side_inset: float = 0.16
    upper_corner: int = 1
    lower_corner: int = 4
    nose_standoff: float = 0.3
    far_corner: float = 0.5
    far_fall: float = 0.0
    edge_height: tuple[float, ...] = (0.50, 0.62, 0.74, 0.90, 1.08, 0.90, 0.74, 0.62, 0.50)
    edge_fall: tuple[float, ...] = (0.60, 0.85, 0.93, 0.95, 0.95, 0.95, 0.93, 0.85, 0.60)


@dataclass(frozen=True, slots=True)
class Side:
    """One side of the face and of the mask on it, in the head frame.

    Attributes:
        sign: -1 on the right, 1 on the left.
        ring: (N, 2) the face's outline from the ear down to the chin.
        reach_px: how far that outline lies from the nose's tip.
        turned: 0 where that ear is in view, 1 where the head hides it.
        corner: (2,) upper corner of the cloth.
        jaw: (M, 2) lower edge from the lower corner towards the chin.
    """

    sign: int
    ring: NDArray[np.float64]
    reach_px: float
    turned: float
    corner: NDArray[np.float64]
    jaw: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A mask cut for one face, in its head frame with the origin on the nose's tip.

    Attributes:
        frame: the head's axes.
        sides: the right and the left side.
        outline_px: (N, 2) convex ring of side and lower edges, above it clear of the upper edge.
        top_px: (K, 2) the upper edge at amount 1, from right to left.
        fall_px: (K,) how much lower each of those points hangs just above amount 0.
        bottom_px: (M, 2) the lower edge, from right to left.
        chin_xy_px: (2,) the chin.
        half_px: width of the face's right and left half.
        nose_px: length of the nose.
    """

    frame: HeadFrame
    sides: tuple[Side, Side]
    outline_px: NDArray[np.float64]
    top_px: NDArray[np.float64]
    fall_px: NDArray[np.float64]
    bottom_px: NDArray[np.float64]
    chin_xy_px: NDArray[np.float64]
    half_px: tuple[float, float]
    nose_px: float

    @property
    def width_px(self) -> float:
        """Width of the face."""
        return sum(self.half_px)

    def cover(self, outlines_px: list[NDArray[np.float64]], size_px: int) -> Array:
        """Return (size, size) coverage of the union of outlines in the head frame."""
        return polygon_coverage([self.frame.picture(o) for o in outlines_px], size_px)

    def ear_loops(self, thickness_px: float) -> list[NDArray[np.float64]]:
        """Return the outlines of the strings to the ears that are in view."""
        loops = []
        for side in self.sides:
            if side.turned > LOOPS_UNTIL:
                continue
            ear = side.ring[0] + np.array([side.sign * 0.04, -0.1]) * side.reach_px
            lobe = side.ring[1] + np.array([side.sign * 0.02, 0]) * side.reach_px
            strings = (np.array([side.corner, ear]), np.array([0.85 * side.jaw[0], lobe]))
            loops += [strip(string, np.full(2, thickness_px)) for string in strings]
        return loops


@dataclass(frozen=True, slots=True)
class Drape:
    """A mask's cloth on the picture, raised to some amount; all arrays are (S, S) float32.

    Attributes:
        coverage: how much of each pixel is cloth, in [0, 1].
        x: position in the head frame, in pixels from the nose's tip to the person's left.
        y: likewise, down the face.
        below_top_px: how far each pixel lies below the upper edge.
        down: 0 on the upper edge, 1 on the lower.
        across: -1 at the right edge of the face, 0 on the nose, 1 at the left edge.
        height_px: full height of the cloth.
    """

    coverage: Array
    x: Array
    y: Array
    below_top_px: Array
    down: Array
    across: Array
    height_px: float


def cut_pattern(landmarks_xy_px: NDArray[np.float32], cut: Cut) -> Pattern:
    """Return the pattern of a mask of that cut for one face.

    Args:
        landmarks_xy_px: (478, 2) mesh points in pixels; only `regions.COMPACT` are read.
        cut: the kind of mask.
    """
    points = np.asarray(landmarks_xy_px, dtype=np.float64)
    frame = head_frame(landmarks_xy_px, points[NOSE_TIP])
    nose = max(1.0, -float(frame.local(points[[NOSE_BRIDGE]])[0, 1]))
    standoff = cut.nose_standoff * nose
    rings = [frame.local(points[list(ring)]) for ring in (RIGHT_SIDE, LEFT_SIDE)]
    reach = [float((sign * ring[:, 0]).max()) for sign, ring in zip((-1, 1), rings, strict=True)]
    half = [max(x, standoff) for x in reach]
    width = sum(half)
    right, left = (
        _side(sign, ring, nose, width, cut) for sign, ring in zip((-1, 1), rings, strict=True)
    )
    chin = frame.local(points[[CHIN]])
    under_chin = chin + np.array([0, 1.5 * JAW_MARGIN * width])
    corners = np.array([right.corner, left.corner])
    nose_ahead = np.array([(-standoff, 0.0), (standoff, 0.0)])
    lips = frame.local(points[list(LIPS)])
    below = _hull(np.concatenate([corners, right.jaw, under_chin, left.jaw, nose_ahead, lips]))
    bottom = _lower_chain(below)
    knots = frame.local(points[list(UPPER_EDGE)])
    top, fall = _upper_edge(knots, (right, left), bottom, nose, cut)
    outline = _hull(np.concatenate([below, top - np.array([0, 0.03 * width])]))
    halves = (half[0], half[1])
    return Pattern(frame, (right, left), outline, top, fall, bottom, chin[0], halves, nose)


def drape(pattern: Pattern, amount: float, size_px: int) -> Drape:
    """Return the cloth on a picture of `size_px`, risen to `amount` in (0, 1]."""
    x, y = pattern.frame.grid(size_px)
    fallen = 1 - amount**RISE_POWER
    top = curve_at(pattern.top_px[:, 0], pattern.top_px[:, 1] + fallen * pattern.fall_px, x)
    bottom = curve_at(pattern.bottom_px[:, 0], pattern.bottom_px[:, 1], x)
    below_top = y - top
    coverage = pattern.cover([pattern.outline_px], size_px)
    coverage *= np.clip(below_top + 0.5, 0, 1)
    down = below_top / np.maximum(bottom - top, 1)
    right, left = pattern.half_px
    across = x / np.where(x > 0, np.float32(left), np.float32(right))
    height = float(bottom.max() - top.min())
    return Drape(coverage, x, y, below_top, down, across, height)


def edge_distance(pattern: Pattern, draped: Drape) -> Array:
    """Return (S, S) float32 distance to the cloth's nearest edge in pixels, positive inside."""
    ring = pattern.outline_px.astype(np.float32)
    corners = cv2.approxPolyDP(ring, _EDGE_TOLERANCE * pattern.width_px, closed=True)[:, 0]
    steps = np.roll(corners, -1, axis=0) - corners
    inward = np.stack([-steps[:, 1], steps[:, 0]], axis=1)
    inward /= np.linalg.norm(steps, axis=1, keepdims=True)
    inside = corners.mean(axis=0)
    nearest = draped.below_top_px.copy()
    for corner, normal in zip(corners, inward, strict=True):
        towards_x, towards_y = np.sign(normal @ (inside - corner)) * normal
        offset = corner @ (towards_x, towards_y)
        distance = draped.x * np.float32(towards_x) + draped.y * np.float32(towards_y)
        np.minimum(nearest, distance - np.float32(offset), out=nearest)
    return nearest


def line(values: Array, centre: float, width: float) -> Array:
    """Return 1 at `centre` and a bell of about `width` around it."""
    return np.exp(-np.square((values - np.float32(centre)) / np.float32(width)))


def _side(sign: int, ring: NDArray[np.float64], nose: float, width: float, cut: Cut) -> Side:
    """Return the right (`sign` -1) or left (1) side of a mask on a face of that width."""
    reach = float((sign * ring[:, 0]).max())
    turned = 1 - float(np.clip((reach / width - 0.1) / 0.3, 0, 1))
    inset = cut.side_inset * (1 - turned) * min(reach, 0.6 * width)
    corner = ring[cut.upper_corner] - np.array([sign * inset, 0])
    hidden = np.array([sign * max(reach, cut.nose_standoff * nose), -cut.far_corner * nose])
    corner = corner + turned * (hidden - corner)
    jaw = ring[cut.lower_corner :]
    jaw = jaw * (1 + JAW_MARGIN * width / np.linalg.norm(jaw, axis=1, keepdims=True))
    return Side(sign, ring, reach, turned, corner, jaw)


def _upper_edge(
    knots: NDArray[np.float64],
    sides: tuple[Side, Side],
    bottom: NDArray[np.float64],
    nose: float,
    cut: Cut,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the (K, 2) upper edge at amount 1 and its (K,) fall, from the right corner on."""
    right, left = sides
    y = np.array([right.corner[1], *(knots[:, 1] * cut.edge_height), left.corner[1]])
    x = np.array([right.corner[0], *knots[:, 0], left.corner[0]])
    # In profile the far points fold over the near ones; the edge runs on from left to right.
    x = np.maximum.accumulate(np.clip(x, right.corner[0], left.corner[0]))
    reach = np.array([0.9 * right.turned, *cut.edge_fall, 0.9 * left.turned])
    even = np.linspace(x[0], x[-1], _EDGE_STEPS)
    y, reach = smoothed(np.interp(even, x, y)), smoothed(np.interp(even, x, reach))
    floor = np.interp(even, bottom[:, 0], bottom[:, 1])
    turned = np.interp(even, [even[0], 0, even[-1]], [right.turned, 0, left.turned])
    fall = np.maximum(reach * np.maximum(floor - y, 0), cut.far_fall * nose * turned)
    return np.column_stack([even, y]), fall


def smoothed(values: NDArray[np.float64]) -> NDArray[np.float64]:
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


def curve_at(
    curve_x: NDArray[np.float64], curve_y: NDArray[np.float64], x: Array
) -> NDArray[np.float32]:
    """Return the curve's height at every `x`, in pixels: a table, since pictures are large."""
    low = float(x.min())
    steps = int((float(x.max()) - low) * _CURVE_STEPS_PER_PX) + 1
    table = np.interp(low + np.arange(steps) / _CURVE_STEPS_PER_PX, curve_x, curve_y)
    index = ((x - np.float32(low)) * _CURVE_STEPS_PER_PX).astype(np.intp)
    return table.astype(np.float32)[np.minimum(index, steps - 1)]
