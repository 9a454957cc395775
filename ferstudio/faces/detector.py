"""What a face detector is, and which one this machine can run."""

import logging
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ferstudio.types import Face

MAX_FACES = 40
"""Most faces that are looked for in one picture."""

_log = logging.getLogger(__name__)


class FaceDetector(Protocol):
    """Finds faces in a picture.

    Attributes:
        name: what people are told looked for the face.
        gives_landmarks: whether its faces come with mesh points, or as boxes only.
    """

    name: str
    gives_landmarks: bool

    def detect(self, image: NDArray[np.uint8]) -> list[Face]:
        """Return the faces of an (H, W, 3) uint8 RGB picture, largest first; none gives []."""
        ...


def best_detector() -> FaceDetector:
    """Return mediapipe's face mesh, verified, or OpenCV's Haar cascade without mediapipe.

    Both load within a second, so call this once and keep the detector.
    """
    try:
        from ferstudio.faces.verified_detector import VerifiedDetector

        return VerifiedDetector()
    except (ImportError, OSError) as error:  # OSError: its libraries or model files are missing
        from ferstudio.faces.haar_detector import HaarDetector

        _log.warning("mediapipe can't be used (%s); faces are found without landmarks", error)
        return HaarDetector()
