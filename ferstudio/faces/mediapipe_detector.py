"""Faces and 478 landmarks from mediapipe's face mesh (Kartynnik et al. 2019), offline.

Releases from 0.10.30 on ship no model files, hence the bound in requirements.txt.
"""

import os
import threading

import numpy as np
from numpy.typing import NDArray

from ferstudio.types import Face

MAX_FACES = 40


class MediapipeDetector:
    """Face mesh on still pictures. One instance may be shared by threads; calls take turns."""

    name = "mediapipe face mesh"

    def __init__(self, max_faces: int = MAX_FACES, min_confidence: float = 0.5) -> None:
        """Load the bundled model.

        Raises:
            ImportError: if mediapipe isn't installed.
        """
        os.environ.setdefault("GLOG_minloglevel", "2")
        from mediapipe.python.solutions.face_mesh import FaceMesh

        self._lock = threading.Lock()
        self._mesh = FaceMesh(
            static_image_mode=True,
            max_num_faces=max_faces,
            refine_landmarks=True,
            min_detection_confidence=min_confidence,
        )

    def detect(self, image: NDArray[np.uint8]) -> list[Face]:
        """Return the faces of an (H, W, 3) uint8 RGB picture, largest first; none gives []."""
        height, width = image.shape[:2]
        with self._lock:
            found = self._mesh.process(np.ascontiguousarray(image))
        faces = []
        for mesh in found.multi_face_landmarks or []:
            points = np.array([(p.x * width, p.y * height) for p in mesh.landmark], np.float32)
            left, top = points.min(axis=0)
            right, bottom = points.max(axis=0)
            box = (float(left), float(top), float(right), float(bottom))
            faces.append(Face(box_xyxy_px=box, landmarks_xy_px=points, score=1.0))
        return sorted(faces, key=_area_px, reverse=True)

    def close(self) -> None:
        """Free the model."""
        self._mesh.close()


def _area_px(face: Face) -> float:
    left, top, right, bottom = face.box_xyxy_px
    return (right - left) * (bottom - top)
