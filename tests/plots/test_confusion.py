"""A confusion matrix is drawn as it is counted, in the order of all charts."""

import numpy as np
import pytest

from ferstudio.errors import DataError
from ferstudio.labels import FER2013, FERPLUS
from ferstudio.plots.confusion import confusion_plot
from tests.plots.png import pixels

CONFUSION = (np.eye(8, dtype=int) * 40 + np.arange(64).reshape(8, 8) % 5).tolist()


def test_confusion_follows_the_counts() -> None:
    first = pixels(confusion_plot(CONFUSION, FERPLUS, title="a title"))
    height, width, _ = first.shape
    assert 700 < height < 1800 and 700 < width < 1800
    moved = np.array(CONFUSION)
    moved[2, 3] += 30
    other = pixels(confusion_plot(moved.tolist(), FERPLUS, title="a title"))
    assert other.shape != first.shape or (other != first).mean() > 0.001
    seven = pixels(confusion_plot(np.eye(7, dtype=int).tolist(), FER2013))
    assert seven.shape[0] < height


def test_shade_is_the_share_of_the_row_in_one_hue() -> None:
    """A rare label that is always right is as dark as a frequent one."""
    picture = pixels(confusion_plot([[1000, 0], [0, 3]], ("a", "b"))).reshape(-1, 3)
    dark = (picture == np.round(np.array([0.075, 0.275, 0.455]) * 255)).all(axis=1).sum()
    half = pixels(confusion_plot([[1000, 0], [1, 1]], ("a", "b"))).reshape(-1, 3)
    halved = (half == np.round(np.array([0.075, 0.275, 0.455]) * 255)).all(axis=1).sum()
    assert dark > 1.8 * halved > 1000


def test_emotions_stand_in_the_order_of_all_charts() -> None:
    counts = np.arange(49).reshape(7, 7)
    names = [name for name in FERPLUS if name in FER2013]
    order = [FER2013.index(name) for name in names]
    shown = confusion_plot(counts.tolist(), FER2013)
    assert shown == confusion_plot(counts[np.ix_(order, order)].tolist(), names)


def test_a_label_that_never_occurs_is_no_division_by_zero() -> None:
    assert pixels(confusion_plot([[0, 0], [1, 2]], ("a", "b"))).size


def test_a_matrix_of_another_size_is_refused() -> None:
    with pytest.raises(DataError, match="8 labels"):
        confusion_plot([[1, 0], [0, 1]], FERPLUS)
