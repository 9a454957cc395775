"""Whether FER2013's and FER+'s tables are of the same faces in the same order.

FER+ names no row of FER2013: its row i is row i of the other, and the numbers in its image names
are neither row numbers nor in order nor unique. So order is all there is, and the labels tell
whether it was kept: FER2013's is FER+'s most voted emotion in 66 % of the true rows (60 % in the
worst 500 of them) and in at most 22 % of shifted ones. A stretch of rows below 40 % isn't paired.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ferstudio.errors import DataError
from ferstudio.labels import FER2013, FERPLUS
from training.data.ferplus import unique_top

LEAST_AGREEMENT = 0.4
"""Share of rows, of those with one emotion in both tables, whose labels have to be the same."""

STRETCH, LEAST_JUDGED = 500, 30
"""Rows that are judged together, and how many of them need a label in both for that."""


def agreement(labels: NDArray[np.int64], votes: NDArray[np.uint8]) -> tuple[int, int]:
    """Return in how many rows both tables say the same emotion, and how many rows say one in both.

    Args:
        labels: (N,) FER2013's labels.
        votes: (N, 10) FER+'s votes in `VOTE_COLUMNS` order.
    """
    own = np.array([FER2013.index(name) if name in FER2013 else -1 for name in FERPLUS])
    top = unique_top(votes)
    theirs = np.where(top >= 0, own[top], -1)
    judged = theirs >= 0
    return int((judged & (theirs == labels)).sum()), int(judged.sum())


def check_same_faces(
    file: Path, labels: NDArray[np.int64], other: Path, votes: NDArray[np.uint8]
) -> None:
    """Refuse two tables whose labels agree no better than by chance, in any stretch of rows.

    Args:
        file: FER2013's table.
        labels: (N,) its labels.
        other: FER+'s table.
        votes: (N, 10) its votes.

    Raises:
        DataError: naming the rows and the share.
    """
    for first in range(0, len(labels), STRETCH):
        last = min(first + STRETCH, len(labels))
        same, judged = agreement(labels[first:last], votes[first:last])
        if judged >= LEAST_JUDGED and same < LEAST_AGREEMENT * judged:
            raise DataError(
                f"{file} and {other} don't belong together row by row: of the rows {first + 1} to "
                f"{last} that have one emotion in both, {100 * same / judged:.0f} % have the same "
                "one, where 66 % do in the published tables; a table was shuffled, shifted or cut."
            )
