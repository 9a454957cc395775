"""Anti-aliased shapes and the picture's own light, for objects that are drawn onto a face."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ferstudio.preprocess import LUMA
from ferstudio.regions import anchor_points, face_mask
from ferstudio.types import FaceCrop

Array = NDArray[np.float32]

_SUPERSAMPLING = 4
_SHIFT_BITS = 4  # cv2 takes sub-pixel positions as fixed-point integers
_LIGHT_GRID = 16
_MONOCHROME_SPREAD = 2.0  # largest mean difference between channels of a grey picture, in levels


def polygon_coverage(polygons: Sequence[NDArray[np.float64]], size_px: int) -> Array:
    """Return how much of each pixel the union of the polygons covers.

    Args:
        polygons: (N, 2) corners each, in continuous pixels; they may reach outside.
        size_px: side of the result.

    Returns:
        (size, size) float32 in [0, 1].
    """
    fine = np.zeros((size_px * _SUPERSAMPLING,) * 2, dtype=np.uint8)
    for polygon in polygons:
        scaled = (polygon * _SUPERSAMPLING - 0.5) * (1 << _SHIFT_BITS)
        cv2.fillPoly(fine, [np.rint(scaled).astype(np.int32)], (255,), shift=_SHIFT_BITS)
    coverage = cv2.resize(fine, (size_px, size_px), interpolation=cv2.INTER_AREA)
    return coverage.astype(np.float32) / np.float32(255)


def strip(path_xy: NDArray[np.float64], width: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the closed outline of a strip of varying width along a path.

    Args:
        path_xy: (N, 2) points of the path.
        width: (N,) full width at each point, in the unit of the path.

    Returns:
        (2 N, 2) corners.
    """
    steps = np.diff(path_xy, axis=0)
    along = np.concatenate([steps[:1], steps[:-1] + steps[1:], steps[-1:]])
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-6)
    aside = np.stack([-along[:, 1], along[:, 0]], axis=1) * width[:, None] / 2
    return np.concatenate([path_xy + aside, (path_xy - aside)[::-1]])


def rounded(points: NDArray[np.float64], rounds: int = 3) -> NDArray[np.float64]:
    """Return an open polyline with its corners cut (Chaikin 1974); the ends stay."""
    line = points
    for _ in range(rounds):
        near = 0.75 * line[:-1] + 0.25 * line[1:]
        far = 0.25 * line[:-1] + 0.75 * line[1:]
        cut = np.stack([near, far], axis=1).reshape(-1, *line.shape[1:])
        line = np.concatenate([line[:1], cut, line[-1:]])
    return line


def smoothstep(values: Array, low: float, high: float) -> Array:
    """Return 0 below `low`, 1 above `high` and a smooth rise between, as float32."""
    t = np.clip((values - np.float32(low)) / np.float32(high - low), 0, 1)
    return t * t * (3 - 2 * t)


@dataclass(frozen=True, slots=True)
class SceneLight:
    """The light of a picture, so that what is drawn into it is lit alike.

    Attributes:
        gain: (S, S) float32 around 1: brighter where the face is, a plane over the picture.
        monochrome: whether the picture is grey.
    """

    gain: Array
    monochrome: bool

    def lit(self, albedo: Array) -> NDArray[np.uint8]:
        """Return (S, S, 3) uint8 RGB of a surface in this light.

        Args:
            albedo: (3, S, S) float32 RGB planes in [0, 255], the surface in neutral light.
        """
        if self.monochrome:
            red, green, blue = albedo
            grey = LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue
            planes = np.broadcast_to(grey * self.gain, albedo.shape)
        else:
            planes = albedo * self.gain
        return cv2.merge([np.clip(plane, 0, 255).astype(np.uint8) for plane in planes])


def scene_light(crop: FaceCrop) -> SceneLight:
    """Return the light on the face: a plane fitted to the luma of its pixels.

    A plane has three numbers: enough for "lit from the left", too few to give away an expression.
    """
    side = _LIGHT_GRID
    small = cv2.resize(crop.image, (side, side), interpolation=cv2.INTER_AREA).astype(np.float32)
    scale = np.float32(side / crop.size)
    points = None if crop.landmarks_xy_px is None else crop.landmarks_xy_px * scale
    inside = face_mask(points, side)
    luma = small.mean(axis=2)
    ys, xs = np.nonzero(inside)
    if len(xs) < 3:
        ys, xs = np.nonzero(np.ones_like(inside))
    design = np.ones((len(xs), 3))
    design[:, 1], design[:, 2] = (xs + 0.5) / side - 0.5, (ys + 0.5) / side - 0.5
    normal = design.T @ design + 1e-6 * np.eye(3)  # solvable where the points lie on a line
    level, slope_x, slope_y = np.linalg.solve(normal, design.T @ luma[ys, xs])
    level = max(float(level), 1.0)
    exposure = np.clip((level / 140) ** 0.5, 0.6, 1.08)
    ramp = ((np.arange(crop.size, dtype=np.float32) + 0.5) / crop.size - 0.5) * 0.6 / level
    tilt = np.clip(1 + slope_x * ramp[None, :] + slope_y * ramp[:, None], 0.75, 1.2)
    spread = float((small.max(axis=2) - small.min(axis=2)).mean())
    return SceneLight((exposure * tilt).astype(np.float32), spread < _MONOCHROME_SPREAD)


@dataclass(frozen=True, slots=True)
class HeadFrame:
    """Axes of the head in the picture: along the eyes to the person's left, and down the face.

    Attributes:
        origin_xy_px: (2,) point of the picture that becomes (0, 0).
        across: (2,) unit vector from the right eye to the left eye.
    """

    origin_xy_px: NDArray[np.float64]
    across: NDArray[np.float64]

    @property
    def down(self) -> NDArray[np.float64]:
        """Unit vector at right angles to `across`, towards the chin."""
        return np.array([-self.across[1], self.across[0]])

    def local(self, points_xy_px: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (N, 2) picture points as (across, down) in pixels."""
        offset = points_xy_px - self.origin_xy_px
        return np.stack([offset @ self.across, offset @ self.down], axis=-1)

    def picture(self, local_px: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (N, 2) picture points of (across, down) in pixels."""
        return self.origin_xy_px + local_px[:, :1] * self.across + local_px[:, 1:] * self.down

    def grid(self, size_px: int) -> tuple[Array, Array]:
        """Return (size, size) float32 `across` and `down` of every pixel's centre."""
        centres = np.arange(size_px, dtype=np.float32) + np.float32(0.5)
        x = centres[None, :] - np.float32(self.origin_xy_px[0])
        y = centres[:, None] - np.float32(self.origin_xy_px[1])
        (ax, ay), (dx, dy) = self.across.astype(np.float32), self.down.astype(np.float32)
        return x * ax + y * ay, x * dx + y * dy


def head_frame(
    landmarks_xy_px: NDArray[np.float32], origin_xy_px: NDArray[np.float64]
) -> HeadFrame:
    """Return the head's axes from mesh points, with the given origin."""
    right_eye, left_eye, _ = anchor_points(landmarks_xy_px)
    across = left_eye - right_eye
    return HeadFrame(origin_xy_px, across / max(1e-6, float(np.linalg.norm(across))))
