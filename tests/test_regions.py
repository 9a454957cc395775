import numpy as np
import pytest

from ferstudio.preprocess import FRAMING_XY
from ferstudio.regions import (
    COMPACT,
    FACE_OVAL,
    PARTS,
    anchor_points,
    expand_compact,
    face_mask,
    hull_mask,
    landmarks_or_mean,
    mean_face,
    points_of,
    region_masks,
)
from ferstudio.types import LANDMARK_COUNT, FaceCrop
from tests.drawn_face import mean_landmarks

SIZE_PX = 100


def test_compact_holds_each_point_of_every_part_once() -> None:
    assert len(set(COMPACT)) == len(COMPACT)
    needed = set(FACE_OVAL).union(*PARTS.values())
    assert needed <= set(COMPACT)
    assert max(COMPACT) < LANDMARK_COUNT


def test_expanding_puts_the_points_where_they_belong() -> None:
    points = np.arange(2 * len(COMPACT), dtype=np.float32).reshape(-1, 2)
    full = expand_compact(points)
    assert full.shape == (LANDMARK_COUNT, 2)
    np.testing.assert_array_equal(full[list(COMPACT)], points)
    assert np.isnan(full).all(axis=1).sum() == LANDMARK_COUNT - len(COMPACT)


def test_the_mean_face_is_in_the_framing() -> None:
    np.testing.assert_allclose(anchor_points(mean_face()), FRAMING_XY, atol=0.02)


def test_the_persons_left_is_on_the_pictures_right() -> None:
    right_eye, left_eye, mouth = anchor_points(mean_face())
    assert right_eye[0] < mouth[0] < left_eye[0]
    assert max(right_eye[1], left_eye[1]) < mouth[1]


def test_given_landmarks_stay_and_missing_ones_become_the_mean() -> None:
    given = mean_landmarks(7)
    assert landmarks_or_mean(given, SIZE_PX) is given
    np.testing.assert_allclose(landmarks_or_mean(None, SIZE_PX), mean_face() * SIZE_PX)


def test_a_crop_has_its_own_points_or_the_mean_faces() -> None:
    given, picture = mean_landmarks(7), np.zeros((SIZE_PX, SIZE_PX, 3), np.uint8)
    assert points_of(FaceCrop(picture, given, np.eye(2, 3))) is given
    np.testing.assert_allclose(
        points_of(FaceCrop(picture, None, np.eye(2, 3))), mean_face() * SIZE_PX
    )


def test_a_hull_covers_the_pixels_inside_its_edges() -> None:
    corners = np.array([[2, 3], [8, 3], [8, 7], [2, 7], [5, 5]], np.float32)
    mask = hull_mask(corners, 10)
    assert mask[4:6, 3:7].all()
    assert not mask[:2].any()
    assert not mask[8:].any()
    assert not mask[:, :1].any()
    assert not mask[:, 9:].any()


def test_a_hull_may_reach_over_the_crop() -> None:
    corners = np.array([[-20, -20], [40, -20], [40, 40], [-20, 40]], np.float32)
    assert hull_mask(corners, 10).all()


@pytest.mark.parametrize("size_px", [48, 256])
def test_parts_lie_on_the_face_and_have_a_face_like_share(size_px: int) -> None:
    face = face_mask(None, size_px)
    assert 0.4 < face.mean() < 0.6
    for name, mask in region_masks(None, size_px).items():
        assert mask.shape == (size_px, size_px)
        assert mask.any(), name
        assert (mask & face).sum() / mask.sum() > 0.98, name


def test_no_two_parts_overlap() -> None:
    masks = region_masks(mean_landmarks(SIZE_PX), SIZE_PX)
    assert list(masks) == list(PARTS)
    assert np.sum(list(masks.values()), axis=0).max() == 1


def test_masks_follow_the_landmarks() -> None:
    moved = mean_landmarks(SIZE_PX) + np.float32(10)
    before = region_masks(mean_landmarks(SIZE_PX), SIZE_PX)["mouth"]
    after = region_masks(moved, SIZE_PX)["mouth"]
    np.testing.assert_array_equal(after[10:, 10:], before[:-10, :-10])
