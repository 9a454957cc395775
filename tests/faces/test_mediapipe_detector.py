import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ferstudio.faces.mediapipe_detector import MediapipeDetector
from ferstudio.faces.pictures import read_picture
from ferstudio.faces.windows import box_area_px
from ferstudio.preprocess import FRAMING_XY
from ferstudio.regions import COMPACT, anchor_points
from ferstudio.types import LANDMARK_COUNT
from tests.drawn_face import drawn_face, mean_landmarks

SAMPLES = Path(str(resources.files("ferstudio"))) / "samples"


def scene(shape: tuple[int, int], *places: tuple[int, int, int]) -> NDArray[np.uint8]:
    """Return a grey picture with drawn faces at (left, top, size)."""
    picture = np.full((*shape, 3), (120, 130, 140), np.uint8)
    for left, top, size in places:
        picture[top : top + size, left : left + size] = drawn_face(size)
    return picture


@pytest.mark.parametrize("size_px", [48, 62, 256])
def test_landmarks_of_a_face_that_fills_the_picture(
    mediapipe_detector: MediapipeDetector, size_px: int
) -> None:
    faces = mediapipe_detector.detect(drawn_face(size_px))
    assert len(faces) == 1
    landmarks = faces[0].landmarks_xy_px
    assert landmarks is not None
    assert landmarks.shape == (LANDMARK_COUNT, 2)
    assert landmarks.dtype == np.float32
    apart = np.linalg.norm(landmarks - mean_landmarks(size_px), axis=1)[list(COMPACT)]
    assert apart.mean() < 0.03 * size_px


@pytest.mark.parametrize("box", [(40, 36, 216, 236), (40, 70, 216, 256), (60, 75, 200, 230)])
def test_a_face_cut_off_at_the_pictures_edges(
    mediapipe_detector: MediapipeDetector, box: tuple[int, int, int, int]
) -> None:
    left, top, right, bottom = box
    faces = mediapipe_detector.detect(drawn_face(256)[top:bottom, left:right])
    assert len(faces) == 1
    assert faces[0].landmarks_xy_px is not None
    eyes_and_mouth = anchor_points(faces[0].landmarks_xy_px) + np.array([left, top])
    np.testing.assert_allclose(eyes_and_mouth / 256, FRAMING_XY, atol=0.05)


@pytest.mark.parametrize(
    ("size_px", "left", "top"), [(400, 600, 100), (200, 40, 500), (110, 1100, 300)]
)
def test_a_small_face_in_a_big_picture(
    mediapipe_detector: MediapipeDetector, size_px: int, left: int, top: int
) -> None:
    faces = mediapipe_detector.detect(scene((900, 1400), (left, top, size_px)))
    assert len(faces) == 1
    assert faces[0].landmarks_xy_px is not None
    placed = (anchor_points(faces[0].landmarks_xy_px) - np.array([left, top])) / size_px
    np.testing.assert_allclose(placed, FRAMING_XY, atol=0.06)


@pytest.mark.slow
def test_forty_faces_each_found_once_largest_first(mediapipe_detector: MediapipeDetector) -> None:
    places = [
        (10 + 160 * column, 10 + 160 * row, 150 - 2 * row)
        for row in range(5)
        for column in range(8)
    ]
    faces = mediapipe_detector.detect(scene((820, 1300), *places))
    assert len(faces) == 40
    areas = [box_area_px(face) for face in faces]
    assert areas == sorted(areas, reverse=True)
    centres = np.array([np.mean(np.reshape(face.box_xyxy_px, (2, 2)), axis=0) for face in faces])
    cells = {(int(x // 160), int(y // 160)) for x, y in centres}
    assert len(cells) == 40


def test_no_more_faces_than_asked_for() -> None:
    pytest.importorskip("mediapipe")
    detector = MediapipeDetector(max_faces=1)
    faces = detector.detect(scene((300, 600), (10, 20, 200), (280, 10, 280)))
    detector.close()
    assert len(faces) == 1
    assert faces[0].box_xyxy_px[0] > 270


@pytest.mark.parametrize("shape", [(1, 1), (2, 900), (300, 400)])
def test_a_picture_without_a_face_has_none(
    mediapipe_detector: MediapipeDetector, shape: tuple[int, int]
) -> None:
    assert mediapipe_detector.detect(scene(shape)) == []


def test_the_picture_is_not_changed_and_may_be_any_view(
    mediapipe_detector: MediapipeDetector,
) -> None:
    mirrored = drawn_face(256)[:, ::-1]
    before = mirrored.copy()
    assert len(mediapipe_detector.detect(mirrored)) == 1
    np.testing.assert_array_equal(mirrored, before)


def test_threads_may_share_a_detector(mediapipe_detector: MediapipeDetector) -> None:
    pictures = [scene((300, 300), (left, 10, 200)) for left in (5, 50, 95)] * 2
    alone = [mediapipe_detector.detect(picture)[0].box_xyxy_px for picture in pictures]
    with ThreadPoolExecutor(3) as threads:
        together = [
            faces[0].box_xyxy_px for faces in threads.map(mediapipe_detector.detect, pictures)
        ]
    assert together == alone


@pytest.mark.slow
def test_no_native_chatter_reaches_the_terminal() -> None:
    pytest.importorskip("mediapipe")
    program = (
        "from ferstudio.faces.mediapipe_detector import MediapipeDetector\n"
        "from tests.drawn_face import drawn_face\n"
        "print(len(MediapipeDetector().detect(drawn_face(128))))\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert done.stdout == "1\n"
    assert not [word for word in ("INFO:", "W0000", "I0000", "absl") if word in done.stderr]


def test_every_sample_face_is_found_in_the_framing(mediapipe_detector: MediapipeDetector) -> None:
    files = sorted(SAMPLES.glob("*.png"))
    assert len(files) == 8
    for file in files:
        picture = read_picture(file)
        faces = mediapipe_detector.detect(picture)
        assert len(faces) == 1, file.name
        assert faces[0].landmarks_xy_px is not None
        unit = anchor_points(faces[0].landmarks_xy_px) / picture.shape[0]
        np.testing.assert_allclose(unit, FRAMING_XY, atol=0.06, err_msg=file.name)
