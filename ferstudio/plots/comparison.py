"""A comparison as a sheet: a row per model, its heat on both faces, and its answers as bars."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ferstudio.explain.explainer import explainer
from ferstudio.explain.overlay import draw_overlay, shared_scale
from ferstudio.labels import DISPLAY_ORDER
from ferstudio.occlusion.occluder import Need
from ferstudio.plots.frame import GRID, INK, MUTED, RUST, new_figure, plain
from ferstudio.sentences.compare import verdict
from ferstudio.sentences.sentence import percent
from ferstudio.studio.results import Comparison, ModelComparison, View
from ferstudio.studio.selection import NONE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH_IN, ROW_IN, HEAD_IN, FOOT_IN = 9.0, 1.55, 0.95, 0.45


def comparison_plot(found: Comparison) -> "Figure":
    """Return the sheet of a comparison: heat of a row on one scale, model, cover and seed under it.

    Raises:
        FerStudioError: if matplotlib isn't installed.
    """
    rows, bare = found.rows, found.selection.cover.bare
    height_in = HEAD_IN + ROW_IN * len(rows) + FOOT_IN
    figure = new_figure(WIDTH_IN, height_in)
    said = verdict(found)
    figure.text(0.02, 1 - 0.3 / height_in, str(said), color=INK, fontsize=13, fontweight="bold")
    for number, row in enumerate(rows):
        bottom = (FOOT_IN + ROW_IN * (len(rows) - 1 - number)) / height_in
        _row(figure, found, row, (bottom, ROW_IN / height_in))
    figure.text(0.02, 0.12 / height_in, _legend(found), color=MUTED, fontsize=8)
    heads = [("clean", 0.22)] + ([] if bare else [("covered", 0.385)])
    for word, left in heads:
        figure.text(left, 1 - 0.85 / height_in, word, color=MUTED, fontsize=9)
    return figure


def _row(
    figure: "Figure", found: Comparison, row: ModelComparison, place: tuple[float, float]
) -> None:
    bottom, height = place
    bare = found.selection.cover.bare
    middle = bottom + 0.55 * height
    figure.text(0.02, middle, row.title, color=INK, fontsize=11, fontweight="bold")
    answers = _answers(row, bare=bare)
    figure.text(0.02, middle - 0.06 * height, answers, color=MUTED, fontsize=9, va="top")
    maps = [view.heatmap for view in (row.clean, row.covered) if view.heatmap is not None]
    scale = shared_scale(maps) if maps else 0.0
    by_heat = found.selection.cover.needs is Need.HEAT
    faces = [(found.selection.crop.image, row.clean, 0.22)]
    if not bare:  # a cover by heat lies elsewhere for each network
        faces.append((row.covered.seen if by_heat else found.covered.image, row.covered, 0.385))
    for image, view, left in faces:
        axes = figure.add_axes((left, bottom + 0.06 * height, 0.15, 0.88 * height))
        axes.imshow(_face(image, view, scale))
        axes.axis("off")
    axes = figure.add_axes((0.58, bottom + 0.16 * height, 0.4, 0.72 * height))
    _bars(axes, row, bare=bare)


def _face(image: NDArray[np.uint8], view: View, scale: float) -> NDArray[np.uint8]:
    return image if view.heatmap is None else draw_overlay(image, view.heatmap, scale)


def _bars(axes: "Axes", row: ModelComparison, *, bare: bool) -> None:
    labels = [name for name in DISPLAY_ORDER if name in row.clean.prediction.labels]
    across = np.arange(len(labels))
    clean = [100 * row.clean.prediction.probability_of(name) for name in labels]
    axes.bar(across - (0 if bare else 0.2), clean, 0.38, facecolor="none", edgecolor=INK)
    if not bare:
        covered = [100 * row.covered.prediction.probability_of(name) for name in labels]
        axes.bar(across + 0.2, covered, 0.38, color=RUST)
    axes.set(ylim=(0, 105), yticks=(0, 50, 100))
    axes.set_yticklabels([f"{y} %" for y in (0, 50, 100)])
    axes.set_xticks(across, [name[:3] for name in labels])
    plain(axes)
    axes.tick_params(labelsize=7, labelcolor=MUTED)
    axes.spines["bottom"].set_color(GRID)


def _answers(row: ModelComparison, *, bare: bool) -> str:
    said = [row.clean.prediction] if bare else [row.clean.prediction, row.covered.prediction]
    return "\n".join(f"{each.top} {percent(each.confidence)}" for each in said)


def _legend(found: Comparison) -> str:
    asked, parts = found.selection, list[str]()
    if asked.explainer != NONE:
        parts.append(f"heat: {explainer(asked.explainer).title}, a row on one scale")
    if not asked.cover.bare:
        cover = asked.cover
        parts.append(
            f"outline clean, filled covered; {cover.name} {cover.amount:g}, seed {cover.seed}"
        )
    return "; ".join(parts)
