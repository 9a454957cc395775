import math

import numpy as np
import pytest

from ferstudio.faces.alignment import (
    BOX_SCALE,
    BOX_SHIFT_DOWN,
    CROP_PX,
    align_face,
    centred_square,
)
from ferstudio.preprocess import FRAMING_XY, apply_affine, invert_affine, similarity, warp
from ferstudio.regions import anchor_points
from ferstudio.types import Face
from tests.drawn_face import drawn_face, mean_landmarks

ANGLE = math.radians(20)
PLACED = np.array(  # the drawn face of 100 px, turned, in a picture of 300 x 200
    [
        [math.cos(ANGLE), -math.sin(ANGLE), 110.0],
        [math.sin(ANGLE), math.cos(ANGLE), 30.0],
    ]
)


def turned_face() -> tuple[np.ndarray, Face]:
    picture = warp(drawn_face(100), PLACED, 300)[:200]
    landmarks = apply_affine(PLACED, mean_landmarks(100))
    low, high = landmarks.min(axis=0), landmarks.max(axis=0)
    return picture, Face((*low.tolist(), *high.tolist()), landmarks, 1.0)


def test_a_turned_face_comes_out_upright_in_the_framing() -> None:
    crop = align_face(*turned_face())
    assert crop.size == CROP_PX
    assert crop.landmarks_xy_px is not None
    np.testing.assert_allclose(anchor_points(crop.landmarks_xy_px) / CROP_PX, FRAMING_XY, atol=0.02)


def test_the_crop_shows_the_face_at_its_landmarks() -> None:
    picture, face = turned_face()
    crop = align_face(picture, face, size_px=128)
    assert crop.landmarks_xy_px is not None
    upright = similarity(mean_landmarks(100), crop.landmarks_xy_px)
    expected = warp(drawn_face(100), upright, 128)
    inside = (slice(30, 110), slice(35, 95))
    apart = np.abs(crop.image[inside].astype(int) - expected[inside].astype(int))
    assert apart.mean() < 2


def test_to_source_leads_from_the_crop_back_to_the_picture() -> None:
    picture, face = turned_face()
    crop = align_face(picture, face, size_px=64, margin_ratio=0.2)
    assert crop.landmarks_xy_px is not None
    assert face.landmarks_xy_px is not None
    back = apply_affine(crop.to_source, crop.landmarks_xy_px)
    np.testing.assert_allclose(back, face.landmarks_xy_px, atol=1e-3)


def test_a_margin_shows_more_of_the_picture_around_the_same_centre() -> None:
    picture, face = turned_face()
    tight, wide = align_face(picture, face), align_face(picture, face, margin_ratio=0.25)
    ratio = np.linalg.det(wide.to_source[:, :2]) / np.linalg.det(tight.to_source[:, :2])
    assert ratio == pytest.approx(1.5**2)
    middle = np.array([[CROP_PX / 2, CROP_PX / 2]])
    np.testing.assert_allclose(
        apply_affine(wide.to_source, middle), apply_affine(tight.to_source, middle), atol=1e-3
    )


@pytest.mark.parametrize("margin_ratio", [0.0, 0.25])
def test_a_box_alone_gives_the_calibrated_square(margin_ratio: float) -> None:
    picture, _ = turned_face()
    face = Face((100.0, 40.0, 180.0, 120.0), None, 1.0)
    crop = align_face(picture, face, size_px=64, margin_ratio=margin_ratio)
    assert crop.landmarks_xy_px is None
    corners = apply_affine(crop.to_source, np.array([[0.0, 0.0], [64.0, 64.0]]))
    centre, side = (140.0, 80 + BOX_SHIFT_DOWN * 80), BOX_SCALE * 80 * (1 + 2 * margin_ratio)
    np.testing.assert_allclose(corners.mean(axis=0), centre, atol=1e-3)
    np.testing.assert_allclose(corners[1] - corners[0], (side, side), rtol=1e-5)


@pytest.mark.parametrize("shape", [(60, 90), (90, 60), (60, 60)])
def test_no_face_gives_the_centred_square(shape: tuple[int, int]) -> None:
    height, width = shape
    picture = np.zeros((height, width, 3), np.uint8)
    top, left = (height - 60) // 2, (width - 60) // 2
    picture[top : top + 60, left : left + 60] = drawn_face(60)
    crop = align_face(picture, None, size_px=60, margin_ratio=0.3)
    np.testing.assert_array_equal(crop.image, drawn_face(60))
    assert crop.landmarks_xy_px is None
    np.testing.assert_allclose(crop.to_source, [[1, 0, left], [0, 1, top]])
    assert not crop.shows_face
    assert [note.name for note in crop.notes] == ["no-face"]


def test_even_a_single_pixel_has_a_centred_square() -> None:
    crop = centred_square(np.full((1, 1, 3), 77, np.uint8), 32)
    assert crop.image.shape == (32, 32, 3)
    assert (crop.image == 77).all()
    assert invert_affine(crop.to_source)[0, 0] == pytest.approx(32)


def test_a_face_half_out_of_the_picture_still_fills_the_crop() -> None:
    picture, face = turned_face()
    assert face.landmarks_xy_px is not None
    shifted = face.landmarks_xy_px - np.array([150, 0], np.float32)
    crop = align_face(picture[:, 150:], Face(face.box_xyxy_px, shifted, 1.0))
    assert crop.image.min() > 0
    np.testing.assert_allclose(
        crop.to_source[:, 2], align_face(picture, face).to_source[:, 2] - (150, 0), atol=1e-3
    )
