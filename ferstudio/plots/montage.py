"""A montage as a sheet: a row per network, a column per face, one scale and its legend."""

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ferstudio.explain.explainer import explainer
from ferstudio.explain.overlay import colour_bar
from ferstudio.plots.frame import INK, MUTED, RUST, new_figure
from ferstudio.sentences.sentence import percent
from ferstudio.studio.montage import HEAT, Montage, MontageCell

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CELL_IN, GAP_IN, NAMES_IN, HEAD_IN, FOOT_IN, WORDS_IN = 1.1, 0.08, 1.45, 0.35, 0.75, 0.2

TITLE_LETTERS, NAME_LETTERS, LEGEND_LETTERS_PER_IN = 14, 13, 15
"""What fits into a line beside a row, above a column, and into an inch of the legend."""

LEFT_IN, LINE_IN = 0.12, 0.14
"""Where words at the left begin, and what a line more of the legend takes."""


def montage_plot(found: Montage, *, answers: bool = True) -> "Figure":
    """Return the sheet of a montage, ready to be printed.

    Args:
        found: what is drawn.
        answers: whether each cell's answer stands under it, in rust where it isn't the face's name.

    Raises:
        FerStudioError: if matplotlib isn't installed.
    """
    rows, columns = len(found.rows), len(found.plan.faces)
    step_in = CELL_IN + GAP_IN + (WORDS_IN if answers else 0)
    width_in = NAMES_IN + columns * (CELL_IN + GAP_IN)
    letters = int((width_in - 2 * LEFT_IN) * LEGEND_LETTERS_PER_IN)
    legend = textwrap.wrap(legend_words(found), letters)
    height_in = HEAD_IN + (rows + 1) * step_in + FOOT_IN + (len(legend) - 1) * LINE_IN
    figure = new_figure(width_in, height_in)

    def place(row: int, column: int) -> tuple[float, float, float, float]:
        left = NAMES_IN + column * (CELL_IN + GAP_IN)
        bottom = height_in - HEAD_IN - row * step_in - CELL_IN
        return left / width_in, bottom / height_in, CELL_IN / width_in, CELL_IN / height_in

    for column, name in enumerate(found.plan.names):
        left, bottom, width, height = place(0, column)
        figure.text(left + width / 2, bottom + height + 0.08 / height_in, shortened(name),
                    ha="center", color=INK, fontsize=9, fontweight="bold",
                    parse_math=False)  # fmt: skip
        axes = figure.add_axes((left, bottom, width, height))
        axes.imshow(found.plan.faces[column].image)
        axes.axis("off")
    for number, row in enumerate(found.rows, start=1):
        _, bottom, _, height = place(number, 0)
        title = "\n".join(textwrap.wrap(row.title, TITLE_LETTERS, max_lines=3, placeholder="…"))
        figure.text(LEFT_IN / width_in, bottom + height / 2, title, va="center", color=INK,
                    fontsize=10, fontweight="bold", parse_math=False)  # fmt: skip
        for column, cell in enumerate(row.cells):
            box = place(number, column)
            axes = figure.add_axes(box)
            axes.imshow(found.picture(row, cell))
            axes.axis("off")
            if answers:
                below = box[1] - 0.03 / height_in
                figure.text(box[0] + box[2] / 2, below, _answer(cell), ha="center", va="top",
                            fontsize=7, color=_colour(found, column, cell))  # fmt: skip
    _legend(figure, found, legend)
    return figure


def shortened(name: str) -> str:
    """Return a column's name in one line; of a long one both ends, which tell files apart."""
    if len(name) <= NAME_LETTERS:
        return name
    half = (NAME_LETTERS - 1) // 2
    return f"{name[:half]}…{name[-half:]}"


def _legend(figure: "Figure", found: Montage, lines: Sequence[str]) -> None:
    width_in, height_in = figure.get_size_inches()
    first_in = 0.26 + (len(lines) - 1) * LINE_IN  # top of the first line
    bar_in = min(2.2, width_in - NAMES_IN - 0.5)
    bar = figure.add_axes((NAMES_IN / width_in, (first_in + 0.16) / height_in, bar_in / width_in,
                           0.12 / height_in))  # fmt: skip
    bar.imshow(colour_bar(220, 12), aspect="auto")
    bar.axis("off")
    low, high = scale_ends(found)
    centre = (first_in + 0.22) / height_in
    figure.text((NAMES_IN - 0.06) / width_in, centre, low, ha="right", va="center", color=MUTED,
                fontsize=8)  # fmt: skip
    figure.text((NAMES_IN + bar_in + 0.06) / width_in, centre, high, va="center", color=MUTED,
                fontsize=8)  # fmt: skip
    for number, line in enumerate(lines):
        figure.text(LEFT_IN / width_in, (first_in - number * LINE_IN) / height_in, line, va="top",
                    color=MUTED, fontsize=8, parse_math=False)  # fmt: skip


def legend_words(found: Montage) -> str:
    """Return what the colours of a montage mean, in few words."""
    plan = found.plan
    shown = "the network's own attention"
    if plan.shows == HEAT:
        shown = f"{explainer(plan.explainer).title} of each network's own answer"
    scale = "each row on a scale of its own" if plan.by_row else "all on one scale"
    lacking = f"; no such map: {', '.join(found.without_map)}" if found.without_map else ""
    return f"{shown}, {scale}{lacking}"


def scale_ends(found: Montage) -> tuple[str, str]:
    """Return what stands at both ends of a montage's scale."""
    if found.plan.by_row:
        return "lowest", "highest"
    low, high = found.limits(found.rows[0])
    return f"{low:.2g}", f"{high:.2g}"


def _answer(cell: MontageCell) -> str:
    return f"{cell.prediction.top} {percent(cell.prediction.confidence)}"


def _colour(found: Montage, column: int, cell: MontageCell) -> str:
    known = found.plan.names[column] in cell.prediction.labels
    return RUST if known and cell.prediction.top != found.plan.names[column] else MUTED
