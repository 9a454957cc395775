"""One split of the data, row by row."""

import numpy as np

from ferstudio.regions import COMPACT
from training.data.table import FaceTable


def test_landmarks_of_one_face_are_expanded(table: FaceTable) -> None:
    assert table.landmarks(0) is None
    full = table.landmarks(1)
    assert full is not None
    assert full.shape == (478, 2)
    np.testing.assert_array_equal(full[list(COMPACT)], table.landmarks_xy_px[1])
    assert np.isnan(full).any(axis=1).sum() == 478 - len(COMPACT)


def test_select_takes_the_same_rows_of_every_column(table: FaceTable) -> None:
    rows = np.array([5, 2])
    chosen = table.select(rows)
    assert len(chosen) == 2
    assert list(chosen.names) == [table.names[5], table.names[2]]
    np.testing.assert_array_equal(chosen.images, table.images[rows])
    np.testing.assert_array_equal(chosen.votes, table.votes[rows])
