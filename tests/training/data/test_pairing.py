"""Tables that don't belong together are refused before a network learns from wrong labels."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ferstudio.errors import DataError
from ferstudio.labels import FER2013, FERPLUS
from training.data.pairing import LEAST_JUDGED, agreement, check_same_faces

A, B = Path("fer2013.csv"), Path("ferplus.csv")
SHARED = [name for name in FERPLUS if name in FER2013]


def tables(rows: int, agreed: float) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Return labels and votes that say the same emotion in a share of the rows."""
    rng = np.random.default_rng(0)
    names = rng.integers(0, len(SHARED), rows)
    other = (names + 1) % len(SHARED)
    voted = np.where(rng.permutation(rows) < round(agreed * rows), names, other)
    labels = np.array([FER2013.index(SHARED[name]) for name in names])
    votes = np.zeros((rows, 10), np.uint8)
    votes[np.arange(rows), [FERPLUS.index(SHARED[name]) for name in voted]] = 9
    return labels, votes


def test_agreement_counts_rows_with_one_emotion_in_both() -> None:
    labels = np.array([FER2013.index(name) for name in ("anger", "fear", "fear", "anger")])
    votes = np.zeros((4, 10), np.uint8)
    votes[0, FERPLUS.index("anger")] = 9  # the same
    votes[1, FERPLUS.index("anger")] = 9  # another
    votes[2, FERPLUS.index("contempt")] = 9  # one that FER2013 hasn't got; the last has no votes
    assert agreement(labels, votes) == (1, 2)


@pytest.mark.parametrize(("agreed", "taken"), [(0.63, True), (0.42, True), (0.38, False)])
def test_rows_are_paired_where_most_labels_agree(agreed: float, taken: bool) -> None:
    labels, votes = tables(500, agreed)
    if taken:
        check_same_faces(A, labels, B, votes)
        return
    with pytest.raises(DataError, match=r"rows 1 to 500 .*, 38 % have the same"):
        check_same_faces(A, labels, B, votes)


def test_a_stretch_of_shifted_rows_is_found_among_good_ones() -> None:
    labels, votes = tables(3000, 1.0)
    votes[1600:] = np.roll(votes[1600:], 1, axis=0)
    with pytest.raises(DataError, match=r"of the rows (1501 to 2000|2001 to 2500) that have one"):
        check_same_faces(A, labels, B, votes)


def test_a_handful_of_rows_is_not_judged() -> None:
    labels, votes = tables(LEAST_JUDGED - 1, 0.0)
    check_same_faces(A, labels, B, votes)
    labels, votes = tables(LEAST_JUDGED, 0.0)
    with pytest.raises(DataError, match="a table was shuffled, shifted or cut"):
        check_same_faces(A, labels, B, votes)
