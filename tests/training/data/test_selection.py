"""Which faces a prototype averages."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ferstudio.labels import FERPLUS
from ferstudio.regions import COMPACT, expand_compact, mean_face
from training.data.ferplus import VOTE_COLUMNS
from training.data.selection import (
    agreed,
    different_photographs,
    eye_frame,
    frontal,
    mouth_tilt,
    pose_cost,
    typical_looks,
    typical_shapes,
)
from training.data.table import FACE_PX, FaceTable

Array = NDArray[np.float32]

UPRIGHT = mean_face()[None] * np.float32(FACE_PX)
INSIDE = np.ones((64, 64), bool)


def make_table(votes: list[dict[str, int]], landmarks: Array | None = None) -> FaceTable:
    counts = np.array([[row.get(name, 0) for name in VOTE_COLUMNS] for row in votes], np.uint8)
    if landmarks is None:
        landmarks = np.repeat(UPRIGHT, len(votes), axis=0)
    return FaceTable(
        images=np.zeros((len(votes), FACE_PX, FACE_PX), np.uint8),
        truth=np.zeros(len(votes), np.int64),
        votes=counts,
        names=np.array([f"fer{i:07d}.png" for i in range(len(votes))]),
        landmarks_xy_px=landmarks[:, list(COMPACT)].astype(np.float32),
    )


def photographs(count: int, seed: int = 0) -> Array:
    noise = np.random.default_rng(seed).normal(size=(count, 64, 64)).astype(np.float32)
    return np.array([cv2.GaussianBlur(face, (0, 0), 2) for face in noise], np.float32)


def rotated(points: Array, degrees: float) -> Array:
    turn = cv2.getRotationMatrix2D((FACE_PX / 2, FACE_PX / 2), degrees, 1.0)
    return (points @ turn[:, :2].T + turn[:, 2]).astype(np.float32)


@pytest.mark.parametrize(
    ("votes", "min_votes", "taken"),
    [
        ({"disgust": 5, "anger": 3, "fear": 2}, 5, True),
        ({"disgust": 5, "anger": 3, "fear": 2}, 6, False),
        ({"disgust": 5, "anger": 5}, 5, False),
        ({"disgust": 4, "anger": 6}, 4, False),
        ({"disgust": 4, "unknown": 6}, 4, False),
        ({"disgust": 10}, 10, True),
        ({}, 0, False),
    ],
)
def test_votes_must_be_enough_and_alone_at_the_top(
    votes: dict[str, int], min_votes: int, taken: bool
) -> None:
    assert list(agreed(make_table([votes]), "disgust", min_votes)) == [0] * taken


def test_faces_without_landmarks_are_left_out() -> None:
    landmarks = np.repeat(UPRIGHT, 3, axis=0)
    landmarks[1] = np.nan
    table = make_table([{"fear": 9}] * 3, landmarks)
    assert list(agreed(table, "fear", 9)) == [0, 2]


def test_every_emotion_has_its_own_column() -> None:
    table = make_table([{name: 10} for name in FERPLUS])
    assert [list(agreed(table, name, 10)) for name in FERPLUS] == [[i] for i in range(len(FERPLUS))]


def test_frontal_prefers_the_upright_and_drops_the_turned() -> None:
    landmarks = np.concatenate([rotated(UPRIGHT, angle) for angle in (-10, 80, 0, 20)])
    table = make_table([{"anger": 9}] * 4, landmarks)
    assert list(frontal(table, np.arange(4), 3.0, 9)) == [2, 0, 3]
    assert list(frontal(table, np.arange(4), 3.0, 2)) == [2, 0]
    assert list(frontal(table, np.arange(0), 3.0, 2)) == []


def test_pose_cost_rises_with_each_fault() -> None:
    upright = pose_cost(UPRIGHT, FACE_PX)[0]
    assert upright < 0.75
    turned = UPRIGHT.copy()
    turned[:, 1, 0] += 4
    lowered = UPRIGHT.copy()
    lowered[:, 1, 1] += 4
    cut_off = UPRIGHT + np.array([0, 12], np.float32)
    small = UPRIGHT / 2
    for fault in (turned, lowered, cut_off, small, rotated(UPRIGHT, 30)):
        assert pose_cost(fault, FACE_PX)[0] > upright + 0.8


def test_eye_frame_forgets_place_size_and_roll() -> None:
    points = (1, 61, 291)
    expected = eye_frame(UPRIGHT, points)
    moved = rotated(UPRIGHT, 25) * 1.7 + np.array([3, -8], np.float32)
    np.testing.assert_allclose(eye_frame(moved, points), expected, atol=1e-4)


def test_mouth_tilt_is_positive_where_the_left_corner_is_higher() -> None:
    raised = UPRIGHT.copy()
    raised[:, 291, 1] -= 3
    dropped = UPRIGHT.copy()
    dropped[:, 291, 1] += 3
    assert mouth_tilt(raised)[0] > 0.1
    assert mouth_tilt(dropped)[0] < -0.1


def test_one_photograph_counts_once_however_it_was_changed() -> None:
    faces = photographs(12)
    changed = np.stack([faces[0] * 0.5 + 1, faces[3][:, ::-1], faces[5] + photographs(1, 9)[0] / 4])
    kept = different_photographs(np.concatenate([faces, changed]), INSIDE)
    assert list(kept) == list(range(12))


def test_typical_shapes_leave_the_odd_one_out() -> None:
    spread = np.random.default_rng(0).normal(scale=0.2, size=(9, 478, 2)).astype(np.float32)
    shapes = UPRIGHT + spread
    shapes[4] = expand_compact(shapes[4][list(COMPACT)] + np.array([6, 0], np.float32))
    assert list(typical_shapes(shapes, 8)) == [0, 1, 2, 3, 5, 6, 7, 8]


@pytest.mark.parametrize("covered", [slice(0, 32), slice(40, 64)], ids=["upper", "lower"])
def test_typical_looks_leave_a_covered_face_out(covered: slice) -> None:
    faces = photographs(1) * 5 + photographs(9, seed=1)
    faces[4, covered] = photographs(1, seed=2)[0, covered] * 5
    assert list(typical_looks(faces, INSIDE, 8)) == [0, 1, 2, 3, 5, 6, 7, 8]
