import numpy as np
import pytest
from numpy.typing import NDArray

from ferstudio.faces.search import find_faces
from ferstudio.types import Face
from tests.drawn_face import mean_landmarks

PICTURE = np.zeros((32, 32, 3), np.uint8)


class FixedDetector:
    """Finds the same number of faces in every picture."""

    name = "fixed detector"

    def __init__(self, count: int, gives_landmarks: bool = True) -> None:
        self.gives_landmarks = gives_landmarks
        landmarks = mean_landmarks(32) if gives_landmarks else None
        self.faces = [Face((0, 0, 32 - i, 32 - i), landmarks, 1.0) for i in range(count)]

    def detect(self, image: NDArray[np.uint8]) -> list[Face]:
        assert image is PICTURE
        return self.faces


def test_one_face_needs_no_words() -> None:
    detector = FixedDetector(1)
    search = find_faces(PICTURE, detector)
    assert search.faces == tuple(detector.faces)
    assert (search.detector, search.note) == ("fixed detector", "")


@pytest.mark.parametrize(
    ("count", "gives_landmarks", "words"),
    [
        (0, True, ["No face was found; the centred square"]),
        (3, True, ["3 faces were found; the largest is used"]),
        (1, False, ["Only the fixed detector is at hand", "install mediapipe"]),
        (0, False, ["No face was found", "Only the fixed detector is at hand"]),
        (2, False, ["2 faces were found", "Only the fixed detector is at hand"]),
    ],
)
def test_the_person_is_told(count: int, gives_landmarks: bool, words: list[str]) -> None:
    note = find_faces(PICTURE, FixedDetector(count, gives_landmarks)).note
    positions = [note.find(part) for part in words]
    assert -1 not in positions
    assert positions == sorted(positions)
    assert note.endswith(".")


def test_the_order_is_the_detectors() -> None:
    search = find_faces(PICTURE, FixedDetector(3))
    assert [face.box_xyxy_px[2] for face in search.faces] == [32, 31, 30]
