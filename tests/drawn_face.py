"""A face that belongs to nobody: the mean face's points and a drawing of them."""

import cv2
import numpy as np
from numpy.typing import NDArray

from ferstudio.regions import (
    FACE_OVAL,
    LEFT_BROW,
    LEFT_EYE,
    LIPS,
    NOSE,
    RIGHT_BROW,
    RIGHT_EYE,
    mean_face,
)

_SHADES = (
    (FACE_OVAL, (205, 170, 150)),
    (RIGHT_BROW, (90, 60, 45)),
    (LEFT_BROW, (90, 60, 45)),
    (RIGHT_EYE, (40, 40, 60)),
    (LEFT_EYE, (40, 40, 60)),
    (NOSE, (185, 145, 125)),
    (LIPS, (165, 70, 80)),
)


def mean_landmarks(size_px: int) -> NDArray[np.float32]:
    """Return the mean face's (478, 2) points in `size_px`, the unknown ones at the nose."""
    points = mean_face() * np.float32(size_px)
    return np.where(np.isnan(points), points[4], points)


def drawn_face(size_px: int) -> NDArray[np.uint8]:
    """Return a (size, size, 3) uint8 RGB drawing of the mean face, a little soft."""
    image = np.full((size_px, size_px, 3), (120, 130, 140), np.uint8)
    points = mean_landmarks(size_px)
    for indices, shade in _SHADES:
        hull = cv2.convexHull(np.round((points[list(indices)] - 0.5) * 16).astype(np.int32))
        cv2.fillConvexPoly(image, hull, shade, lineType=cv2.LINE_AA, shift=4)
    return np.asarray(cv2.GaussianBlur(image, (0, 0), size_px / 64), np.uint8)
