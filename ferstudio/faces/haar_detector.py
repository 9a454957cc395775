"""Boxes of upright frontal faces from OpenCV's bundled Haar cascade (Viola & Jones 2001).

The fallback where mediapipe can't be imported: no landmarks, and turned or tilted heads are missed.
"""

import threading
from pathlib import Path

import cv2
import cv2.data
import numpy as np
from numpy.typing import NDArray

from ferstudio.errors import FerStudioError
from ferstudio.faces.windows import box_area_px, whole
from ferstudio.types import Face

CASCADE = "haarcascade_frontalface_default.xml"

_SHOWN_PX = (192, 720)  # smaller pictures are enlarged, larger ones reduced
_BORDER_RATIO = 0.25
_SCALE_STEP = 1.1
_MIN_NEIGHBOURS = 6
_MIN_FACE_PX = 40


class HaarDetector:
    """Haar cascade. One instance may be shared by threads; calls take turns."""

    name = "OpenCV Haar cascade"
    gives_landmarks = False

    def __init__(self) -> None:
        """Load the cascade that OpenCV's wheels bring.

        Raises:
            FerStudioError: if this OpenCV was built without it.
        """
        self._lock = threading.Lock()
        self._cascade = cv2.CascadeClassifier(str(Path(cv2.data.haarcascades) / CASCADE))
        if self._cascade.empty():
            raise FerStudioError(
                f"This OpenCV lacks {CASCADE}; install opencv-python-headless from PyPI."
            )

    def detect(self, image: NDArray[np.uint8]) -> list[Face]:
        """Return the faces of an (H, W, 3) uint8 RGB picture, largest first; none gives [].

        A border is put around the picture, without which the box of a face that fills it comes out
        too small (`alignment.BOX_SCALE` is measured with it).
        """
        smallest, largest = _SHOWN_PX
        window = whole(image, min_px=smallest, max_px=largest, border_ratio=_BORDER_RATIO)
        grey = cv2.equalizeHist(cv2.cvtColor(window.image, cv2.COLOR_RGB2GRAY))
        with self._lock:
            found = self._cascade.detectMultiScale(
                grey,
                scaleFactor=_SCALE_STEP,
                minNeighbors=_MIN_NEIGHBOURS,
                minSize=(_MIN_FACE_PX, _MIN_FACE_PX),
            )
        faces = []
        for x, y, width, height in found:
            corners = window.to_picture(np.array([[x, y], [x + width, y + height]], np.float64))
            (left, top), (right, bottom) = corners.tolist()
            faces.append(Face((left, top, right, bottom), landmarks_xy_px=None, score=1.0))
        return sorted(faces, key=box_area_px, reverse=True)
