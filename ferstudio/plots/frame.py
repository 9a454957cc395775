"""What all plots share: the sheet they are drawn on, its colours, and how names stand beside lines.

matplotlib is imported when something is drawn, so that studio and training work without it.
"""

import io
import math
import textwrap
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ferstudio.errors import FerStudioError, UsageError
from ferstudio.files import write_whole, writes_to

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DPI = 150

FORMATS = ("png", "svg", "pdf")
"""Of figures that are written, by the ending of their file."""

INK, MUTED, GRID = "#1f2230", "#6f7180", "#e4e2dc"
_SMALL_PER_IN = 15  # signs of the smallest words to an inch

RUST, BLUE, RED = "#b5532d", "#2a6496", "#b3263f"
"""Rust and blue differ in lightness and hue; whatever they tell apart carries a name as well."""


def require_matplotlib() -> None:
    """Do nothing where plots can be drawn.

    Raises:
        FerStudioError: if matplotlib isn't installed.
    """
    new_figure(1, 1)


def new_figure(width_in: float, height_in: float, *, fitted: bool = False) -> "Figure":
    """Return an empty white sheet.

    Args:
        width_in: its width in inches.
        height_in: its height in inches.
        fitted: whether matplotlib makes room for what stands around the axes.

    Raises:
        FerStudioError: if matplotlib isn't installed.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from matplotlib.layout_engine import ConstrainedLayoutEngine
    except ImportError:
        raise FerStudioError(
            "Plots need matplotlib; install it with python -m pip install matplotlib."
        ) from None
    layout = ConstrainedLayoutEngine(h_pad=0.1) if fitted else None
    figure = Figure((width_in, height_in), dpi=DPI, facecolor="white", layout=layout)
    FigureCanvasAgg(figure)
    return figure


def pixels(figure: "Figure") -> NDArray[np.uint8]:
    """Return a sheet as (H, W, 3) uint8 RGB."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[:, :, :3].copy()


def png(figure: "Figure") -> bytes:
    """Return a sheet as a PNG file, cut to what is drawn on it with a narrow margin."""
    return figure_content(figure, "png")


def figure_content(figure: "Figure", kind: str) -> bytes:
    """Return a sheet, cut to what is drawn on it, as the content of a file of one of `FORMATS`."""
    content = io.BytesIO()
    # without a date, so that the same figure is the same file
    undated = {"png": {}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}[kind]
    figure.savefig(content, format=kind, bbox_inches="tight", pad_inches=0.2, metadata=undated)
    return content.getvalue()


def signed(figure: "Figure", words: str) -> "Figure":
    """Return a sheet with a line under all that is drawn on it."""
    width_in, height_in = figure.get_size_inches()
    lines = textwrap.fill(words, int(_SMALL_PER_IN * width_in))
    figure.text(0.02, -0.12 / height_in, lines, color=MUTED, fontsize=7.5, va="top")
    return figure


def write_figure(figure: "Figure", file: Path) -> Path:
    """Write a sheet, cut to what is drawn on it, as its ending says, and return the file.

    Raises:
        UsageError: if the ending is none of `FORMATS`, or the file can't be written.
    """
    kind = file.suffix.lower().removeprefix(".")
    if kind not in FORMATS:
        raise UsageError(f"A figure's file ends in .{', .'.join(FORMATS)}, not as {file.name}.")
    content = figure_content(figure, kind)
    with writes_to(file):
        write_whole(file, content)
    return file


def write_picture(image: NDArray[np.uint8], file: Path) -> Path:
    """Write (H, W, 3) uint8 RGB as a PNG file and return the file.

    Raises:
        UsageError: if its name doesn't end in .png or it can't be written.
    """
    if file.suffix.lower() != ".png":
        raise UsageError(f"A picture's file ends in .png, not as {file.name}.")
    content = io.BytesIO()
    Image.fromarray(image).save(content, "PNG")
    with writes_to(file):
        write_whole(file, content.getvalue())
    return file


def plain(axes: "Axes") -> None:
    """Leave of the axes' frame the lower edge, and pale lines across."""
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(GRID)
    axes.grid(axis="y", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, labelsize=9, labelcolor=MUTED)


def apart(heights: Sequence[float], step: float, top: float = math.inf) -> list[float]:
    """Return heights at which names can stand, each as near to its own as the others allow.

    Args:
        heights: where the names belong.
        step: least distance between two of them.
        top: what the highest may not exceed; all are pushed down as far as that takes.

    Returns:
        One height per name, in the order given.
    """
    order = sorted(range(len(heights)), key=heights.__getitem__)
    placed = list(heights)
    for below, above in pairwise(order):
        placed[above] = max(heights[above], placed[below] + step)
    ceiling = top
    for index in reversed(order):
        placed[index] = min(placed[index], ceiling)
        ceiling = placed[index] - step
    return placed
