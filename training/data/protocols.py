"""Which label a face is judged by: the FER+ protocol, and FER2013's own labels."""

import numpy as np
from numpy.typing import NDArray

from training.data.ferplus import unique_top
from training.data.table import FaceTable

PROTOCOLS = {
    "ferplus": "FER+ most voted emotion, where unique and not unknown/NF",
    "fer2013": "FER2013 label",
}


def evaluation_labels(table: FaceTable, labels: str) -> NDArray[np.int64]:
    """Return (N,) label indices in the set called `labels`; -1 where a face isn't judged."""
    return unique_top(table.votes) if labels == "ferplus" else table.fer2013


def judged_rows(
    truth: NDArray[np.int64], limit: int | None = None, seed: int = 0
) -> NDArray[np.int64]:
    """Return the rows of the faces that have a label (N,), in order.

    Args:
        truth: (N,) labels, -1 for faces not judged.
        limit: how many to choose at random; all where None or where there are no more.
        seed: of the choice.
    """
    rows = np.flatnonzero(truth >= 0)
    return rows if limit is None else np.sort(np.random.default_rng(seed).permutation(rows)[:limit])
