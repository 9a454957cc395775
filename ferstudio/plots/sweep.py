"""A robustness study as sheets: curves of all models under one cover, and the matrix."""

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ferstudio.occlusion.kinds import kind
from ferstudio.occlusion.occluder import Occluded
from ferstudio.plots.frame import (
    BLUE,
    GRID,
    INK,
    MUTED,
    RED,
    RUST,
    apart,
    new_figure,
    pixels,
    plain,
)
from ferstudio.sentences.robustness import hardest_occluder, robustness_verdict, spoken_name
from ferstudio.sentences.sentence import Verdict, percent, short_percent
from ferstudio.studio.robustness import Robustness
from ferstudio.studio.sweep import Cell, Flip, Sweep
from ferstudio.types import FaceCrop

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

THUMBNAILS = 5
"""At most so many covered faces stand under the curves."""

_LINES = (
    RUST, BLUE, "#7a5aa6", "#4f8a63", "#8a8470", "#c9962e", "#2f9aa0", "#b8487a",
)  # fmt: skip
_DASHES = ("-", "--", ":")
_WHITE, _GREEN, _PINK = (1.0, 1.0, 1.0), (0.43, 0.60, 0.48), (0.95, 0.74, 0.78)


def sweep_plot(found: Robustness, name: str, film: Sequence[Occluded]) -> NDArray[np.uint8]:
    """Return `sweep_figure` as (H, W, 3) uint8 RGB."""
    return pixels(sweep_figure(found, name, film))


def matrix_plot(found: Robustness) -> NDArray[np.uint8]:
    """Return `matrix_figure` as (H, W, 3) uint8 RGB."""
    return pixels(matrix_figure(found))


def sweep_figure(found: Robustness, name: str, film: Sequence[Occluded]) -> "Figure":
    """Return the sheet of one cover: the clean answer's probability as the occluder grows.

    One line per model, a circle where it changes its mind, and the faces under the cover.

    Args:
        found: what is known.
        name: registry name of the occluder, one of the plan's, of which a sweep is known.
        film: the face under each amount of it.

    Raises:
        FerStudioError: if matplotlib isn't installed.
    """
    sweeps = found.under(name)
    height_in = 6.0 + 0.24 * max(0, len(sweeps) - 10)
    figure = new_figure(9, height_in)
    top, bottom = 1 - 1.05 / height_in, 1.95 / height_in
    axes = figure.add_axes((0.075, bottom, 0.66, top - bottom))
    said = robustness_verdict(found, name)
    _title(figure, said, 0.02, 1 - 0.25 / height_in)
    across = sweeps[0].covered if sweeps[0].by_share else sweeps[0].levels
    right = 100 * max(float(across.max()), 0.01)
    for number, sweep in enumerate(sweeps):
        _line(axes, sweep, 100 * across, number)
    axes.set(xlim=(0, right), ylim=(-2, 102), yticks=range(0, 101, 25))
    _label_ends(axes, sweeps, right)
    plain(axes)
    what = "share of the face covered, %" if sweeps[0].by_share else "amount, %"
    what = "share of the picture hidden, %" if sweeps[0].of_picture else what
    axes.set_xlabel(what, color=MUTED, fontsize=9)
    axes.set_title(_watched(sweeps), loc="left", color=MUTED, fontsize=9)
    _thumbnails(figure, [found.plan.crop, *(each.crop for each in film)], across)
    return figure


def matrix_figure(found: Robustness) -> "Figure":
    """Return the sheet of all covers: models x occluders under all of each occluder.

    Each cell has the clean answer's probability; under it, where the model changed its mind, the
    emotion that won first and how much it took. Red cells have another answer at full amount.

    Raises:
        FerStudioError: if matplotlib isn't installed.
    """
    plan = found.plan
    known = [sweep for row in found.sweeps for sweep in row if sweep is not None]
    firsts = {sweep.model: sweep for sweep in known}
    rows, columns = len(plan.models), len(plan.occluders)
    names = [spoken_name(firsts[m], tuple(firsts.values())) for m in plan.models if m in firsts]
    grid_in, left_in = 0.82 * columns, 0.4 + 0.095 * max(map(len, names))
    width_in, height_in = max(8.0, left_in + grid_in + 0.9), 2.25 + 0.56 * rows
    figure = new_figure(width_in, height_in)
    place = (left_in / width_in, 0.55 / height_in, grid_in / width_in, 0.56 * rows / height_in)
    axes = figure.add_axes(place)
    said = robustness_verdict(found, hardest_occluder(found))
    _title(figure, said, 0.02, 1 - 0.25 / height_in)
    for row, column in itertools.product(range(rows), range(columns)):
        sweep = found.sweeps[row][column]
        if sweep is not None:
            _draw_cell(axes, (column, row), sweep.at(1.0), sweep.flip)
    axes.set(xlim=(-0.5, columns - 0.5), ylim=(rows - 0.5, -0.5))
    titles = [kind(name).title for name in plan.occluders]
    axes.set_xticks(range(columns), titles, rotation=35, ha="left", rotation_mode="anchor")
    axes.set_yticks(range(len(names)), names, fontweight="bold")
    axes.xaxis.set_ticks_position("top")
    axes.tick_params(length=0, labelsize=9, labelcolor=INK)
    axes.spines[:].set_visible(False)
    words = (
        f"{_watched(known)}, under all of the cover; red: changed its mind.\n"
        "Below: which emotion won first, and the share of the face covered then; ×: the amount."
    )
    figure.text(0.02, 0.1 / height_in, words, color=MUTED, fontsize=8)
    return figure


def _line(axes: "Axes", sweep: Sweep, across: NDArray[np.float64], number: int) -> None:
    colour, dashes = _colour(number), _DASHES[number // len(_LINES) % len(_DASHES)]
    axes.plot(across, 100 * sweep.curve, dashes, color=colour, linewidth=2, clip_on=False)
    flip = sweep.flip
    if flip is not None:
        x, y = (np.interp(flip.amount, sweep.levels, v) for v in (across, 100 * sweep.curve))
        axes.plot(
            x, y, "o", markersize=8, markerfacecolor="white", markeredgecolor=colour,
            markeredgewidth=2, clip_on=False, zorder=5,
        )  # fmt: skip


def _label_ends(axes: "Axes", sweeps: Sequence[Sweep], right: float) -> None:
    """Write each model's name and flip point beside its line's end, apart from one another."""
    ends = [100 * float(sweep.curve[-1]) for sweep in sweeps]
    heights = apart(ends, min(6.5, 100 / max(1, len(ends) - 1)), top=100)
    for i in sorted(range(len(ends)), key=ends.__getitem__):
        axes.annotate(
            f"{spoken_name(sweeps[i], sweeps)}  {_held(sweeps[i])}",
            (right, ends[i]), xytext=(1.03 * right, heights[i]), textcoords="data", va="center",
            color=_colour(i), fontsize=10, fontweight="bold", annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": _colour(i), "lw": 0.7, "relpos": (0, 0.5)},
        )  # fmt: skip


def _thumbnails(figure: "Figure", faces: Sequence[FaceCrop], across: NDArray[np.float64]) -> None:
    """Draw the clean face and some covered ones, from little to all of it."""
    count = min(THUMBNAILS, len(faces))
    chosen = np.linspace(0, len(faces) - 1, count).round().astype(int)
    width_in, height_in = figure.get_size_inches()
    for place, level in enumerate(chosen):
        left = 0.075 + place * 0.66 / THUMBNAILS
        axes = figure.add_axes((left, 0.3 / height_in, 1.0 / width_in, 1.0 / height_in))
        axes.imshow(faces[level].image)
        axes.set_axis_off()
        words = percent(float(across[level]))
        axes.text(0.5, -0.06, words, transform=axes.transAxes, ha="center", va="top",
                  color=MUTED, fontsize=8)  # fmt: skip


def _draw_cell(axes: "Axes", place: tuple[int, int], cell: Cell, flip: Flip | None) -> None:
    from matplotlib.patches import FancyBboxPatch

    column, row = place
    depth = 1 - cell.probability if cell.flipped else max(0.0, 2 * cell.probability - 1)
    end = _PINK if cell.flipped else _GREEN
    fill = tuple(white + depth * (shade - white) for white, shade in zip(_WHITE, end, strict=True))
    box = FancyBboxPatch(
        (column - 0.44, row - 0.42), 0.88, 0.84, boxstyle="round,pad=0,rounding_size=0.08",
        facecolor=fill, edgecolor=RED if cell.flipped else GRID, linewidth=1,
    )  # fmt: skip
    axes.add_patch(box)
    number = f"{100 * cell.probability:.0f}"
    _write(axes, (column, row - (0.14 if flip else 0)), number, color=INK, fontsize=11)
    if flip is not None:
        colour = RED if cell.flipped else MUTED
        words = f"{flip.answer[:3]} {_when(flip)}"
        _write(axes, (column, row + 0.22), words, color=colour, fontsize=7.5)


def _write(
    axes: "Axes", centre: tuple[float, float], words: str, *, color: str, fontsize: float
) -> None:
    axes.text(*centre, words, color=color, fontsize=fontsize, ha="center", va="center")


def _held(sweep: Sweep) -> str:
    """Return how much it took on the scale of the axis below, in few words."""
    flip = sweep.flip
    if flip is None:
        return "holds"
    return percent(flip.amount if flip.share is None else flip.share)


def _when(flip: Flip) -> str:
    if not flip.share:
        return f"×{flip.amount:.2f}"
    return short_percent(flip.share)


def _watched(sweeps: Sequence[Sweep]) -> str:
    targets = {sweep.target for sweep in sweeps}
    what = f"“{targets.pop()}”" if len(targets) == 1 else "each model's own clean answer"
    return f"probability of {what}, %"


def _colour(number: int) -> str:
    return _LINES[number % len(_LINES)]


def _title(figure: "Figure", said: Verdict, x: float, y: float) -> None:
    line = 0.27 / figure.get_figheight()
    for number, (words, colour) in enumerate([(said.lead, INK), (said.outcome, RUST)]):
        figure.text(
            x, y - number * line, words, color=colour, va="top", fontsize=13, fontweight="bold"
        )
