"""A sheet of small pictures and bars with captions: what attention weighed, what heatmaps show."""

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ferstudio.explain.attention_maps import AttentionMap, AttentionView, BranchShares
from ferstudio.explain.overlay import draw_difference, draw_overlay, shared_scale
from ferstudio.plots.frame import INK, MUTED, RUST, new_figure, plain
from ferstudio.sentences.attention import without_attention
from ferstudio.sentences.sentence import percent
from ferstudio.studio.attention import AttentionReport
from ferstudio.studio.examination import Examination

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLUMNS, TILE_IN, CAPTION_IN, HEAD_IN = 5, 1.75, 0.55, 0.6

NUMBERS_IN, NAMES_IN = 0.28, 0.18
"""Room in a tile for what stands beside bars, and below them."""

CAPTION_SIGNS = 27
"""To a line under a tile."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One picture, or one row of bars, of a sheet.

    Attributes:
        caption: what stands under it, in lines.
        image: (H, W, 3) uint8 RGB; None for bars.
        heights: of bars, (N,).
        names: of the bars; () where they have none.
    """

    caption: str
    image: NDArray[np.uint8] | None = None
    heights: NDArray[np.float32] | None = None
    names: tuple[str, ...] = ()


def sheet(title: str, tiles: Sequence[Tile]) -> "Figure":
    """Return tiles in rows under a title.

    Raises:
        FerStudioError: if matplotlib isn't installed.
    """
    columns = min(COLUMNS, max(3, len(tiles)))
    rows = math.ceil(len(tiles) / columns)
    width_in, row_in = columns * TILE_IN, TILE_IN + CAPTION_IN
    height_in = HEAD_IN + rows * row_in
    figure = new_figure(width_in, height_in)
    figure.text(0.02, 1 - 0.3 / height_in, title, color=INK, fontsize=13, fontweight="bold")
    for number, tile in enumerate(tiles):
        left = (number % columns) / columns
        bottom = (height_in - HEAD_IN - (number // columns + 1) * row_in + CAPTION_IN) / height_in
        place = (left + 0.02, bottom, 0.9 / columns, 0.92 * TILE_IN / height_in)
        _draw(figure, place, tile)
        figure.text(
            left + 0.02,
            bottom - 0.06 / height_in,
            "\n".join(textwrap.fill(line, CAPTION_SIGNS) for line in tile.caption.split("\n")),
            color=MUTED,
            fontsize=7.5,
            va="top",
        )
    return figure


def attention_sheet(report: AttentionReport, face: NDArray[np.uint8]) -> "Figure":
    """Return what a network's attention weighed on a face, (H, W, 3) uint8 RGB, block by block."""
    said = f"{report.title}: {report.prediction.top} {percent(report.prediction.confidence)}"
    tiles = [Tile("the face as it was asked", face), *(_weighed(v, face) for v in report.views)]
    lacks = without_attention(report).rstrip(".")
    return sheet(said if report.views else f"{said}; {lacks}", tiles)


def examination_sheet(found: Examination) -> "Figure":
    """Return where a network looked on the clean and on the covered face, and what changed."""
    said = f"{found.title}: {found.prediction.top} {percent(found.prediction.confidence)}"
    tiles = [Tile("the clean face as the network sees it", found.seen)]
    change, heatmap = found.change, found.heatmap
    if heatmap is not None:
        scale = shared_scale([heatmap] + ([] if change is None else [change.heatmap]))
        tiles.append(Tile(f"{found.method}, clean", draw_overlay(found.seen, heatmap, scale)))
        if change is not None:
            covered = draw_overlay(change.seen, change.heatmap, scale)
            answer = f"{change.prediction.top} {percent(change.prediction.confidence)}"
            leak = "no heat"
            if change.leakage_share is not None:
                leak = f"{percent(change.leakage_share)} of the heat on the cover"
            tiles.append(Tile(f"{found.method}, covered: {answer}\n{leak}", covered))
            difference = draw_difference(change.seen, change.difference)
            tiles.append(Tile("heat that came (red) and went (blue)", difference))
    return sheet(said, tiles)


def _weighed(view: AttentionView, face: NDArray[np.uint8]) -> Tile:
    named = f"{view.block.place}: {view.block.title}"
    if isinstance(view, AttentionMap):
        low, high = view.heatmap.raw_range
        drawn = draw_overlay(face, replace(view.heatmap, raw_range=(0.0, 1.0)), 1.0)
        return Tile(f"{named}\n{low:.2f} to {high:.2f}", drawn)
    if isinstance(view, BranchShares):
        return Tile(f"{named}\nshare of each branch", heights=view.shares, names=view.names)
    return Tile(f"{named}\n{len(view.weights)} channels, by weight", heights=view.weights)


def _draw(figure: "Figure", place: tuple[float, float, float, float], tile: Tile) -> None:
    if tile.heights is None:
        assert tile.image is not None
        axes = figure.add_axes(place)
        axes.imshow(tile.image)
        axes.axis("off")
        return
    (left, bottom, width, height), (width_in, height_in) = place, figure.get_size_inches()
    below_in = NAMES_IN if tile.names else NAMES_IN / 3  # where half of the lowest number stands
    beside, below = NUMBERS_IN / width_in, below_in / height_in
    axes = figure.add_axes((left + beside, bottom + below, width - beside, height - below))
    axes.bar(np.arange(len(tile.heights)), tile.heights, 0.9, color=RUST)
    axes.set(ylim=(0, max(1e-6, 1.05 * float(tile.heights.max()))))
    axes.set_xticks(range(len(tile.names)), tile.names)
    plain(axes)
    axes.locator_params(axis="y", nbins=4)
    axes.tick_params(labelsize=7, pad=2)
