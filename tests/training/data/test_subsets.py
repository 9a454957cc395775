"""Subsets of a split: by agreement of the votes and by the head's pose."""

from pathlib import Path

import numpy as np
import pytest

from ferstudio.errors import DataError
from tests.training.conftest import make_table
from tests.training.data.posed_faces import posed_table
from training.data.head_pose import load_face_model
from training.data.protocols import evaluation_labels
from training.data.subsets import find_subsets, new_faces, read_subset, save_subset
from training.data.table import FaceTable


def test_pose_subsets_take_the_turned_of_the_labelled() -> None:
    angles = np.array([[0, 0], [-29, 0], [31, 5], [0, -31], [50, 0], [5, 46], [60, 0], [-46, 0]])
    table = posed_table(angles.astype(np.float64))
    table.landmarks_xy_px[6] = np.nan
    table.votes[7] = 0
    agreed, beyond_30, beyond_45 = find_subsets(table, load_face_model())
    assert [agreed.name, beyond_30.name, beyond_45.name] == [
        "agreed.csv",
        "pose30.csv",
        "pose45.csv",
    ]
    assert np.flatnonzero(agreed.taken).tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert np.flatnonzero(beyond_30.taken).tolist() == [2, 3, 4, 5]
    assert np.flatnonzero(beyond_45.taken).tolist() == [4, 5]
    assert "; 1 without landmarks left out" in beyond_30.rule


def test_a_subset_file_is_what_evaluation_reads(tmp_path: Path) -> None:
    table = make_table(10)
    taken = np.arange(10) % 3 == 1
    save_subset(tmp_path / "part.csv", table, taken)
    assert (tmp_path / "part.csv").read_text("utf-8").startswith("name,label\nfer0000001.png,")
    truth = read_subset(tmp_path / "part.csv", table, "ferplus")
    np.testing.assert_array_equal(truth, np.where(taken, table.votes.argmax(axis=1), -1))


def test_subset_files(table: FaceTable, tmp_path: Path) -> None:
    own = evaluation_labels(table, "ferplus")
    file = tmp_path / "subset.csv"
    file.write_text(f"name,label\n{table.names[3]},7\n{table.names[9]},\n")
    truth = read_subset(file, table, "ferplus")
    assert truth[3] == 7 and truth[9] == own[9] and (truth >= 0).sum() == 2
    file.write_text(f"name\n{table.names[4].removesuffix('.png')}\n")
    assert (read_subset(file, table, "ferplus") >= 0).tolist() == [r == 4 for r in range(64)]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("face,label\n", "'name' is missing"),
        ("name,label\nnobody.png,1\n", "line 2: the split has no face"),
        ("name,label\nfer0000001.png\n", "line 2: 1 columns"),
        ("name,label\nfer0000001.png,8\n", "no index"),
        ("name,label\nfer0000001.png,x\n", "no index"),
    ],
)
def test_bad_subset_files(table: FaceTable, tmp_path: Path, text: str, complaint: str) -> None:
    file = tmp_path / "subset.csv"
    file.write_text(text)
    with pytest.raises(DataError, match=complaint):
        read_subset(file, table, "ferplus")


def test_faces_that_were_learned_are_not_new(table: FaceTable) -> None:
    known = table.select(np.arange(5))
    found = new_faces(table, known)
    labelled = evaluation_labels(table, "ferplus") >= 0
    np.testing.assert_array_equal(found.taken, labelled & (np.arange(len(table)) >= 5))
    assert found.name == "new.csv" and f"{int(labelled[:5].sum())} whose" in found.rule
