"""Piecewise-affine warping of faces onto one target shape.

Cootes, Edwards and Taylor, "Active Appearance Models", ECCV 1998, section 2: a Delaunay
triangulation of the target's points carries every face. Which triangle a pixel lies in, and
where, depends on the target alone, so it is worked out once and each face costs one weighted sum
and one look-up.
"""

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Delaunay

from ferstudio.preprocess import apply_affine
from ferstudio.regions import COMPACT

_FRAME = np.linspace(-0.25, 1.25, 7)  # points of the frame around the picture, in sides


class PiecewiseAffine:
    """Brings faces to one target shape.

    Attributes:
        size_px: side of the target picture in pixels.
        points: (P,) indices of the mesh points that the triangles join.
    """

    def __init__(
        self,
        target_xy_px: NDArray[np.floating],
        size_px: int,
        *,
        spacing_px: float = 5.0,
        smooth_px: float = 2.0,
    ) -> None:
        """Triangulate the target.

        Args:
            target_xy_px: (478, 2) mesh points in continuous pixels of the target picture.
            size_px: side of the target picture in pixels.
            spacing_px: least distance between two points that are used; nearer ones only carry
                the landmarks' noise, and their slivers tear the lips.
            smooth_px: s.d. of the Gaussian that rounds the creases where triangles meet; 0 is
                the exact piecewise-affine map.
        """
        self.size_px = size_px
        self.points = spread_points(target_xy_px, spacing_px)
        self._smooth_px = smooth_px
        edge = (_FRAME[0], _FRAME[-1])
        ring = [(x, y) for x in _FRAME for y in _FRAME if x in edge or y in edge]
        self._frame_xy_px = np.array(ring, np.float64) * float(size_px)
        mesh = Delaunay(np.vstack([target_xy_px[self.points], self._frame_xy_px]))
        rows, columns = np.mgrid[:size_px, :size_px] + 0.5
        self._pixels_xy = np.stack([columns.ravel(), rows.ravel()], axis=1)  # (S*S, 2)
        triangles = mesh.find_simplex(self._pixels_xy)
        to_weights = mesh.transform[triangles]  # (S*S, 3, 2): two rows of weights, one origin
        offset = self._pixels_xy - to_weights[:, 2]
        first = np.einsum("nij,nj->ni", to_weights[:, :2], offset)
        self._weights = np.hstack([first, 1 - first.sum(axis=1, keepdims=True)])  # (S*S, 3)
        self._corners = mesh.simplices[triangles]  # (S*S, 3)

    def source_map(
        self, source_xy_px: NDArray[np.floating], to_source: NDArray[np.floating]
    ) -> NDArray[np.float32]:
        """Return where each pixel of the target comes from.

        Args:
            source_xy_px: (478, 2) mesh points of one face, in continuous pixels of its picture.
            to_source: (2, 3) affine map from target to source pixels; it carries the frame.

        Returns:
            (S, S, 2) float32 continuous source pixels (x, y).
        """
        frame = apply_affine(to_source, self._frame_xy_px)
        corners = np.vstack([source_xy_px[self.points], frame])[self._corners]  # (S*S, 3, 2)
        mapped = np.einsum("nkc,nk->nc", corners, self._weights)
        shape = (self.size_px, self.size_px, 2)
        if not self._smooth_px:
            return mapped.reshape(shape).astype(np.float32)
        rigid = apply_affine(to_source, self._pixels_xy)
        bend = (mapped - rigid).reshape(shape).astype(np.float32)
        bend = cv2.GaussianBlur(bend, (0, 0), self._smooth_px, borderType=cv2.BORDER_REPLICATE)
        return np.asarray(rigid.reshape(shape) + bend, np.float32)

    def warp(
        self,
        image: NDArray[np.uint8],
        source_xy_px: NDArray[np.floating],
        to_source: NDArray[np.floating],
    ) -> NDArray[np.float32]:
        """Return the (S, S) float32 target picture of one grey face, mirrored at its edge.

        Args:
            image: (H, W) uint8.
            source_xy_px: (478, 2) mesh points in continuous pixels of the image.
            to_source: (2, 3) affine map from target to image pixels, for what lies off the face.
        """
        centred = self.source_map(source_xy_px, to_source) - np.float32(0.5)
        warped = cv2.remap(
            image.astype(np.float32),
            centred[:, :, 0],
            centred[:, :, 1],
            cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_REFLECT,
        )
        return np.asarray(warped, np.float32)


def spread_points(points_xy_px: NDArray[np.floating], spacing_px: float) -> NDArray[np.int64]:
    """Return indices of mesh points that lie at least `spacing_px` apart.

    Outlines of eyes, brows, lips, nose and face (`regions.COMPACT`) come before the points between
    them; points that are NaN are left out.
    """
    kept: list[int] = []
    for index in dict.fromkeys((*COMPACT, *range(len(points_xy_px)))):
        gaps = np.linalg.norm(points_xy_px[kept] - points_xy_px[index], axis=1)
        if (gaps >= spacing_px).all() and not np.isnan(points_xy_px[index]).any():
            kept.append(index)
    return np.array(kept, dtype=np.int64)
