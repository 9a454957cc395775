"""FER+'s public file of votes, and the labels that votes make.

Barsoum et al., "Training Deep Networks for Facial Expression Recognition with Crowd-Sourced Label
Distribution", ICMI 2016. Row i of its file is row i of FER2013's.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ferstudio.errors import DataError
from ferstudio.labels import FERPLUS
from training.data.csv_files import read_rows

VOTE_COLUMNS = (*FERPLUS, "unknown", "NF")

MAX_NAME = 255
"""Characters of a file's name, the longest that file systems take."""

_COLUMNS = ["Usage", "Image name", *VOTE_COLUMNS]


def read_ferplus(file: Path) -> tuple[NDArray[np.uint8], list[str], list[str]]:
    """Return votes (N, 10) uint8, image names ("" where not in FER+) and usages of a FER+ CSV.

    Raises:
        DataError: naming the line, for a missing column, a short row or a wrong vote.
    """
    votes, names, usages = [], [], []
    for place, (usage, name, *cells) in read_rows(file, _COLUMNS):
        try:
            counts = [int(cell) for cell in cells]
        except ValueError:
            raise DataError(f"{place}: a vote is not a whole number.") from None
        if min(counts) < 0 or max(counts) > 10:
            raise DataError(f"{place}: votes must lie between 0 and 10, found {counts}.")
        usages.append(usage.strip())
        names.append(image_name(place, name))
        votes.append(counts if names[-1] else [0] * len(counts))
    return np.array(votes, np.uint8).reshape(-1, len(VOTE_COLUMNS)), names, usages


def image_name(place: str, cell: str) -> str:
    """Return FER+'s name of an image, as "fer0000000.png"; tables may leave out the ending.

    Raises:
        DataError: beginning with `place`, if it is too long for a file's name.
    """
    name = cell.strip()
    if len(name) > MAX_NAME:
        raise DataError(f"{place}: the image's name is {len(name)} characters long.")
    return f"{name}.png" if name and not Path(name).suffix else name


def unique_top(votes: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return FER+'s evaluation label per row, -1 where it has none.

    The most voted of the ten columns, where that is unique and an emotion (not "unknown" or "NF").

    Args:
        votes: (N, 10) votes in `VOTE_COLUMNS` order.
    """
    top = votes.max(axis=1)
    unique = (votes == top[:, None]).sum(axis=1) == 1
    label = votes.argmax(axis=1)
    return np.where(unique & (label < len(FERPLUS)) & (top > 0), label, -1).astype(np.int64)


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
