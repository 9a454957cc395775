"""Mesh points of small faces, found by mediapipe."""

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from ferstudio.errors import UsageError
from ferstudio.faces.detector import FaceDetector
from ferstudio.regions import COMPACT

_DETECT_PX = 192
_DETECT_PAD_PX = 48


def find_landmarks(face: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the `COMPACT` mesh points (K, 2) of one face in its pixels, NaN if not found.

    Args:
        face: (S, S) uint8 luma or (S, S, 3) uint8 RGB.
    """
    return find_mesh(face)[list(COMPACT)]


def find_mesh(face: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return all mesh points (478, 2) of one face in its pixels, NaN if not found.

    The face is brought to 192 px and its border continued, which mediapipe needs to see it.

    Raises:
        UsageError: if mediapipe isn't installed.
    """
    large = cv2.resize(face, (_DETECT_PX, _DETECT_PX), interpolation=cv2.INTER_CUBIC)
    pad = _DETECT_PAD_PX
    padded = cv2.copyMakeBorder(large, pad, pad, pad, pad, cv2.BORDER_REPLICATE)
    picture = padded if face.ndim == 3 else cv2.cvtColor(padded, cv2.COLOR_GRAY2RGB)
    found = _detector().detect(np.asarray(picture, np.uint8))
    if not found or found[0].landmarks_xy_px is None:
        return np.full((478, 2), np.nan, np.float32)
    return ((found[0].landmarks_xy_px - pad) * (len(face) / _DETECT_PX)).astype(np.float32)


@cache
def _detector() -> FaceDetector:
    from ferstudio.faces.mediapipe_detector import MediapipeDetector

    try:
        return MediapipeDetector(max_faces=1)
    except ImportError as error:
        raise UsageError(
            "Finding landmarks needs mediapipe; install requirements.txt on Python 3.10 to 3.12."
        ) from error
