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
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ferstudio.errors import DataError
from ferstudio.labels import label_set
from training.data.csv_files import write_csv
from training.data.ferplus import majority_labels
from training.data.head_pose import head_angles
from training.data.protocols import evaluation_labels
from training.data.table import FaceTable

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


def save_subset(file: Path, table: FaceTable, taken: NDArray[np.bool_]) -> None:
    """Write the faces taken, (N,) bool, with their evaluation labels as `read_subset` reads it."""
    labels = evaluation_labels(table, "ferplus")[taken].astype(str)
    write_csv(file, [["name", "label"], *zip(table.names[taken], labels, strict=True)])


def read_subset(file: Path, table: FaceTable, labels: str) -> NDArray[np.int64]:
    """Return (N,) labels of the faces that a subset file names, -1 for all others.

    The file has the header `name,label` (label optional); `name` as in FER+'s CSV, `label` an
    index in the label set. Without labels the protocol's own count.

    Raises:
        DataError: naming the line, for a malformed row or a name that the split lacks.
    """
    own = evaluation_labels(table, labels)
    row_of = {name: row for row, name in enumerate(table.names) if name}
    truth = np.full(len(table), -1, np.int64)
    try:
        with file.open(newline="", encoding="utf-8") as stream:
            reader = csv.reader(stream)
            header = [cell.strip() for cell in next(reader, [])]
            if header not in (["name"], ["name", "label"]):
                raise DataError(f"{file} should start with the header name,label or name.")
            for cells in reader:
                line = f"{file}, line {reader.line_num}"
                if len(cells) != len(header):
                    raise DataError(f"{line}: {len(cells)} columns where {len(header)} are needed.")
                if cells[0] not in row_of:
                    raise DataError(f"{line}: the split has no face named {cells[0]!r}.")
                row = row_of[cells[0]]
                truth[row] = own[row]
                if len(cells) == 2 and cells[1].strip():
                    if cells[1].strip() not in {str(i) for i in range(len(label_set(labels)))}:
                        raise DataError(f"{line}: {cells[1]!r} is no index of {labels}.")
                    truth[row] = int(cells[1])
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{file} can't be read: {error}.") from error
    return truth
