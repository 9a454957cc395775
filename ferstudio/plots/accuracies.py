"""What cards measured as a sheet: a bar per network with its interval."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ferstudio.plots.frame import INK, MUTED, RUST, new_figure
from ferstudio.studio.scores import Scores

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ROW_IN = 0.34


def accuracy_figure(all_scores: Sequence[Scores]) -> "Figure":
    """Return accuracies of the networks that were measured, the best first, with 95 % intervals.

    Raises:
        FerStudioError: if matplotlib isn't installed.
    """
    shown = [(each.model, each.clean) for each in all_scores if each.clean is not None]
    shown.sort(key=lambda each: each[1].accuracy)
    figure = new_figure(8, 1.1 + ROW_IN * max(1, len(shown)), fitted=True)
    axes = figure.add_subplot()
    accuracies = [100 * score.accuracy for _, score in shown]
    errors = [
        [100 * (score.accuracy - score.ci95[0]) for _, score in shown],
        [100 * (score.ci95[1] - score.accuracy) for _, score in shown],
    ]
    axes.barh(range(len(shown)), accuracies, 0.7, color=RUST, xerr=errors, ecolor=INK)
    names = [f"{model.name} ({len(score.labels)} emotions, n {score.n})" for model, score in shown]
    axes.set_yticks(range(len(shown)), names)
    axes.set_xlim(0, 100)
    axes.set_xlabel("accuracy, %, with its 95 % interval", color=MUTED, fontsize=9)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(length=0, labelsize=9, labelcolor=INK)
    return figure
