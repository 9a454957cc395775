"""How a training went, as PNG: loss, accuracy and learning rate by epoch."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ferstudio.plots.frame import BLUE, GRID, INK, MUTED, RUST, apart, new_figure, plain, png

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_TRAINING, _VALIDATION = RUST, BLUE

END_STEP = 0.09
"""Least distance of two names beside the lines' ends, as a share of the panel's height."""

LOG_SCALE_FROM = 30.0
"""Learning rates that differ by more than this factor stand on a logarithmic scale."""


@dataclass(frozen=True, slots=True)
class LearningLog:
    """A run's log by epoch; all are of the same length, at least one.

    Attributes:
        epoch: its number.
        size_px: side of the pictures.
        lr: learning rate.
        loss: of training.
        valid_loss: of validation; not a number for epochs that weren't judged.
        valid_accuracy: in [0, 1]; not a number for the same epochs.
        train_accuracy: in [0, 1], of the faces as they were learned from; not a number in logs
            without it.
    """

    epoch: tuple[float, ...]
    size_px: tuple[float, ...]
    lr: tuple[float, ...]
    loss: tuple[float, ...]
    valid_loss: tuple[float, ...]
    valid_accuracy: tuple[float, ...]
    train_accuracy: tuple[float, ...]

    def judged(self, values: Sequence[float]) -> tuple[list[float], list[float]]:
        """Return the epochs that were judged, and the `values` of these."""
        pairs = [pair for pair in zip(self.epoch, values, strict=True) if not math.isnan(pair[1])]
        return [epoch for epoch, _ in pairs], [value for _, value in pairs]


def learning_curves_plot(log: LearningLog, title: str) -> bytes:
    """Return a PNG file with three panels, one above the other.

    Args:
        log: what is drawn.
        title: name of the run.

    Raises:
        FerStudioError: if matplotlib isn't installed.
    """
    figure = new_figure(7.2, 7.6, fitted=True)
    losses, accuracies, rates = figure.subplots(
        3, 1, sharex=True, gridspec_kw={"height_ratios": (3, 3, 1.6)}
    )
    _panel(losses, "Loss")
    _panel(accuracies, "Accuracy, %")
    _panel(rates, "Learning rate")
    _draw_losses(losses, log)
    _draw_accuracy(accuracies, log)
    _draw_rates(rates, log)
    _mark_sizes((losses, accuracies, rates), log)
    figure.suptitle(title, x=0.02, ha="left", fontsize=13, fontweight="bold", color=INK)
    return png(figure)


def _panel(axes: "Axes", title: str) -> None:
    axes.set_title(title, loc="left", fontsize=10, color=INK, pad=8)
    plain(axes)
    axes.locator_params(axis="y", nbins=5)


def _line(epochs: Sequence[float]) -> dict[str, Any]:
    """Return how a line is drawn; of one epoch, that is a point."""
    if len(epochs) == 1:
        return {"linewidth": 0, "marker": "o"}
    return {"linewidth": 2.0, "solid_capstyle": "round"}


def _draw_losses(axes: "Axes", log: LearningLog) -> None:
    axes.plot(log.epoch, log.loss, color=_TRAINING, **_line(log.epoch))
    ends = [("training", log.loss[-1], _TRAINING)]
    epochs, losses = log.judged(log.valid_loss)
    if epochs:
        axes.plot(epochs, losses, color=_VALIDATION, **_line(epochs))
        ends.append(("validation", losses[-1], _VALIDATION))
    _label_ends(axes, log.epoch[-1], ends)


def _draw_accuracy(axes: "Axes", log: LearningLog) -> None:
    ends = []
    learned, shares = log.judged(log.train_accuracy)
    if learned:
        axes.plot(learned, [100 * share for share in shares], color=_TRAINING, **_line(learned))
        ends.append((f"training {100 * shares[-1]:.1f}", 100 * shares[-1], _TRAINING))
    epochs, shares = log.judged(log.valid_accuracy)
    percent = [100 * share for share in shares]
    if epochs:
        axes.plot(epochs, percent, color=_VALIDATION, **_line(epochs))
        ends.append((f"validation {percent[-1]:.1f}", percent[-1], _VALIDATION))
    _label_ends(axes, log.epoch[-1], ends)
    if not epochs:
        return
    best = max(range(len(percent)), key=percent.__getitem__)
    if best == len(percent) - 1:
        return
    axes.plot(epochs[best], percent[best], "o", color=_VALIDATION, markersize=5)
    axes.annotate(
        f"best {percent[best]:.1f}",
        (epochs[best], percent[best]),
        xytext=(0, 7),
        textcoords="offset points",
        ha="center",
        color=_VALIDATION,
        fontsize=9,
    )
    axes.margins(y=0.18)


def _draw_rates(axes: "Axes", log: LearningLog) -> None:
    axes.plot(log.epoch, log.lr, color=INK, **_line(log.epoch))
    lowest, highest = min(log.lr), max(log.lr)
    if lowest > 0 and highest / lowest > LOG_SCALE_FROM:
        axes.set_yscale("log")
        axes.minorticks_off()
    _label_ends(axes, log.epoch[-1], [(f"{log.lr[-1]:.2g}", log.lr[-1], INK)])
    axes.set_xlabel("epoch", color=MUTED, fontsize=9)
    axes.locator_params(axis="x", integer=True)


def _label_ends(axes: "Axes", x: float, ends: Sequence[tuple[str, float, str]]) -> None:
    """Write each line's name beside its last point, apart from one another."""
    known = [end for end in ends if math.isfinite(end[1])]
    low, high = axes.get_ylim()
    heights = apart([y for _, y, _ in known], END_STEP * (high - low))
    for (text, _, colour), height in zip(known, heights, strict=True):
        axes.annotate(
            text,
            (x, height),
            xytext=(7, 0),
            textcoords="offset points",
            va="center",
            color=colour,
            fontsize=9,
            annotation_clip=False,
        )


def _mark_sizes(panels: Sequence["Axes"], log: LearningLog) -> None:
    """Draw where the side of the pictures changed, with the new side in the uppermost panel."""
    for i in range(1, len(log.epoch)):
        if log.size_px[i] == log.size_px[i - 1]:
            continue
        for axes in panels:
            axes.axvline(log.epoch[i], color=GRID, linewidth=1.2, zorder=0)
        panels[0].annotate(
            f"{log.size_px[i]:.0f} px",
            (log.epoch[i], 1),
            xycoords=("data", "axes fraction"),
            xytext=(3, -3),
            textcoords="offset points",
            va="top",
            color=MUTED,
            fontsize=8,
        )
