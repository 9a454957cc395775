"""`python -m training.pictures RUN`: a run's learning curves and confusion matrices as PNG files.

Drawn by matplotlib, which is imported when something is drawn, so that training works without.
"""

import argparse
import csv
import io
import json
import math
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ferstudio.errors import DataError, FerStudioError
from ferstudio.files import write_whole
from ferstudio.labels import DISPLAY_ORDER, label_set
from training.evaluation.scores import Evaluation, read_evaluations
from training.experiments.experiment import EVALUATION

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CURVES = "curves.png"
DPI = 150

_INK, _MUTED, _GRID = "#1f2230", "#6f7180", "#e4e2dc"
_TRAINING, _VALIDATION = "#b5532d", "#2a6496"  # differ in lightness and hue; both carry names
_LIGHT, _DARK = (0.965, 0.973, 0.980), (0.075, 0.275, 0.455)  # ends of the one-hue scale, RGB

Columns = dict[str, list[float]]


def learning_curves(run: Path) -> Path:
    """Draw a run's loss, validation accuracy and learning rate by epoch; return `RUN/curves.png`.

    Raises:
        DataError: if the folder holds no log with an epoch in it.
        FerStudioError: if matplotlib isn't installed.
    """
    log = _read_log(run / "log.csv")
    figure = _figure(7.2, 7.6)
    losses, accuracies, rates = figure.subplots(
        3, 1, sharex=True, gridspec_kw={"height_ratios": (3, 3, 1.6)}
    )
    epochs = log["epoch"]
    for axes, title in (
        (losses, "Loss"),
        (accuracies, "Validation accuracy, %"),
        (rates, "Learning rate"),
    ):
        _plain(axes, title)
    last = epochs[-1]
    line = {"linewidth": 2.0, "solid_capstyle": "round"}
    if len(epochs) == 1:
        line = {"linewidth": 0, "marker": "o"}
    losses.plot(epochs, log["loss"], color=_TRAINING, **line)
    losses.plot(epochs, log["valid_loss"], color=_VALIDATION, **line)
    ends = [("training", log["loss"][-1], _TRAINING)]
    ends.append(("validation", log["valid_loss"][-1], _VALIDATION))
    _label_ends(losses, last, ends)

    percent = [100 * share for share in log["valid_accuracy"]]
    accuracies.plot(epochs, percent, color=_VALIDATION, **line)
    best = max(range(len(percent)), key=lambda i: percent[i])
    _label_ends(accuracies, last, [(f"{percent[-1]:.1f}", percent[-1], _VALIDATION)])
    if best != len(percent) - 1:
        accuracies.plot(epochs[best], percent[best], "o", color=_VALIDATION, markersize=5)
        accuracies.annotate(
            f"best {percent[best]:.1f}",
            (epochs[best], percent[best]),
            xytext=(0, 7),
            textcoords="offset points",
            ha="center",
            color=_VALIDATION,
            fontsize=9,
        )
        accuracies.margins(y=0.18)

    rates.plot(epochs, log["lr"], color=_INK, **line)
    lowest, highest = min(log["lr"]), max(log["lr"])
    if lowest > 0 and highest / lowest > 30:
        rates.set_yscale("log")
        rates.minorticks_off()
    _label_ends(rates, last, [(f"{log['lr'][-1]:.2g}", log["lr"][-1], _INK)])
    rates.set_xlabel("epoch", color=_MUTED, fontsize=9)
    rates.xaxis.get_major_locator().set_params(integer=True)

    _mark_sizes((losses, accuracies, rates), epochs, log["size_px"])
    figure.suptitle(_run_name(run), x=0.02, ha="left", fontsize=13, fontweight="bold", color=_INK)
    file = run / CURVES
    write_whole(file, _png(figure))
    return file


def confusion_picture(
    confusion: Sequence[Sequence[int]], labels: Sequence[str], *, title: str = ""
) -> bytes:
    """Return a confusion matrix as PNG: counts, and shares of each true label as shade and text.

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
    totals = counts.sum(axis=1)
    shares = counts / np.maximum(totals, 1)[:, None]  # (K, K)
    side = 1.9 + 0.78 * len(names)
    figure = _figure(side + 0.5, side)
    axes = figure.subplots()
    light, dark = np.array(_LIGHT), np.array(_DARK)
    axes.imshow(light + shares[..., None] * (dark - light), interpolation="nearest")
    for row, column in np.ndindex(*counts.shape):
        count, share = counts[row, column], shares[row, column]
        colour = "white" if share > 0.62 else _INK if count else "#b9bcc6"
        weight = "bold" if row == column else "normal"
        axes.text(
            column,
            row - (0.1 if count else 0),
            f"{count:,}",
            ha="center",
            va="center",
            color=colour,
            fontsize=11,
            fontweight=weight,
        )
        if count:
            share_text = f"{100 * share:.0f} %" if share >= 0.005 else "< 1 %"
            axes.text(
                column, row + 0.24, share_text, ha="center", va="center", color=colour, fontsize=8
            )
    ticks = range(len(names))
    axes.set_xticks(ticks, names, rotation=35, ha="left", rotation_mode="anchor", fontsize=10)
    rows = [f"{name}  (n = {total:,})" for name, total in zip(names, totals, strict=True)]
    axes.set_yticks(ticks, rows, fontsize=10)
    axes.xaxis.set_ticks_position("top")
    axes.xaxis.set_label_position("top")
    axes.set_xlabel("answer", color=_MUTED, fontsize=10)
    axes.set_ylabel("true label", color=_MUTED, fontsize=10)
    axes.tick_params(length=0, colors=_INK)
    axes.spines[:].set_visible(False)
    axes.set_xticks(np.arange(len(names) + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(len(names) + 1) - 0.5, minor=True)
    axes.grid(which="minor", color="white", linewidth=2)
    axes.tick_params(which="minor", length=0)
    if title:
        figure.suptitle(title, x=0.02, ha="left", fontsize=12, fontweight="bold", color=_INK)
    return _png(figure)


def confusion_pictures(evaluations: Sequence[Evaluation], folder: Path) -> list[Path]:
    """Draw the confusion matrix of each evaluation; return the files."""
    files = []
    for row in evaluations:
        cover = f"{row.occlude} at {row.amount:g}" if row.occlude != "none" else ""
        mirrored = "mirrored too" if row.tta else ""
        facts = [fact for fact in (row.split, row.subset, cover, mirrored) if fact]
        name = "-".join(["confusion", row.weights, *facts]) if len(evaluations) > 1 else "confusion"
        title = (
            f"{row.weights}: {100 * row.accuracy:.1f} % right, {', '.join(facts)}, n = {row.n:,}"
        )
        picture = confusion_picture(row.confusion, label_set(row.labels), title=title)
        file = folder / f"{re.sub(r'[^A-Za-z0-9._-]+', '-', name)}.png"
        write_whole(file, picture)
        files.append(file)
    return files


def _figure(width_in: float, height_in: float) -> "Figure":
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from matplotlib.layout_engine import ConstrainedLayoutEngine
    except ImportError:
        raise FerStudioError(
            "Pictures need matplotlib; install it with python -m pip install matplotlib."
        ) from None
    layout = ConstrainedLayoutEngine(h_pad=0.1)
    figure = Figure((width_in, height_in), dpi=DPI, facecolor="white", layout=layout)
    FigureCanvasAgg(figure)
    return figure


def _png(figure: "Figure") -> bytes:
    content = io.BytesIO()
    figure.savefig(content, format="png", bbox_inches="tight", pad_inches=0.2)
    return content.getvalue()


def _plain(axes: "Axes", title: str) -> None:
    axes.set_title(title, loc="left", fontsize=10, color=_INK, pad=8)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(_GRID)
    axes.grid(axis="y", color=_GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, labelsize=9, labelcolor=_MUTED)
    axes.locator_params(axis="y", nbins=5)


def _label_ends(axes: "Axes", x: float, ends: Sequence[tuple[str, float, str]]) -> None:
    """Write each line's name beside its last point, apart from one another."""
    known = [end for end in ends if math.isfinite(end[1])]
    low, high = axes.get_ylim()
    nearest = 0.09 * (high - low)
    at = -math.inf
    for text, y, colour in sorted(known, key=lambda end: end[1]):
        at = max(y, at + nearest)
        axes.annotate(
            text,
            (x, at),
            xytext=(7, 0),
            textcoords="offset points",
            va="center",
            color=colour,
            fontsize=9,
            annotation_clip=False,
        )


def _mark_sizes(panels: Sequence["Axes"], epochs: list[float], sizes: list[float]) -> None:
    """Draw where the side of the pictures changed, with the new side in the uppermost panel."""
    for i in range(1, len(epochs)):
        if sizes[i] == sizes[i - 1]:
            continue
        for axes in panels:
            axes.axvline(epochs[i], color=_GRID, linewidth=1.2, zorder=0)
        panels[0].annotate(
            f"{sizes[i]:.0f} px",
            (epochs[i], 1),
            xycoords=("data", "axes fraction"),
            xytext=(3, -3),
            textcoords="offset points",
            va="top",
            color=_MUTED,
            fontsize=8,
        )


def _display_rank(label: str) -> int:
    return DISPLAY_ORDER.index(label) if label in DISPLAY_ORDER else len(DISPLAY_ORDER)


def _read_log(file: Path) -> Columns:
    wanted = ("epoch", "size_px", "lr", "loss", "valid_loss", "valid_accuracy")
    try:
        with file.open(newline="", encoding="utf-8") as stream:
            rows = list(csv.DictReader(stream))
        columns = {name: [float(row[name]) for row in rows] for name in wanted}
    except OSError as error:
        raise DataError(f"{file} can't be read: {error.strerror}; is it a run?") from None
    except (ValueError, TypeError, KeyError) as error:
        raise DataError(f"{file} isn't the log of a run of this version: {error}.") from None
    if not rows:
        raise DataError(f"{file} has no epoch yet.")
    return columns


def _run_name(run: Path) -> str:
    try:
        return str(json.loads((run / "recipe.json").read_text("utf-8"))["name"])
    except (OSError, ValueError, KeyError, TypeError):
        return run.resolve().name


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m training.pictures", description=__doc__.splitlines()[0]
    )
    parser.add_argument("run", type=Path, help="folder of a training run; pictures go there")
    parser.add_argument(
        "--evaluation",
        type=Path,
        help="what training.evaluate --json wrote; the run's own evaluation.json unless given",
    )
    options = parser.parse_args(arguments)
    try:
        files = [learning_curves(options.run)]
        evaluation = options.evaluation or options.run / EVALUATION
        if options.evaluation or evaluation.exists():
            files += confusion_pictures(read_evaluations(evaluation), options.run)
    except FerStudioError as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{options.run} can't be written: {error.strerror}.", file=sys.stderr)
        return 2
    for file in files:
        print(file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
