"""Faces are followed while they are verified, and looked for again when they aren't."""

import numpy as np
import pytest
from numpy.typing import NDArray

from ferstudio.faces.mediapipe_detector import MediapipeDetector
from ferstudio.faces.tracking import SEARCH_EVERY, SEARCHED_PX, Track, track
from ferstudio.faces.verified_detector import VerifiedDetector
from ferstudio.regions import anchor_points
from ferstudio.types import Face
from tests.faces.scenes import backdrop
from training.data.scenes import paste_sample

PICTURE = np.zeros((60, 80, 3), np.uint8)


def at(left: float, side: float = 20.0) -> Face:
    return Face((left, 10.0, left + side, 10.0 + side), None, 1.0)


class FakeFollower:
    """Finds the same faces whatever it is shown; follows to the right what isn't lost."""

    name, gives_landmarks = "fake", True

    def __init__(self, *faces: Face) -> None:
        self.faces = list(faces)
        self.lost: set[float] = set()
        self.looked_at: list[tuple[int, ...]] = []

    def detect(self, image: NDArray[np.uint8]) -> list[Face]:
        self.looked_at.append(image.shape)
        return self.faces

    def follow(self, image: NDArray[np.uint8], face: Face) -> Face | None:
        left = face.box_xyxy_px[0]
        return None if left in self.lost else at(left + 1, face.box_xyxy_px[2] - left)


def lefts(found: Track) -> list[float]:
    return [face.box_xyxy_px[0] for face in found.faces]


def test_a_face_is_followed_and_others_are_looked_for_now_and_then() -> None:
    detector = FakeFollower(at(30))
    found = track(PICTURE, detector)
    for step in range(1, SEARCH_EVERY + 1):
        found = track(PICTURE, detector, found)
        assert lefts(found) == [30 + step]
        assert len(detector.looked_at) == 1
    assert lefts(track(PICTURE, detector, found)) == [30]
    assert len(detector.looked_at) == 2


@pytest.mark.parametrize("lost", ["largest", "shape", "nobody there"])
def test_what_cant_be_followed_is_looked_for(lost: str) -> None:
    detector, picture = FakeFollower(at(30)), PICTURE
    found = track(picture, detector)
    if lost == "largest":
        detector.lost = {30.0}
    elif lost == "shape":
        picture = PICTURE[:, :70]
    else:
        found = Track((), found.shape_px)
    again = track(picture, detector, found)
    assert len(detector.looked_at) == 2
    assert again.followed == 0


def test_a_small_face_that_is_lost_is_left_out_until_the_next_search() -> None:
    detector = FakeFollower(at(5, 30), at(50, 15), at(40, 10))
    found = track(PICTURE, detector)
    detector.lost = {50.0}
    assert lefts(track(PICTURE, detector, found)) == [6, 41]
    assert len(detector.looked_at) == 1


def test_a_large_picture_is_looked_at_small_and_its_faces_are_in_its_own_pixels() -> None:
    detector = FakeFollower(Face((10, 20, 30, 40), np.full((478, 2), 7, np.float32), 1.0))
    found = track(np.zeros((480, 2 * SEARCHED_PX, 3), np.uint8), detector)
    assert detector.looked_at == [(240, SEARCHED_PX, 3)]
    (face,) = found.faces
    assert face.box_xyxy_px == (20.0, 40.0, 60.0, 80.0)
    assert face.landmarks_xy_px is not None
    np.testing.assert_array_equal(face.landmarks_xy_px, np.full((478, 2), 14))


def test_a_moving_face_is_where_a_search_finds_it(mediapipe_detector: MediapipeDetector) -> None:
    detector = VerifiedDetector(mediapipe_detector)
    found = Track((), (360, 480))
    for step in range(5):
        picture = backdrop(360, 480)
        paste_sample(picture, "happiness", 100 + 9 * step, 60 + 4 * step, 180)
        found = track(picture, detector, found)
        assert found.followed == step
        ((face,), (searched,)) = found.faces, detector.detect(picture)
        assert face.landmarks_xy_px is not None and searched.landmarks_xy_px is not None
        expected = anchor_points(searched.landmarks_xy_px)
        eyes_px = np.linalg.norm(expected[1] - expected[0])
        apart = np.linalg.norm(anchor_points(face.landmarks_xy_px) - expected, axis=1).max()
        assert apart < 0.06 * eyes_px
        assert detector.follow(backdrop(360, 480), face) is None
