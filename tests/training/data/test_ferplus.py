"""FER+'s votes, the labels they make, and every way in which its file can be wrong."""

from pathlib import Path

import numpy as np
import pytest

from ferstudio.errors import DataError
from ferstudio.labels import FERPLUS
from tests.training.data.public_files import ferplus_rows, with_cell, write
from training.data.ferplus import VOTE_COLUMNS, majority_labels, read_ferplus, unique_top


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ((5, 3, "x"), r"ferplus\.csv, line 5: a vote is not a whole number"),
        ((5, 3, ""), r"line 5: a vote is not a whole number"),
        ((5, 3, "11"), r"line 5: votes must lie between 0 and 10"),
        ((5, 3, "-1"), r"line 5: votes must lie between 0 and 10"),
        ((5, 1, "n" * 300), r"line 5: the image's name is 300 characters long"),
        ((1, 2, "calm"), r"line 1: the columns should be Usage,Image name,neutral,"),
    ],
)
def test_a_wrong_cell_in_ferplus_is_named(
    tmp_path: Path, cell: tuple[int, int, str], message: str
) -> None:
    rows = with_cell(ferplus_rows(), *cell)
    with pytest.raises(DataError, match=message):
        read_ferplus(write(tmp_path / "ferplus.csv", rows))


def test_names_without_endings_are_those_with_them(tmp_path: Path) -> None:
    rows = ferplus_rows()
    expected = read_ferplus(write(tmp_path / "with.csv", rows))[1]
    for row in rows[1:]:
        row[1] = row[1].removesuffix(".png")
    assert read_ferplus(write(tmp_path / "without.csv", rows))[1] == expected
    assert expected[3] == "fer0000003.png" and expected[4] == ""


@pytest.mark.parametrize(
    ("votes", "label"),
    [
        ({"anger": 6, "neutral": 4}, "anger"),
        ({"anger": 5, "neutral": 5}, None),
        ({"anger": 5, "neutral": 4, "fear": 1}, "anger"),
        ({"anger": 4, "neutral": 2, "fear": 2, "disgust": 2}, None),
        ({"contempt": 4, "neutral": 3, "fear": 1, "disgust": 1, "NF": 1}, "contempt"),
        ({"contempt": 4, "neutral": 2, "unknown": 2}, None),
        ({"unknown": 6, "neutral": 4}, None),
        ({"NF": 10}, None),
        (dict.fromkeys(VOTE_COLUMNS, 1), None),
        ({}, None),
    ],
)
def test_the_majority_is_of_the_votes_without_single_ones(
    votes: dict[str, int], label: str | None
) -> None:
    row = np.array([[votes.get(name, 0) for name in VOTE_COLUMNS]], np.uint8)
    assert majority_labels(row).tolist() == [FERPLUS.index(label) if label else -1]


@pytest.mark.parametrize(
    ("votes", "label"),
    [
        ([9, 1, 0, 0, 0, 0, 0, 0, 0, 0], 0),
        ([0, 0, 0, 0, 0, 0, 0, 3, 2, 2], 7),
        ([4, 4, 2, 0, 0, 0, 0, 0, 0, 0], -1),
        ([1, 2, 0, 0, 0, 0, 0, 0, 7, 0], -1),
        ([1, 2, 0, 0, 0, 0, 0, 0, 0, 7], -1),
        ([5, 0, 0, 0, 0, 0, 0, 0, 5, 0], -1),
        ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0], -1),
    ],
    ids=["most", "few but most", "tie", "unknown", "not a face", "tie with unknown", "no votes"],
)
def test_unique_top(votes: list[int], label: int) -> None:
    assert unique_top(np.array([votes], np.uint8)).tolist() == [label]
