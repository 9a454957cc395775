"""A confusion matrix as it stands in tables of the page."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from ferstudio.labels import DISPLAY_ORDER
from ferstudio.ui import words
from ferstudio.ui.templates import render


def confusion_table(counts: NDArray[np.int64], labels: Sequence[str]) -> Markup:
    """Return a matrix as HTML: shares of each true label, emotions in the common order.

    Args:
        counts: (K, K) counts; rows are true labels, columns answers.
        labels: K emotions.
    """
    order = [labels.index(name) for name in DISPLAY_ORDER if name in labels]
    rows = [_row(counts[row], labels, row, order) for row in order]
    return render("parts/confusion.html", labels=[labels[each] for each in order], confusion=rows)


def _row(
    counts: NDArray[np.int64], labels: Sequence[str], row: int, order: Sequence[int]
) -> dict[str, Any]:
    """Return one row of the matrix: an emotion's faces by what they were taken for."""
    total, label = int(counts.sum()), labels[row]
    cells = [
        {
            "right": row == column,
            "count": int(counts[column]),
            "share": counts[column] / total if total else 0.0,
            "tip": words.confusion_tip(label, labels[column], int(counts[column]), total),
        }
        for column in order
    ]
    return {"label": label, "cells": cells}
