"""Which label a face is judged by: the FER+ protocol, and FER2013's own labels."""

import numpy as np
from numpy.typing import NDArray

from ferstudio.errors import UsageError
from ferstudio.labels import described
from training.data.ferplus import unique_top
from training.data.table import FaceTable

FERPLUS_PROTOCOL = "FER+ most voted emotion, where unique and not unknown/NF"


def protocol_of(labels: str) -> str:
    """Return how faces come to their label in the set called `labels`, in words."""
    return FERPLUS_PROTOCOL if labels == "ferplus" else f"{described(labels).title} label"


def evaluation_labels(table: FaceTable, labels: str) -> NDArray[np.int64]:
    """Return (N,) label indices in the set called `labels`; -1 where a face isn't judged.

    Raises:
        UsageError: if the faces have labels of another set.
    """
    if labels not in {table.labels, *(["ferplus"] if table.labels == "fer2013" else [])}:
        raise UsageError(
            f"These faces have labels of {described(table.labels).title}, not of "
            f"{described(labels).title}; choose a recipe or weights with labels "
            f"{table.labels!r}, or other data."
        )
    return unique_top(table.votes) if labels == "ferplus" else table.truth


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
