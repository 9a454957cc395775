"""The piecewise-affine warp: identity, known moves, and which points it uses."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ferstudio.regions import COMPACT, LIPS, NOSE, mean_face
from training.data.warping import PiecewiseAffine, spread_points

Points = NDArray[np.float32]
Pixels = NDArray[np.uint8]

SIZE = 64
NOSE_TIP = 1
STAY = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])


@pytest.fixture
def target() -> Points:
    return mean_face() * np.float32(SIZE)


@pytest.fixture
def picture() -> Pixels:
    noise = np.random.default_rng(0).integers(0, 256, (SIZE, SIZE)).astype(np.uint8)
    return np.asarray(cv2.GaussianBlur(noise, (0, 0), 2), np.uint8)


@pytest.mark.parametrize("smooth_px", [0.0, 2.0])
def test_a_face_in_the_target_shape_stays_as_it_is(
    target: Points, picture: Pixels, smooth_px: float
) -> None:
    onto = PiecewiseAffine(target, SIZE, smooth_px=smooth_px)
    np.testing.assert_allclose(onto.warp(picture, target, STAY), picture, atol=0.2)


@pytest.mark.parametrize("smooth_px", [0.0, 2.0])
def test_an_affine_move_of_all_points_is_that_move(target: Points, smooth_px: float) -> None:
    to_source = np.array([[0.8, -0.1, 5.0], [0.1, 0.8, -3.0]])
    source = target @ to_source[:, :2].T + to_source[:, 2]
    found = PiecewiseAffine(target, SIZE, smooth_px=smooth_px).source_map(source, to_source)
    rows, columns = np.mgrid[:SIZE, :SIZE] + 0.5
    expected = np.stack([columns, rows], axis=-1) @ to_source[:, :2].T + to_source[:, 2]
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_a_moved_point_takes_its_surroundings_along_and_leaves_the_rest(target: Points) -> None:
    onto = PiecewiseAffine(target, SIZE, smooth_px=0, spacing_px=2)
    assert NOSE_TIP in onto.points
    source = target.copy()
    source[NOSE_TIP] += (1.5, -1.0)
    moved = onto.source_map(source, STAY) - onto.source_map(target, STAY)
    column, row = np.floor(target[NOSE_TIP]).astype(int)
    share = moved[row, column] / (1.5, -1.0)
    assert share[0] == pytest.approx(share[1], abs=1e-3)
    assert 0.6 < share[0] <= 1
    assert (np.abs(moved) <= 1.5 + 1e-4).all()
    rows, columns = np.mgrid[:SIZE, :SIZE]
    far = np.hypot(rows - row, columns - column) > SIZE / 4
    assert not moved[far].any()


def test_pixels_follow_the_points(target: Points) -> None:
    onto = PiecewiseAffine(target, SIZE, smooth_px=0)
    shift = np.array([[1.0, 0.0, 4.0], [0.0, 1.0, 0.0]])
    picture = np.zeros((SIZE, SIZE), np.uint8)
    picture[30, 34] = 200
    warped = onto.warp(picture, target + np.array([4, 0]), shift)
    assert int(warped.argmax()) == 30 * SIZE + 30


def test_used_points_keep_their_distance_and_begin_with_the_outlines(target: Points) -> None:
    points = spread_points(target, 3.0)
    gaps = np.linalg.norm(target[points][:, None] - target[points][None], axis=2)
    assert gaps[~np.eye(len(points), dtype=bool)].min() >= 3.0
    assert set(points) <= set(COMPACT)  # the mean face knows no others
    assert set(points) & set(LIPS)
    assert set(points) & set(NOSE)
    assert points[0] == COMPACT[0]
