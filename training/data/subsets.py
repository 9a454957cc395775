"""Parts of a split that the literature judges apart, as CSV.

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

new.csv: faces whose very picture isn't in the training split, too. FER2013 holds many pictures
twice, and its splits were made without regard to that.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ferstudio.errors import DataError
from ferstudio.labels import label_set
from training.data.csv_files import read_rows, write_csv
from training.data.ferplus import image_name, majority_labels
from training.data.head_pose import head_angles
from training.data.protocols import evaluation_labels
from training.data.table import FaceTable, picture_keys

POSE_DEGREES = (30, 45)


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


def new_faces(table: FaceTable, train: FaceTable) -> Subset:
    """Return the labelled faces of a split whose pictures aren't in the training split as well."""
    known = set(picture_keys(train))
    copies = np.array([key in known for key in picture_keys(table)], bool)
    labelled = evaluation_labels(table, "ferplus") >= 0
    rule = f"{int((labelled & copies).sum())} whose very picture is in the training split left out"
    return Subset("new.csv", rule, labelled & ~copies)


def save_subset(file: Path, table: FaceTable, taken: NDArray[np.bool_]) -> None:
    """Write the faces taken, (N,) bool, with their evaluation labels as `read_subset` reads it."""
    labels = evaluation_labels(table, "ferplus")[taken].astype(str)
    write_csv(file, [["name", "label"], *zip(table.names[taken], labels, strict=True)])


def read_subset(file: Path, table: FaceTable, labels: str) -> NDArray[np.int64]:
    """Return (N,) labels of the faces that a subset file names, -1 for all others.

    The file has the columns `name` and `label` (optional); `name` as in FER+'s CSV, `label` an
    index in the label set. Where there is none, the protocol's own counts.

    Raises:
        DataError: naming the line, for a malformed row or a name that the split lacks.
    """
    own = evaluation_labels(table, labels)
    row_of = {name: row for row, name in enumerate(table.names) if name}
    known = {str(index) for index in range(len(label_set(labels)))}
    truth = np.full(len(table), -1, np.int64)
    for place, (cell, label) in read_rows(file, ["name"], optional=["label"]):
        name = image_name(place, cell)
        if name not in row_of:
            raise DataError(f"{place}: the split has no face named {name!r}.")
        if label.strip() not in known | {""}:
            raise DataError(f"{place}: {label!r} is no index of {labels}.")
        row = row_of[name]
        truth[row] = int(label) if label.strip() else own[row]
    return truth
