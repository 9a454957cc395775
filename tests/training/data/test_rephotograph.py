"""Photographs made of a cache's faces: what is drawn, where the face lies, and who finds it."""

import dataclasses

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ferstudio.errors import UnknownNameError
from ferstudio.faces import align_face, read_picture
from ferstudio.faces.samples import list_samples
from ferstudio.preprocess import apply_affine, invert_affine, warp
from ferstudio.regions import anchor_points
from ferstudio.types import Face
from tests.studio_parts import FakeDetector
from tests.training.conftest import make_table
from training.data import rephotograph
from training.data.crops import face_crops
from training.data.rephotograph import (
    CHANGES,
    LONG_PX,
    SIDE_PX,
    TILT_DEG,
    MadePhotograph,
    make_photograph,
    parse_changes,
    rephotographed_crops,
)
from training.data.table import FACE_PX
from training.recipes import get_recipe

RAMP = np.linspace(60, 200, FACE_PX * FACE_PX).reshape(FACE_PX, FACE_PX).astype(np.uint8)
GREY = np.full((FACE_PX, FACE_PX), 120, np.uint8)


def sample_face(emotion: int) -> NDArray[np.uint8]:
    """Return one of the studio's sample faces as small as those of a cache."""
    large = list_samples()[emotion].read()[:, :, 0]
    return np.asarray(cv2.resize(large, (FACE_PX, FACE_PX), interpolation=cv2.INTER_AREA), np.uint8)


def middle(made: MadePhotograph) -> NDArray[np.float64]:
    """Return the mean colour (3,) of the middle of the face."""
    found = warp(read_picture(made.content), invert_affine(made.to_picture), FACE_PX)
    return np.asarray(found[16:32, 16:32].mean(axis=(0, 1)))


def test_seed_and_row_say_how_a_picture_looks() -> None:
    first, again = make_photograph(RAMP, (3, 5)), make_photograph(RAMP, (3, 5))
    assert first.content == again.content
    assert np.array_equal(first.to_picture, again.to_picture)
    for seed in ((3, 6), (4, 5), (5, 3)):
        assert make_photograph(RAMP, seed).content != first.content


def test_neither_the_order_nor_the_company_of_faces_matters() -> None:
    images = np.stack([np.roll(RAMP, shift, axis=1) for shift in range(4)])
    before = images.copy()
    forward, _ = rephotographed_crops(images, [1, 2, 3], seed=7, detector=FakeDetector())
    backward, _ = rephotographed_crops(images, [3, 1], seed=7, detector=FakeDetector())
    assert np.array_equal(forward[0].image, backward[1].image)
    assert np.array_equal(forward[2].image, backward[0].image)
    assert np.array_equal(images, before)


def test_the_square_lies_within_the_picture_and_the_bounds() -> None:
    corners = np.array([[0, 0], [FACE_PX, 0], [0, FACE_PX], [FACE_PX, FACE_PX]])
    tilts = []
    for row in range(60):
        made = make_photograph(GREY, (0, row), ("tilt",))
        height, width = read_picture(made.content).shape[:2]
        assert LONG_PX[0] - 1 <= max(height, width) <= LONG_PX[1] + 1
        side_px = FACE_PX * np.sqrt(np.linalg.det(made.to_picture[:, :2]))
        assert SIDE_PX[0] <= side_px <= SIDE_PX[1]
        placed = apply_affine(made.to_picture, corners)
        assert placed.min() >= -1
        assert (placed.max(axis=0) <= (width + 1, height + 1)).all()
        tilts.append(np.degrees(np.arctan2(made.to_picture[1, 0], made.to_picture[0, 0])))
    assert np.abs(tilts).max() <= TILT_DEG
    assert min(tilts) < -TILT_DEG / 2 < TILT_DEG / 2 < max(tilts)


@pytest.mark.parametrize("row", range(4))
def test_the_face_is_where_the_map_says(row: int) -> None:
    face = sample_face(row)
    made = make_photograph(face, (1, row), ())
    found = warp(read_picture(made.content), invert_affine(made.to_picture), FACE_PX)
    assert np.ptp(found.astype(int), axis=2).max() <= 1  # as grey as the face; the edge mixes
    shifted = np.abs(np.roll(face, 1, axis=1).astype(float) - face)
    difference = np.abs(found[:, :, 0].astype(float) - face)
    assert difference.mean() < min(4, shifted.mean() / 2)


@pytest.mark.parametrize("row", range(6))
def test_no_edge_gives_the_square_away(row: int) -> None:
    white = np.full((FACE_PX, FACE_PX), 255, np.uint8)
    picture = read_picture(make_photograph(white, (2, row), ("tilt",)).content).astype(int)
    for axis in (0, 1):
        assert np.abs(np.diff(picture, axis=axis)).max() < 60


@pytest.mark.parametrize("change", CHANGES)
def test_changes_come_alone(change: str) -> None:
    face = sample_face(1)
    bare, changed = make_photograph(face, (0, 9), ()), make_photograph(face, (0, 9), (change,))
    assert bare.content != changed.content
    assert np.array_equal(bare.to_picture, changed.to_picture) == (change != "tilt")
    assert changed.content[:2] == (b"\xff\xd8" if change == "jpeg" else b"BM")


def test_a_colour_cast_tints_and_keeps_the_luma() -> None:
    colours = np.array([middle(make_photograph(GREY, (0, row), ("colour",))) for row in range(8)])
    np.testing.assert_allclose(colours @ (0.299, 0.587, 0.114), 120, atol=1)
    assert (np.ptp(colours, axis=1) > 5).all()


def test_light_leaves_grey_grey_and_varies() -> None:
    colours = np.array([middle(make_photograph(GREY, (0, row), ("light",))) for row in range(8)])
    assert np.ptp(colours, axis=1).max() < 1e-6
    assert np.ptp(colours[:, 0]) > 20


def test_a_face_that_is_found_in_its_place_is_cropped_as_from_the_cache(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table, rows = make_table(4), [1, 2, 3]
    images = np.stack([cv2.GaussianBlur(image, (0, 0), 3) for image in table.images])
    maps: list[NDArray[np.float64]] = []

    class Knowing(FakeDetector):
        def detect(self, image: NDArray[np.uint8]) -> list[Face]:
            landmarks = table.landmarks(rows[len(maps) - 1])
            assert landmarks is not None
            return [Face((0.0, 0.0, 1.0, 1.0), apply_affine(maps[-1], landmarks), 1.0)]

    def noting(face: NDArray[np.uint8], seed: tuple[int, int], changes: object) -> MadePhotograph:
        assert changes == ("tilt",)
        made = make_photograph(face, seed, ("tilt",))
        maps.append(made.to_picture)
        return made

    monkeypatch.setattr(rephotograph, "make_photograph", noting)
    crops, missed = rephotographed_crops(
        images, rows, seed=0, changes=("tilt",), detector=Knowing()
    )
    assert missed == 0
    spec = get_recipe("resnet18.ferplus").input
    changed = dataclasses.replace(table, images=images)
    for crop, expected in zip(crops, face_crops(changed.select(np.array(rows)), spec), strict=True):
        small = cv2.resize(crop.image, expected.image.shape[:2], interpolation=cv2.INTER_AREA)
        difference = np.abs(small.astype(float) - expected.image)[8:-8, 8:-8]
        assert difference.mean() < 3


def test_without_a_face_the_centred_square_stands_in() -> None:
    crops, missed = rephotographed_crops(RAMP[None], [0], seed=0, detector=FakeDetector(0))
    assert missed == 1
    expected = align_face(read_picture(make_photograph(RAMP, (0, 0)).content), None)
    assert np.array_equal(crops[0].image, expected.image)


@pytest.mark.slow
def test_the_face_mesh_finds_the_samples_where_they_are() -> None:
    pytest.importorskip("mediapipe", reason="the face mesh needs mediapipe")
    from ferstudio.faces.mediapipe_detector import MediapipeDetector

    detector = MediapipeDetector()
    for row, sample in enumerate(list_samples()):
        large = sample.read()
        known = detector.detect(large)[0].landmarks_xy_px
        assert known is not None
        made = make_photograph(sample_face(row), (0, row))
        (face,) = detector.detect(read_picture(made.content))
        assert face.landmarks_xy_px is not None
        expected = anchor_points(apply_affine(made.to_picture, known * FACE_PX / len(large)))
        found = anchor_points(face.landmarks_xy_px)
        eyes_px = np.linalg.norm(expected[1] - expected[0])
        assert np.linalg.norm(found - expected, axis=1).max() < 0.12 * eyes_px, sample.emotion
    detector.close()


def test_changes_by_name() -> None:
    assert parse_changes("all") == CHANGES
    assert parse_changes("none") == ()
    assert parse_changes("jpeg,tilt") == ("tilt", "jpeg")
    with pytest.raises(UnknownNameError, match="rain"):
        parse_changes("tilt,rain")
