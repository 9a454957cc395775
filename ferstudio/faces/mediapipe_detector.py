"""Faces and 478 landmarks from mediapipe's face mesh (Kartynnik et al. 2019), offline.

Releases from 0.10.30 on ship no model files, hence the bound in requirements.txt.
"""

import threading

import numpy as np
from numpy.typing import NDArray

from ferstudio.faces.detector import MAX_FACES
from ferstudio.faces.native_logs import without_native_chatter
from ferstudio.faces.windows import Window, box_area_px, same_face, tiles, whole
from ferstudio.types import Face

_SHOWN_PX = (192, 2048)  # smaller pictures are enlarged, larger ones reduced
_BORDER_RATIOS = (0.25, 0.75)  # tried in turn where the bare picture shows no face
_SMALL_SHARE = 0.3  # of a window's side: from here down the mesh begins to miss faces
_TILE_LEVELS = 2
_MIN_TILE_PX = 128
_WARM_UP_SIZE = (64, 64)


class MediapipeDetector:
    """Face mesh on still pictures. One instance may be shared by threads; calls take turns.

    It finds faces that fill the picture, and small ones down to about 6 % of its long side.
    """

    name = "mediapipe face mesh"
    gives_landmarks = True

    def __init__(self, max_faces: int = MAX_FACES, min_confidence: float = 0.5) -> None:
        """Load the bundled model.

        Args:
            max_faces: most faces returned for one picture, the largest.
            min_confidence: least confidence, in [0, 1], of a face.

        Raises:
            ImportError: if mediapipe isn't installed or can't run here.
        """
        self._lock = threading.Lock()
        self._max_faces = max_faces
        self._has_met_face = False
        with without_native_chatter():
            from mediapipe.python.solutions.face_mesh import FaceMesh

            self._mesh = FaceMesh(
                static_image_mode=True,
                max_num_faces=max_faces,
                refine_landmarks=True,
                min_detection_confidence=min_confidence,
            )
            self._mesh.process(np.zeros((*_WARM_UP_SIZE, 3), np.uint8))

    def detect(self, image: NDArray[np.uint8]) -> list[Face]:
        """Return the faces of an (H, W, 3) uint8 RGB picture, largest first; none gives [].

        The whole picture comes first; if it shows no face, it is tried again with a border, and
        where there is none still, or only small ones, in tiles of a half and a quarter of its side.
        """
        faces = self.detect_whole(image)
        long_px = max(image.shape[:2])
        for level in range(1, _TILE_LEVELS + 1):
            tile_px = -(-long_px // 2**level)
            window_px = 2 * tile_px  # side of what was searched before this level
            if tile_px < _MIN_TILE_PX or (faces and _smallest_px(faces) > _SMALL_SHARE * window_px):
                break
            for tile in tiles(image, tile_px):
                for face in self._mesh_faces(tile):
                    if not any(same_face(face, known) for known in faces):
                        faces.append(face)
        return sorted(faces, key=box_area_px, reverse=True)[: self._max_faces]

    def close(self) -> None:
        """Free the model."""
        self._mesh.close()

    def detect_whole(self, image: NDArray[np.uint8]) -> list[Face]:
        """Return the faces of a picture seen as a whole, bare or with a border, in no order."""
        smallest, largest = _SHOWN_PX
        for ratio in (0.0, *_BORDER_RATIOS):
            shown = whole(image, min_px=smallest, max_px=largest, border_ratio=ratio)
            if faces := self._mesh_faces(shown):
                return faces
        return []

    def meshes(self, image: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
        """Return the (478, 2) float32 meshes of an (H, W, 3) uint8 RGB picture, in its pixels."""
        with self._lock:
            if self._has_met_face:
                found = self._mesh.process(image)
            else:  # the graph warns about itself at its first face
                with without_native_chatter():
                    found = self._mesh.process(image)
            meshes = found.multi_face_landmarks or []
            self._has_met_face |= bool(meshes)
        height, width = image.shape[:2]
        return [
            np.array([(p.x * width, p.y * height) for p in mesh.landmark], np.float32)
            for mesh in meshes
        ]

    def _mesh_faces(self, window: Window) -> list[Face]:
        """Return the faces of one window in pixels of the picture."""
        faces = []
        for mesh in self.meshes(window.image):
            points = window.to_picture(mesh)
            left, top = points.min(axis=0)
            right, bottom = points.max(axis=0)
            box = (float(left), float(top), float(right), float(bottom))
            faces.append(Face(box_xyxy_px=box, landmarks_xy_px=points, score=1.0))
        return faces


def _smallest_px(faces: list[Face]) -> float:
    return min(map(box_area_px, faces)) ** 0.5
