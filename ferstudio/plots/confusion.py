"""A confusion matrix as PNG: counts, and shares of each true label as shade and text."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ferstudio.errors import DataError
from ferstudio.labels import DISPLAY_ORDER
from ferstudio.plots.frame import INK, MUTED, new_figure, png

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LIGHT, _DARK = (0.965, 0.973, 0.980), (0.075, 0.275, 0.455)  # ends of the one-hue scale, RGB
_EMPTY = "#b9bcc6"


def confusion_plot(
    confusion: Sequence[Sequence[int]], labels: Sequence[str], *, title: str = ""
) -> bytes:
    """Return a confusion matrix as a PNG file.

    Emotions stand in the order of all charts, other labels after them in their own.

    Args:
        confusion: (K, K) counts; rows are true labels, columns answers.
        labels: K names.
        title: what was judged.

    Raises:
        DataError: if the matrix isn't K by K.
        FerStudioError: if matplotlib isn't installed.
    """
    counts = np.asarray(confusion, np.int64)
    if counts.shape != (len(labels), len(labels)):
        raise DataError(f"{len(labels)} labels need as many rows and columns, not {counts.shape}.")
    order = sorted(range(len(labels)), key=lambda i: _display_rank(labels[i]))
    counts, names = counts[np.ix_(order, order)], [labels[i] for i in order]
    side = 1.9 + 0.78 * len(names)
    figure = new_figure(side + 0.5, side, fitted=True)
    axes = figure.subplots()
    _draw_cells(axes, counts)
    _name_rows_and_columns(axes, names, counts.sum(axis=1))
    if title:
        figure.suptitle(title, x=0.02, ha="left", fontsize=12, fontweight="bold", color=INK)
    return png(figure)


def _draw_cells(axes: "Axes", counts: NDArray[np.int64]) -> None:
    shares = counts / np.maximum(counts.sum(axis=1), 1)[:, None]  # (K, K)
    light, dark = np.array(_LIGHT), np.array(_DARK)
    axes.imshow(light + shares[..., None] * (dark - light), interpolation="nearest")
    for row, column in np.ndindex(*counts.shape):
        count, share = counts[row, column], shares[row, column]
        style: dict[str, Any] = {
            "ha": "center",
            "va": "center",
            "color": "white" if share > 0.62 else INK if count else _EMPTY,
        }
        weight = "bold" if row == column else "normal"
        above = row - (0.1 if count else 0)
        axes.text(column, above, f"{count:,}", fontsize=11, fontweight=weight, **style)
        if count:
            words = f"{100 * share:.0f} %" if share >= 0.005 else "< 1 %"
            axes.text(column, row + 0.24, words, fontsize=8, **style)


def _name_rows_and_columns(axes: "Axes", names: Sequence[str], totals: NDArray[np.int64]) -> None:
    ticks, edges = range(len(names)), np.arange(len(names) + 1) - 0.5
    axes.set_xticks(ticks, names, rotation=35, ha="left", rotation_mode="anchor", fontsize=10)
    rows = [f"{name}  (n = {total:,})" for name, total in zip(names, totals, strict=True)]
    axes.set_yticks(ticks, rows, fontsize=10)
    axes.xaxis.set_ticks_position("top")
    axes.xaxis.set_label_position("top")
    axes.set_xlabel("answer", color=MUTED, fontsize=10)
    axes.set_ylabel("true label", color=MUTED, fontsize=10)
    axes.tick_params(length=0, colors=INK)
    axes.spines[:].set_visible(False)
    axes.set_xticks(edges, minor=True)
    axes.set_yticks(edges, minor=True)
    axes.grid(which="minor", color="white", linewidth=2)
    axes.tick_params(which="minor", length=0)


def _display_rank(label: str) -> int:
    return DISPLAY_ORDER.index(label) if label in DISPLAY_ORDER else len(DISPLAY_ORDER)
