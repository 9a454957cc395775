import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from ferstudio.faces.mediapipe_detector import MediapipeDetector
from ferstudio.faces.pictures import read_frames
from ferstudio.faces.samples import list_samples, read_sample, sample_landmarks
from ferstudio.faces.verified_detector import VerifiedDetector
from ferstudio.faces.windows import box_area_px
from ferstudio.regions import anchor_points
from ferstudio.types import Face
from tests.faces.scenes import backdrop
from training.data.scenes import paste_sample

SIDE_OF_64_PX = 73
"""Of a sample whose face is about 64 pixels high from forehead to chin."""

EMOTIONS = [sample.emotion for sample in list_samples()]


@pytest.fixture(scope="module")
def detector(mediapipe_detector: MediapipeDetector) -> VerifiedDetector:
    return VerifiedDetector(mediapipe_detector)


def assert_at(face: Face, landmarks: NDArray[np.floating], within: float = 0.2) -> None:
    assert face.landmarks_xy_px is not None
    expected = anchor_points(landmarks)
    eyes_px = np.linalg.norm(expected[1] - expected[0])
    apart = np.linalg.norm(anchor_points(face.landmarks_xy_px) - expected, axis=1).max()
    assert apart < within * eyes_px


def turned_points(
    points: NDArray[np.floating], shape: tuple[int, ...], quarters: int
) -> NDArray[np.floating]:
    """Return where points of a picture lie once `np.rot90` turned it."""
    for _ in range(quarters):
        points = np.stack([points[:, 1], shape[1] - points[:, 0]], axis=1)
        shape = (shape[1], shape[0])
    return points


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_a_small_picture_gives_the_mesh_as_it_is(
    detector: VerifiedDetector, mediapipe_detector: MediapipeDetector, emotion: str
) -> None:
    sample = read_sample(emotion)
    (face,) = detector.detect(sample)
    (mesh,) = mediapipe_detector.detect(sample)
    assert face.landmarks_xy_px is not None and mesh.landmarks_xy_px is not None
    np.testing.assert_array_equal(face.landmarks_xy_px, mesh.landmarks_xy_px)
    assert 0.9 < face.score <= 1


@pytest.mark.parametrize("quarters", [1, 2, 3])
@pytest.mark.parametrize("emotion", ["happiness", "fear", "neutral"])
def test_a_turned_picture_gives_the_same_face(
    detector: VerifiedDetector, emotion: str, quarters: int
) -> None:
    picture = backdrop(300, 400)
    landmarks = paste_sample(picture, emotion, 120, 40, 200)
    turned = np.ascontiguousarray(np.rot90(picture, quarters))
    (face,) = detector.detect(turned)
    assert_at(face, turned_points(landmarks, picture.shape, quarters))


def test_far_faces_of_a_large_picture_are_found(detector: VerifiedDetector) -> None:
    picture = backdrop(1800, 2600)
    places = [(90 + 600 * column, 60 + 560 * row) for row in range(3) for column in range(4)]
    landmarks = [
        paste_sample(picture, EMOTIONS[number % 8], left, top, 76)
        for number, (left, top) in enumerate(places)
    ]
    faces = detector.detect(picture)
    assert len(faces) == 12
    for points in landmarks:
        centre = points.mean(axis=0)
        (face,) = [
            face
            for face in faces
            if np.abs(np.reshape(face.box_xyxy_px, (2, 2)).mean(axis=0) - centre).max() < 20
        ]
        assert_at(face, points)


@pytest.mark.parametrize(("height", "width"), [(560, 6000), (6000, 480)])
def test_small_faces_of_a_panorama_are_found(
    detector: VerifiedDetector, height: int, width: int
) -> None:
    picture = backdrop(height, width)
    count, across = 6, width > height
    for number in range(count):
        along = 100 + 950 * number
        left, top = (along, 200) if across else (200, along)
        paste_sample(picture, EMOTIONS[number], left, top, SIDE_OF_64_PX)
    assert len(detector.detect(picture)) == count


@pytest.mark.slow
def test_faces_are_found_where_a_jpeg_is_read_at_half_of_its_size(
    detector: VerifiedDetector,
) -> None:
    picture = backdrop(4700, 6600)
    places = [(60 + 800 * column, 60 + 900 * row) for row in range(5) for column in range(8)]
    for number, (left, top) in enumerate(places):
        paste_sample(picture, EMOTIONS[number % 8], left, top, SIDE_OF_64_PX)
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "JPEG", quality=90)
    (halved,) = read_frames(stream.getvalue())
    assert halved.image.shape == (2350, 3300, 3)
    assert len(detector.detect(halved.image)) >= 0.95 * len(places)


def test_a_small_face_beside_a_large_one_in_a_large_picture(detector: VerifiedDetector) -> None:
    picture = backdrop(900, 1400)
    large = paste_sample(picture, "sadness", 100, 100, 700)
    small = paste_sample(picture, "surprise", 1100, 600, 80)
    first, second = detector.detect(picture)
    assert_at(first, large)
    assert_at(second, small)
    assert box_area_px(first) > box_area_px(second)


def test_no_more_faces_than_asked_for(mediapipe_detector: MediapipeDetector) -> None:
    picture = backdrop(300, 900)
    paste_sample(picture, "sadness", 20, 20, 150)
    largest = paste_sample(picture, "surprise", 400, 20, 250)
    (face,) = VerifiedDetector(mediapipe_detector, max_faces=1).detect(picture)
    assert_at(face, largest)


class Believer:
    """A mesh that sees the same face in every picture and every window."""

    name = "believer"

    def detect_whole(self, image: NDArray[np.uint8]) -> list[Face]:
        points = self.meshes(image)[0]
        return [Face((0, 0, 1, 1), points, 1.0)]

    def meshes(self, image: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
        return [sample_landmarks("anger") * np.float32(min(image.shape[:2]) / 256)]


@pytest.mark.parametrize("seed", range(4))
def test_a_mesh_on_no_face_is_not_believed(seed: int) -> None:
    detector = VerifiedDetector(Believer())
    assert detector.detect(backdrop(300, 420, seed)) == []


@pytest.mark.parametrize("shape", [(1, 1), (2, 900), (300, 400), (700, 1500)])
def test_a_picture_without_a_face_has_none(
    detector: VerifiedDetector, shape: tuple[int, int]
) -> None:
    assert detector.detect(np.full((*shape, 3), 128, np.uint8)) == []
