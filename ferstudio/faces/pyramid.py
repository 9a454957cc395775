"""A picture at its size, half of it, a quarter and so on: small cut-outs come from small copies."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from ferstudio.preprocess import from_centres

_LEAST_PX = 400  # what is no longer than this isn't halved


class Pyramid:
    """Reduced copies of one picture, each half as large as the one before."""

    def __init__(self, image: NDArray[np.uint8]) -> None:
        """Reduce an (H, W, 3) uint8 RGB picture, which becomes the first level."""
        self.levels = [image]
        while max(self.levels[-1].shape[:2]) > _LEAST_PX:
            height, width = self.levels[-1].shape[:2]
            size = (max(1, width // 2), max(1, height // 2))
            smaller = cv2.resize(self.levels[-1], size, interpolation=cv2.INTER_AREA)
            self.levels.append(np.asarray(smaller, np.uint8))
        self.height_px, self.width_px = image.shape[:2]

    def resized(self, scale: float) -> NDArray[np.uint8]:
        """Return all of the picture at `scale` of its size: (h, w, 3) uint8."""
        size = (int(self.width_px * scale) + 1, int(self.height_px * scale) + 1)
        level, _ = self._level(scale)
        method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        return np.asarray(cv2.resize(level, size, interpolation=method), np.uint8)

    def squares(self, boxes_xyxy_px: NDArray[np.float32], side_px: int) -> NDArray[np.uint8]:
        """Return square boxes of the picture, its edge continued: (N, side, side, 3) uint8.

        Args:
            boxes_xyxy_px: (N, 4) left, top, right and bottom in pixels of the picture.
            side_px: side of the cut-outs.
        """
        found = np.empty((len(boxes_xyxy_px), side_px, side_px, 3), np.uint8)
        for number, (left, top, right, _) in enumerate(boxes_xyxy_px.tolist()):
            scale = side_px / max(right - left, 1.0)
            matrix = np.array([[scale, 0, -scale * left], [0, scale, -scale * top]])
            found[number] = self.warped(matrix, side_px)
        return found

    def warped(self, to_square: NDArray[np.float64], side_px: int) -> NDArray[np.uint8]:
        """Return the square under an affine map, the picture's edge continued.

        Args:
            to_square: (2, 3) map from pixels of the picture to those of the square, continuous.
            side_px: side of the square.
        """
        scale = math.sqrt(abs(np.linalg.det(to_square[:, :2])))
        level, reduced = self._level(scale)
        matrix = np.hstack([to_square[:, :2] / reduced, to_square[:, 2:]])
        return np.asarray(
            cv2.warpAffine(
                level,
                from_centres(matrix),
                (side_px, side_px),
                flags=cv2.INTER_LINEAR,
                borderMode=cv2.BORDER_REPLICATE,
            ),
            np.uint8,
        )

    def _level(self, scale: float) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
        """Return the smallest level from which `scale` is no enlargement, and its size by axis."""
        wanted = int(max(0.0, math.floor(math.log2(1 / scale)))) if scale < 1 else 0
        level = self.levels[min(wanted, len(self.levels) - 1)]
        height, width = level.shape[:2]
        return level, np.array([width / self.width_px, height / self.height_px])
