"""Which faces a prototype averages: agreed on, frontal, each photograph once, and typical."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ferstudio.labels import FERPLUS
from ferstudio.regions import (
    FACE_OVAL,
    INNER_LIPS,
    LEFT_BROW,
    LEFT_EYE,
    LIPS,
    RIGHT_BROW,
    RIGHT_EYE,
    expand_compact,
)
from training.data.ferplus import unique_top
from training.data.table import FACE_PX, FaceTable

EXPRESSIVE = tuple(dict.fromkeys(LIPS + INNER_LIPS + RIGHT_EYE + LEFT_EYE + RIGHT_BROW + LEFT_BROW))
"""Mesh points that an expression moves."""

_NOSE_TIP, _RIGHT_CHEEK, _LEFT_CHEEK = 1, 234, 454
_RIGHT_MOUTH_CORNER, _LEFT_MOUTH_CORNER = 61, 291
_COMPARED_PX = 64
_SAME_PHOTOGRAPH = 0.6
_ROUNDS = 4  # after which trimmed means have settled


def agreed(table: FaceTable, emotion: str, min_votes: int) -> NDArray[np.int64]:
    """Return rows whose landmarks are known and on which the FER+ votes agree.

    The emotion alone has the most of the ten votes, and `min_votes` at least.
    """
    column = FERPLUS.index(emotion)
    most = unique_top(table.votes) == column
    return np.flatnonzero(most & (table.votes[:, column] >= min_votes) & table.found())


def frontal(
    table: FaceTable, rows: NDArray[np.int64], most_cost: float, count: int
) -> NDArray[np.int64]:
    """Return at most `count` of `rows`, lowest `pose_cost` first, all of it below `most_cost`."""
    if not len(rows):
        return rows
    landmarks = np.stack([expand_compact(points) for points in table.landmarks_xy_px[rows]])
    cost = pose_cost(landmarks, FACE_PX)
    order = np.argsort(cost, kind="stable")
    return rows[order[cost[order] < most_cost]][:count]


def pose_cost(landmarks_xy_px: NDArray[np.floating], side_px: int) -> NDArray[np.float64]:
    """Return (N,) how far faces are from frontal, upright, whole and of usual size; 0 is best.

    The root of a sum of squares, each part in units that hardly show in an average.

    Args:
        landmarks_xy_px: (N, 478, 2) mesh points; the `COMPACT` ones suffice.
        side_px: side of the square picture in pixels.
    """
    points = eye_frame(landmarks_xy_px, (_NOSE_TIP, _RIGHT_CHEEK, _LEFT_CHEEK))
    nose, right_cheek, left_cheek = points.swapaxes(0, 1)
    between_cheeks = (nose[:, 0] - right_cheek[:, 0]) / (left_cheek[:, 0] - right_cheek[:, 0])
    across = _centre(landmarks_xy_px, LEFT_EYE) - _centre(landmarks_xy_px, RIGHT_EYE)
    distance_px = np.hypot(across[:, 0], across[:, 1])
    outline = landmarks_xy_px[:, list(FACE_OVAL)]
    outside_px = np.maximum(-outline, outline - side_px).max(axis=(1, 2)).clip(min=0)
    parts = (
        (between_cheeks - 0.5) / 0.06,  # yaw, seen from the cheeks
        (nose[:, 0] - 0.5) / 0.08,  # yaw, seen from the eyes
        (nose[:, 1] - 0.65) / 0.12,  # pitch
        np.degrees(np.arctan2(across[:, 1], across[:, 0])) / 15,  # roll
        outside_px / distance_px / 0.15,  # chin or forehead cut off
        (distance_px / side_px - 0.36) / 0.08,  # too small to be sharp, too large to be whole
    )
    return np.sqrt(np.square(parts).sum(axis=0))


def mouth_tilt(landmarks_xy_px: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return (N,) how much higher the left mouth corner is, in distances between the eyes."""
    corners = eye_frame(landmarks_xy_px, (_RIGHT_MOUTH_CORNER, _LEFT_MOUTH_CORNER))
    return corners[:, 0, 1] - corners[:, 1, 1]


def eye_frame(landmarks_xy_px: NDArray[np.floating], points: Sequence[int]) -> NDArray[np.float64]:
    """Return mesh points in the frame of the eyes, so that place, size and roll are gone.

    Args:
        landmarks_xy_px: (N, 478, 2) mesh points.
        points: P indices of mesh points.

    Returns:
        (N, P, 2) float64: the right eye's centre is (0, 0), the left one's (1, 0), y points down.
    """
    right = _centre(landmarks_xy_px, RIGHT_EYE)
    across = _centre(landmarks_xy_px, LEFT_EYE) - right
    across = across / (across**2).sum(axis=1, keepdims=True)
    down = np.stack([-across[:, 1], across[:, 0]], axis=1)
    axes = np.stack([across, down], axis=1)  # (N, 2, 2)
    offset = landmarks_xy_px[:, list(points)] - right[:, None]
    return np.asarray(np.einsum("npc,nac->npa", offset, axes), np.float64)


def different_photographs(
    faces: NDArray[np.float32], inside: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Return rows such that no two come from one photograph; the first of its faces is kept.

    FER2013 holds many photographs several times, cut, tinted or mirrored differently, one of them
    a dozen times: averaged, that person would be recognised. Their faces in one shape, with the
    lighting and the mean face taken out, correlate above 0.6; those of two people rarely do.

    Args:
        faces: (N, S, S) faces in one shape.
        inside: (S, S) where the face is.
    """
    small = (_COMPARED_PX, _COMPARED_PX)
    within = cv2.resize(inside.astype(np.float32), small, interpolation=cv2.INTER_AREA) > 0.5
    within &= within[:, ::-1]
    detail = np.empty((len(faces), *small), np.float32)
    for row, face in enumerate(faces):
        reduced = cv2.resize(face, small, interpolation=cv2.INTER_AREA)
        detail[row] = reduced - cv2.GaussianBlur(reduced, (0, 0), _COMPARED_PX / 10)
    straight, mirrored = (view[:, within] for view in (detail, detail[:, :, ::-1]))
    straight = _unit_rows(straight - straight.mean(axis=0))
    mirrored = _unit_rows(mirrored - mirrored.mean(axis=0))
    alike = np.maximum(straight @ straight.T, straight @ mirrored.T)
    kept: list[int] = []
    for row in range(len(faces)):
        if not (alike[row, kept] > _SAME_PHOTOGRAPH).any():
            kept.append(row)
    return np.array(kept, np.int64)


def typical_shapes(aligned_xy_px: NDArray[np.floating], count: int) -> NDArray[np.int64]:
    """Return the `count` rows whose expression is nearest to their mean.

    Args:
        aligned_xy_px: (N, 478, 2) mesh points of faces with the same eye centres.
        count: number of rows to keep.
    """
    moved = aligned_xy_px[:, list(EXPRESSIVE)]
    kept = np.arange(len(moved))
    for _ in range(_ROUNDS):
        distance = np.square(moved - moved[kept].mean(axis=0)).sum(axis=(1, 2))
        kept = np.sort(np.argsort(distance, kind="stable")[:count])
    return kept


def typical_looks(
    faces: NDArray[np.float32], inside: NDArray[np.bool_], count: int
) -> NDArray[np.int64]:
    """Return the `count` rows most like their mean, in the upper and in the lower face.

    What falls away has hands or hair in the face, glasses, writing over it, or is a drawing.

    Args:
        faces: (N, S, S) faces in one shape.
        inside: (S, S) where the face is.
        count: number of rows to keep.
    """
    upper = inside.copy()
    upper[round(0.55 * len(inside)) :] = False
    halves = [_unit_rows(faces[:, half]) for half in (upper, inside & ~upper)]
    kept = np.arange(len(faces))
    for _ in range(_ROUNDS):
        likeness = [half @ _unit_rows(half[kept].mean(axis=0, keepdims=True))[0] for half in halves]
        kept = np.sort(np.argsort(-np.min(likeness, axis=0), kind="stable")[:count])
    return kept


def _centre(landmarks_xy_px: NDArray[np.floating], ring: Sequence[int]) -> NDArray[np.floating]:
    return landmarks_xy_px[:, list(ring)].mean(axis=1)


def _unit_rows(values: NDArray[np.float32]) -> NDArray[np.float32]:
    centred = values - values.mean(axis=1, keepdims=True)
    return centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-6)
