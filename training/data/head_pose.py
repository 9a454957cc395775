"""How far heads are turned, from mesh points and a rigid face.

The angles are estimates of this project's own. They hardly exceed 60°, since the mesh falls short
on profiles.
"""

import csv
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from ferstudio.errors import DataError
from ferstudio.regions import COMPACT
from training.data.csv_files import write_csv

FACE_MODEL_FILE = Path(__file__).with_name("face_model.csv")
"""Mean rigid face; `--split train --make-model training/data/face_model.csv` writes it
anew."""

MIDLINE = (10, 168, 6, 197, 195, 5, 4, 1, 19, 94, 2)
"""Mesh points on the face's plane of symmetry: top of the forehead, then down the nose."""

PAIRS = (
    (33, 263), (133, 362),  # corners of the eyes
    (193, 417), (129, 358), (48, 278), (64, 294), (98, 327),  # sides and wings of the nose
    (109, 338), (67, 297), (103, 332), (54, 284), (21, 251),  # outline of the forehead
    (162, 389), (127, 356), (234, 454),  # and down to the ears
)  # fmt: skip
"""Mesh points of the person's right and left side that mirror each other."""

RIGID = MIDLINE + tuple(right for right, _ in PAIRS) + tuple(left for _, left in PAIRS)
"""Mesh points that neither lips, lids, brows nor jaw move."""

_DISTANCE = 1000.0  # of the camera in face sizes: as good as infinite

_HEADER = ["index", "x", "y", "z"]

_DIGITS = 4


def head_angles(
    landmarks_xy_px: NDArray[np.floating], model_xyz: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return (N, 2) yaw and pitch in degrees, NaN for faces without landmarks.

    The rigid face is turned until its picture lies nearest to the mesh points in the mean square
    (cv2.solvePnP, a camera so far away that it sees in weak perspective). Roll, the turn within the
    picture, comes last (R = Rz Ry Rx) and is left out. Yaw > 0: the nose points to the right of the
    picture; pitch > 0: up.

    Args:
        landmarks_xy_px: (N, K, 2) `COMPACT` mesh points in any pixel frame.
        model_xyz: (P, 3) `RIGID` points as `load_face_model` gives them.
    """
    camera = np.diag([_DISTANCE, _DISTANCE, 1.0])
    undistorted = np.zeros(4)
    solid = _unit(model_xyz)
    angles = np.full((len(landmarks_xy_px), 2), np.nan)
    for row, seen in enumerate(_rigid(landmarks_xy_px)):
        if np.isnan(seen).any():
            continue
        unturned, ahead = np.zeros(3), np.array([0.0, 0.0, _DISTANCE])  # where the search starts
        _, turn, _ = cv2.solvePnP(solid, _unit(seen), camera, undistorted, unturned, ahead, True)
        _, yaw, pitch = Rotation.from_rotvec(np.ravel(turn)).as_euler("ZYX", degrees=True)
        angles[row] = -yaw, -pitch
    return angles


def mean_rigid_face(landmarks_xy_px: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return (P, 3) float64 `RIGID` points of the face that explains many faces' pictures.

    All faces are taken for one rigid body that is seen from many sides, and its shape is found by
    factorisation: Tomasi and Kanade, "Shape and Motion from Image Streams under Orthography", IJCV
    1992, with the metric constraints of scaled orthography. Each face is also seen in the mirror,
    so the shape is symmetric. What factorisation leaves open is settled by the face: the nose is
    nearer than the ears, and the median face has pitch 0.

    Args:
        landmarks_xy_px: (N, K, 2) `COMPACT` mesh points, NaN where no face was found.

    Returns:
        x to the right of the picture, y down, z away from the camera; the eyes' outer corners are
        1 apart, the points' mean is 0.

    Raises:
        DataError: if the faces are turned too little to show their depth.
    """
    known = landmarks_xy_px[~np.isnan(landmarks_xy_px[:, 0, 0])]
    views = [_unit(points) for points in _rigid(known)]
    views += [view[_mirror()] * (-1, 1) for view in views]
    measured = np.array(views).reshape(-1, len(RIGID), 2).swapaxes(1, 2)  # (2N, 2, P)
    rows = measured.reshape(-1, len(RIGID))
    basis = np.linalg.eigh(rows.T @ rows)[1][:, -3:]  # (P, 3)
    shape = _in_face_axes(basis @ np.linalg.inv(_metric_upgrade(measured @ basis)).T)
    median_pitch = np.median(head_angles(known, shape)[:, 1])
    return np.asarray(Rotation.from_euler("x", -median_pitch, degrees=True).apply(shape))


def load_face_model(file: Path = FACE_MODEL_FILE) -> NDArray[np.float64]:
    """Return the (P, 3) float64 `RIGID` points of a stored face, as `mean_rigid_face` gives them.

    Raises:
        DataError: if the file is missing or holds other points.
    """
    try:
        header, *rows = csv.reader(file.read_text("utf-8").splitlines())
        points = {int(index): [float(cell) for cell in cells] for index, *cells in rows}
        model = np.array([points[index] for index in RIGID], np.float64)
    except OSError as error:
        raise DataError(f"{file} can't be read: {error.strerror}.") from error
    except (ValueError, KeyError) as error:
        raise DataError(f"{file} is damaged; make it anew with --make-model.") from error
    if header != _HEADER or model.shape != (len(RIGID), 3):
        raise DataError(f"{file} is damaged; make it anew with --make-model.")
    return model


def save_face_model(file: Path, model_xyz: NDArray[np.float64]) -> None:
    """Write a rigid face (P, 3) as CSV."""
    rounded = model_xyz.round(_DIGITS) + 0.0  # no -0
    cells = [[f"{value:.{_DIGITS}f}" for value in point] for point in rounded]
    write_csv(file, [_HEADER, *([str(i), *row] for i, row in zip(RIGID, cells, strict=True))])


def _metric_upgrade(cameras: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the (3, 3) G that makes cameras (N, 2, 3) G scaled rotations.

    Their two rows a, b become as long as each other and square: a Q a = b Q b and a Q b = 0 with
    Q = G Gᵀ, in the mean square.
    """
    upper = i, j = np.triu_indices(3)
    once = np.where(i == j, 0.5, 1.0)

    def products(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
        outer = a[:, :, None] * b[:, None, :]
        return (outer + outer.swapaxes(1, 2))[:, i, j] * once  # (N, 6), to go with Q's upper half

    a, b = cameras.swapaxes(0, 1)
    wanted = np.concatenate([products(a, a) - products(b, b), products(a, b)])
    q = np.zeros((3, 3))
    q[upper] = np.linalg.eigh(wanted.T @ wanted)[1][:, 0]
    q += np.triu(q, 1).T
    stretch, axes = np.linalg.eigh(q * np.sign(np.trace(q)))
    if stretch[0] <= 1e-3 * stretch[-1]:
        raise DataError("These faces are too few, or turned too little, to show a face's depth.")
    return np.asarray(axes * np.sqrt(stretch))


def _in_face_axes(shape: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a symmetric shape (P, 3) in axes to the right, down the nose and away, at size 1."""
    point = dict(zip(RIGID, shape, strict=True))
    right = np.linalg.svd(shape - shape[_mirror()])[2][0]
    right *= np.sign((point[263] - point[33]) @ right)
    down = point[2] - point[168]
    down -= (down @ right) * right
    down /= np.linalg.norm(down)
    away = np.cross(right, down)
    away *= np.sign((point[127] - point[4]) @ away)  # the other sign: the face turned inside out
    turned = shape @ np.stack([right, down, away], axis=1)
    return np.asarray(turned / ((point[263] - point[33]) @ right))


def _rigid(landmarks_xy_px: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the (N, P, 2) `RIGID` points of (N, K, 2) `COMPACT` ones."""
    columns = [COMPACT.index(point) for point in RIGID]
    return np.asarray(landmarks_xy_px[:, columns], np.float64)


def _unit(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return points (P, D) about their mean, at a mean square distance of 1 from it."""
    centred = points - points.mean(axis=0)
    return np.asarray(centred / np.sqrt(np.square(centred).sum(axis=1).mean()))


def _mirror() -> list[int]:
    """Return, for each of `RIGID`, the row of the point it mirrors."""
    partner = dict(PAIRS) | {left: right for right, left in PAIRS}
    return [RIGID.index(partner.get(point, point)) for point in RIGID]
