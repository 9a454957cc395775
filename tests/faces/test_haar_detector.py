import cv2
import numpy as np
import pytest

from ferstudio.errors import FerStudioError
from ferstudio.faces import haar_detector as module
from ferstudio.faces.alignment import align_face
from ferstudio.faces.haar_detector import HaarDetector
from ferstudio.preprocess import apply_affine, invert_affine
from tests.drawn_face import drawn_face


def test_the_box_of_a_face_that_fills_the_picture(haar_detector: HaarDetector) -> None:
    faces = haar_detector.detect(drawn_face(256))
    assert len(faces) == 1
    assert faces[0].landmarks_xy_px is None
    left, top, right, bottom = faces[0].box_xyxy_px
    assert right - left == pytest.approx(bottom - top)
    assert (left + right) / 2 == pytest.approx(128, abs=15)


def test_its_crop_is_near_the_framing(haar_detector: HaarDetector) -> None:
    """The drawn face is in the framing already, so its crop should be the whole picture."""
    picture = drawn_face(256)
    crop = align_face(picture, haar_detector.detect(picture)[0])
    corners = apply_affine(invert_affine(crop.to_source), np.array([[0.0, 0.0], [256.0, 256.0]]))
    np.testing.assert_allclose(corners / 256, [[0, 0], [1, 1]], atol=0.15)


def test_several_faces_largest_first(haar_detector: HaarDetector) -> None:
    picture = np.full((300, 600, 3), (120, 130, 140), np.uint8)
    picture[20:150, 20:150] = drawn_face(130)
    picture[10:266, 300:556] = drawn_face(256)
    first, second = haar_detector.detect(picture)
    assert first.box_xyxy_px[0] > 250
    assert second.box_xyxy_px[2] < 200


@pytest.mark.parametrize("shape", [(1, 1), (2, 900), (300, 400)])
def test_a_picture_without_a_face_has_none(
    haar_detector: HaarDetector, shape: tuple[int, int]
) -> None:
    assert haar_detector.detect(np.full((*shape, 3), 128, np.uint8)) == []


def test_an_opencv_without_the_cascade_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CASCADE", "absent.xml")
    cv2.setLogLevel(0)
    with pytest.raises(FerStudioError, match="lacks absent.xml; install opencv"):
        HaarDetector()
