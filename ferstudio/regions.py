"""Named parts of the face from mesh landmarks: brows, eyes, nose, mouth and the face itself.

Indices are those of mediapipe's face mesh with irises (478 points). Left and right are the
person's own, so the left eye lies on the right of an unmirrored picture.
"""

from functools import cache
from importlib import resources
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

from ferstudio.types import LANDMARK_COUNT, FaceCrop

FACE_OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
"""Outline of the face as a ring, from the top of the forehead over the person's left ear."""
RIGHT_EYE = (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246)
LEFT_EYE = (263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466)
RIGHT_BROW = (46, 53, 52, 65, 55, 107, 66, 105, 63, 70)
LEFT_BROW = (276, 283, 282, 295, 285, 336, 296, 334, 293, 300)
LIPS = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185)
INNER_LIPS = (78, 14, 308, 13)
NOSE = (168, 193, 417, 6, 197, 195, 5, 4, 1, 19, 94, 2, 98, 327, 64, 294, 48, 278, 129, 358)

PARTS = MappingProxyType(
    {
        "right brow": RIGHT_BROW,
        "left brow": LEFT_BROW,
        "right eye": RIGHT_EYE,
        "left eye": LEFT_EYE,
        "nose": NOSE,
        "mouth": LIPS,
    }
)
"""Parts whose masks `region_masks` draws, each as the hull of these mesh points."""

COMPACT = tuple(
    dict.fromkeys(
        FACE_OVAL + RIGHT_EYE + LEFT_EYE + RIGHT_BROW + LEFT_BROW + LIPS + INNER_LIPS + NOSE
    )
)
"""The mesh points that the training cache stores; every part and every occluder uses only these."""


def expand_compact(points_xy_px: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (478, 2) float32 landmarks from the `COMPACT` points (K, 2); the others are NaN."""
    full = np.full((LANDMARK_COUNT, 2), np.nan, dtype=np.float32)
    full[list(COMPACT)] = points_xy_px
    return full


def anchor_points(landmarks_xy_px: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the three points that alignment uses, in the unit of the landmarks.

    Args:
        landmarks_xy_px: (478, 2) mesh points in any pixel frame.

    Returns:
        (3, 2) float64: centre of the right eye, of the left eye, of the mouth. An eye's centre is
        the mean of its ring, the mouth's the mean of the outer lips.
    """
    points = np.asarray(landmarks_xy_px, dtype=np.float64)
    return np.stack([points[list(ring)].mean(axis=0) for ring in (RIGHT_EYE, LEFT_EYE, LIPS)])


@cache
def mean_face() -> NDArray[np.float32]:
    """Return the mean aligned face: (478, 2) float32 in units of the crop's side.

    The mean over FER2013's training faces in the framing of `preprocess.FRAMING_XY`; only the
    `COMPACT` points are known, the others are NaN. It stands in where no landmarks were found.
    """
    text = resources.files("ferstudio").joinpath("mean_face.csv").read_text("utf-8")
    rows = [line.split(",") for line in text.splitlines()[1:]]
    by_index = {int(index): (float(x), float(y)) for index, x, y in rows}
    return expand_compact(np.array([by_index[i] for i in COMPACT], dtype=np.float32))


def landmarks_or_mean(
    landmarks_xy_px: NDArray[np.float32] | None, size_px: int
) -> NDArray[np.float32]:
    """Return the given landmarks, or the mean face scaled to a crop of `size_px` where None."""
    if landmarks_xy_px is not None:
        return landmarks_xy_px
    return mean_face() * np.float32(size_px)


def points_of(crop: FaceCrop) -> NDArray[np.float32]:
    """Return the (478, 2) landmarks of a crop in its pixels, or the mean face's where it has none.

    Of the mean face only the points in `COMPACT` are known, the others are NaN.
    """
    return landmarks_or_mean(crop.landmarks_xy_px, crop.size)


def hull_mask(points_xy_px: NDArray[np.float32], size_px: int) -> NDArray[np.bool_]:
    """Return the (size, size) bool mask of the convex hull of points in continuous pixels."""
    mask = np.zeros((size_px, size_px), dtype=np.uint8)
    shifted = np.round((np.asarray(points_xy_px, dtype=np.float64) - 0.5) * 16).astype(np.int32)
    hull = cv2.convexHull(shifted)
    cv2.fillConvexPoly(mask, hull, (1,), lineType=cv2.LINE_8, shift=4)
    return mask.astype(bool)


def face_mask(landmarks_xy_px: NDArray[np.float32] | None, size_px: int) -> NDArray[np.bool_]:
    """Return the (size, size) bool mask of the face's oval in a crop of `size_px`."""
    points = landmarks_or_mean(landmarks_xy_px, size_px)
    return hull_mask(points[list(FACE_OVAL)], size_px)


def region_masks(
    landmarks_xy_px: NDArray[np.float32] | None, size_px: int
) -> dict[str, NDArray[np.bool_]]:
    """Return one (size, size) bool mask per name in `PARTS`, for a crop of `size_px`."""
    points = landmarks_or_mean(landmarks_xy_px, size_px)
    return {name: hull_mask(points[list(indices)], size_px) for name, indices in PARTS.items()}
