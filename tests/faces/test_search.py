import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from ferstudio.faces.conditions import other_depth
from ferstudio.faces.detector import MAX_FACES
from ferstudio.faces.search import find_faces, search_file
from ferstudio.picture_files import MORE_FRAMES
from ferstudio.types import Face
from tests.drawn_face import mean_landmarks

PICTURE = np.zeros((32, 32, 3), np.uint8)


class FixedDetector:
    """Finds the same number of faces in every picture."""

    name = "fixed detector"

    def __init__(self, count: int, gives_landmarks: bool = True) -> None:
        self.gives_landmarks = gives_landmarks
        landmarks = mean_landmarks(32) if gives_landmarks else None
        self.faces = [Face((0, 0, 32 - i / 2, 32 - i / 2), landmarks, 1.0) for i in range(count)]

    def detect(self, image: NDArray[np.uint8]) -> list[Face]:
        assert image is PICTURE
        return self.faces


class NotInTheDark:
    """Finds one face in every picture that isn't black."""

    name = "candle"
    gives_landmarks = True

    def __init__(self) -> None:
        self.seen: list[tuple[int, ...]] = []

    def detect(self, image: NDArray[np.uint8]) -> list[Face]:
        self.seen.append(image.shape)
        return [Face((0, 0, 9, 9), mean_landmarks(32), 1.0)] if image.mean() > 40 else []


def film(*levels: int) -> bytes:
    stream = io.BytesIO()
    first, *others = (Image.new("RGB", (32, 32), (level,) * 3) for level in levels)
    first.save(stream, "GIF", save_all=True, append_images=others)
    return stream.getvalue()


def test_one_face_needs_no_words() -> None:
    detector = FixedDetector(1)
    search = find_faces(PICTURE, detector)
    assert [face.box_xyxy_px for face in search.faces] == [(0, 0, 32, 32)]
    assert search.image is PICTURE
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


def test_once_a_face_is_chosen_nobody_is_told_to_choose() -> None:
    chosen = find_faces(PICTURE, FixedDetector(2, gives_landmarks=False)).note_but_choice
    assert chosen.startswith("Only the fixed detector is at hand")
    assert find_faces(PICTURE, FixedDetector(3)).note_but_choice == ""
    nobody = find_faces(PICTURE, FixedDetector(0))
    assert nobody.note_but_choice == nobody.note


def test_how_a_picture_was_read_is_said_without_a_face_too() -> None:
    read = other_depth(12)
    assert find_faces(PICTURE, FixedDetector(0), (read,)).note.endswith(read.sentence)
    (face,) = find_faces(PICTURE, FixedDetector(1), (read,)).faces
    assert read in face.notes


def test_the_order_is_the_detectors() -> None:
    search = find_faces(PICTURE, FixedDetector(3))
    assert [face.box_xyxy_px[2] for face in search.faces] == [32, 31.5, 31]


def test_a_first_frame_without_a_face_gives_way_to_the_next_that_shows_one() -> None:
    search = search_file(film(0, 10, 120, 200), NotInTheDark())
    assert len(search.faces) == 1
    assert search.image.mean() == pytest.approx(120, abs=2)
    assert ("frame", "frame 3 of 4") in [(n.name, n.chip) for n in search.faces[0].notes]


def test_of_frames_with_faces_the_first_one_counts_and_nothing_is_said() -> None:
    detector = NotInTheDark()
    search = search_file(film(100, 200), detector)
    assert search.image.mean() == pytest.approx(100, abs=2)
    assert len(detector.seen) == 1
    assert "frame" not in [note.name for note in search.faces[0].notes]


def test_an_animation_without_a_face_shows_its_first_frame() -> None:
    detector = NotInTheDark()
    search = search_file(film(*range(31)), detector)
    assert search.faces == ()
    assert "No face was found" in search.note
    assert search.image.mean() < 2
    assert len(detector.seen) == 1 + MORE_FRAMES


def test_faces_are_looked_for_in_all_pixels() -> None:
    detector, stream = NotInTheDark(), io.BytesIO()
    Image.new("L", (3000, 2200), 99).save(stream, "JPEG")
    assert search_file(stream.getvalue(), detector).image.shape == (2200, 3000, 3)
    assert detector.seen == [(2200, 3000, 3)]


def test_as_many_faces_as_are_looked_for_are_at_least_so_many() -> None:
    search = find_faces(PICTURE, FixedDetector(MAX_FACES))
    assert search.note.startswith("The picture shows at least 40 faces")
    assert all("many" in [note.name for note in face.notes] for face in search.faces)
    assert "at least" not in find_faces(PICTURE, FixedDetector(MAX_FACES - 1)).note
