"""`python -m training.subsets`: parts of a split that the literature judges apart, as CSV.

Wang et al., "Region Attention Networks for Pose and Occlusion Robust Facial Expression
Recognition", IEEE TIP 2020 (RAN), judge FER+ on 3,137 test faces, and apart on those whose pitch or
yaw exceeds 30° (1,170 faces) or 45° (633). Their lists for the test split are published
(github.com/kaiwang960112/Challenge-condition-FER-dataset). What is written here, for any split, are
reconstructions and estimates of our own, not those lists.

agreed.csv: the majority rule of Barsoum et al., "Training Deep Networks for Facial Expression
Recognition with Crowd-Sourced Label Distribution", ICMI 2016 (`majority_labels`). It takes 25,060
faces of training and 3,199 of validation; RAN's published training list holds 25,045 and 3,191 of
them. Compared by name over some 1,066 lines of each, one face differs in a thousand on training
and one in a hundred on validation.

pose30.csv, pose45.csv: the head's yaw or pitch, whichever is larger, from the mesh points of the
cache (`head_angles`), of all faces that have an evaluation label. On validation 10 % and 2 % of
them exceed 30° and 45°, where RAN's lists hold 37 % and 20 % of their test faces: the two measure
differently. Ours hardly exceed 60°, since the mesh falls short on profiles, and many of the faces
without mesh points, which can't be judged, are profiles.
"""

import argparse
import csv
import io
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from ferstudio.errors import DataError, FerStudioError
from ferstudio.files import write_whole
from ferstudio.labels import FERPLUS
from ferstudio.regions import COMPACT
from training.data.table import SPLITS, FaceTable, load_split
from training.data.targets import evaluation_labels

FACE_MODEL_FILE = Path(__file__).with_name("face_model.csv")
"""Mean rigid face; `--split train --make-model training/face_model.csv` writes it anew."""

POSE_DEGREES = (30, 45)

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


@dataclass(frozen=True, slots=True)
class Subset:
    """Some faces of a split.

    Attributes:
        name: name of its file.
        rule: which faces it takes, in words.
        taken: (N,) bool, one per face of the split.
    """

    name: str
    rule: str
    taken: NDArray[np.bool_]


def majority_labels(votes: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return (N,) FER+'s label by majority, -1 for faces on which the votes don't agree.

    As in the mode "majority" of github.com/microsoft/FERPlus: an emotion with a single vote is an
    outlier and has none; then one must have more than half of the votes, "unknown" and "NF" (not
    a face) among them, and be neither.

    Args:
        votes: (N, 10) votes in `VOTE_COLUMNS` order.
    """
    counted = np.where(votes == 1, 0, votes).astype(np.int64)
    label = counted.argmax(axis=1)
    wins = 2 * counted.max(axis=1) > counted.sum(axis=1)
    return np.where(wins & (label < len(FERPLUS)), label, -1)


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
    _write_csv(file, [_HEADER, *([str(i), *row] for i, row in zip(RIGID, cells, strict=True))])


def find_subsets(table: FaceTable, model_xyz: NDArray[np.float64]) -> Iterator[Subset]:
    """Yield the subsets of a split; each takes only faces that have an evaluation label."""
    labelled = evaluation_labels(table, "ferplus") >= 0
    yield Subset(
        "agreed.csv",
        "one emotion has more than half of the votes, single ones dropped",
        majority_labels(table.votes) >= 0,
    )
    turned = np.abs(head_angles(table.landmarks_xy_px, model_xyz)).max(axis=1)  # NaN: not known
    unseen = int((labelled & np.isnan(turned)).sum())
    for degrees in POSE_DEGREES:
        yield Subset(
            f"pose{degrees}.csv",
            f"yaw or pitch beyond {degrees}°; {unseen} without landmarks left out",
            labelled & (turned > degrees),
        )


def save_subset(file: Path, table: FaceTable, taken: NDArray[np.bool_]) -> None:
    """Write the faces taken, (N,) bool, with their evaluation labels as `read_subset` reads it."""
    labels = evaluation_labels(table, "ferplus")[taken].astype(str)
    _write_csv(file, [["name", "label"], *zip(table.names[taken], labels, strict=True)])


def _write_csv(file: Path, rows: Iterable[Iterable[str]]) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    write_whole(file, text.getvalue().encode())


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m training.subsets", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--data", type=Path, required=True, help="folder from training.prepare")
    parser.add_argument("--split", choices=SPLITS, default="valid")
    wanted = parser.add_mutually_exclusive_group(required=True)
    wanted.add_argument("--out", type=Path, help="folder for the subset files")
    wanted.add_argument(
        "--make-model", type=Path, metavar="FILE", help="write the split's mean rigid face instead"
    )
    options = parser.parse_args(arguments)
    try:
        table = load_split(options.data, options.split)
        save = _save_model if options.make_model else _save_subsets
        for line in save(options.make_model or options.out, table):
            print(line)
    except FerStudioError as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        place = options.make_model or options.out
        print(f"{place} can't be written: {error.strerror}.", file=sys.stderr)
        return 2
    return 0


def _save_subsets(out: Path, table: FaceTable) -> Iterator[str]:
    out.mkdir(parents=True, exist_ok=True)
    labelled = int((evaluation_labels(table, "ferplus") >= 0).sum())
    for subset in find_subsets(table, load_face_model()):
        save_subset(out / subset.name, table, subset.taken)
        yield f"{subset.name}: {subset.taken.sum()} of {labelled} labelled faces; {subset.rule}"


def _save_model(file: Path, table: FaceTable) -> Iterator[str]:
    save_face_model(file, mean_rigid_face(table.landmarks_xy_px))
    yield f"{file}: {len(RIGID)} points, the mean of {table.found().sum()} faces"


if __name__ == "__main__":
    sys.exit(main())
