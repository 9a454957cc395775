"""Figures of attention: heat on the picture, profiles along its edges, sorted bars."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ferstudio.explain.attention_maps import AttentionMap
from ferstudio.explain.explainer import Heatmap
from ferstudio.explain.overlay import draw_overlay
from ferstudio.studio.results import Guidance
from ferstudio.ui import words

BAR_STEPS = 64
"""At most so many bars show the sorted weights; each is the mean of its neighbours."""


@dataclass(frozen=True, slots=True)
class Edge:
    """One edge's profile: it leans against the picture and bulges outward.

    Attributes:
        name: "rows" or "columns".
        side: "right" or "below".
        tip: its tooltip.
        line: its points in a square of 100 units, as SVG.
        corner: where the area under the line ends.
    """

    name: str
    side: str
    tip: str
    line: str
    corner: str


@dataclass(frozen=True, slots=True)
class Plate:
    """A picture with the profiles of its rows and columns along its edges.

    Attributes:
        image: (S, S, 3) uint8 RGB.
        alt: its alternative text.
        edges: the profiles; () for a bare picture.
    """

    image: NDArray[np.uint8]
    alt: str
    edges: tuple[Edge, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """One of the sorted bars, in a square of 100 units.

    Attributes:
        x: where it begins.
        width: how wide it is.
        height: how high it is.
        of_half: whether it belongs to the few that make up half of the sum.
    """

    x: float
    width: float
    height: float
    of_half: bool


def heat_picture(
    image: NDArray[np.uint8], heatmap: Heatmap, side_px: int, *, in_cells: bool = False
) -> NDArray[np.uint8]:
    """Return the picture with a map over it, coloured over the map's own range.

    Args:
        image: (S, S, 3) uint8 RGB.
        heatmap: a map over the whole picture.
        side_px: side of the result.
        in_cells: whether the map's cells stay visible, to be counted; else it is smoothed.

    Returns:
        (side, side, 3) uint8 RGB.
    """
    resized = Image.fromarray(image).resize((side_px, side_px), Image.Resampling.BICUBIC)
    values = heatmap.values
    if in_cells:
        rows, columns = (np.arange(side_px) * count // side_px for count in values.shape)
        values = values[rows][:, columns]  # (side, side)
    own_range = Heatmap(heatmap.name, values, heatmap.native_size, (0.0, 1.0))
    return draw_overlay(np.asarray(resized, np.uint8), own_range, scale_max=1.0)


def guidance_pictures(guidance: Guidance) -> list[tuple[NDArray[np.uint8], str]]:
    """Return mask and guided face as (S, S, 3) uint8 RGB, each with its words."""
    mask = np.repeat(guidance.mask[:, :, None], 3, axis=2).astype(np.uint8) * np.uint8(255)
    return [(mask, words.GUIDANCE_MASK), (guidance.picture, words.GUIDED_PICTURE)]


def limits(lowest: float, highest: float) -> str:
    """Return a range with as many decimals as it takes to tell its ends apart."""
    digits = next((n for n in (2, 3, 4) if f"{lowest:.{n}f}" != f"{highest:.{n}f}"), 2)
    return f"{lowest:.{digits}f}–{highest:.{digits}f}"


def plate(image: NDArray[np.uint8], view: AttentionMap, title: str, side_px: int) -> Plate:
    """Return a network's main map over the picture, with its edges where it has some.

    Args:
        image: (S, S, 3) uint8 RGB, the picture as the network was given it.
        view: the map.
        title: the network's title.
        side_px: side of the picture that is shown.
    """
    edges = (
        None if view.rows is None else _edge(view.rows, upright=True),
        None if view.columns is None else _edge(view.columns, upright=False),
    )
    return Plate(
        heat_picture(image, view.heatmap, side_px),
        words.attention_alt(title, view.block.place),
        tuple(edge for edge in edges if edge is not None),
    )


def sorted_bars(weights: NDArray[np.float32], half_count: int) -> list[Bar]:
    """Return weights, the largest first, as bars; the first `half_count` are marked."""
    parts = np.array_split(weights, min(BAR_STEPS, weights.size))
    highest = max(float(weights[0]), 1e-12)
    ends = np.cumsum([part.size for part in parts])
    step = 100 / len(parts)
    return [
        Bar(
            x=index * step,
            width=0.8 * step,
            height=float(100 * part.mean() / highest),
            of_half=bool(end - part.size < half_count),
        )
        for index, (part, end) in enumerate(zip(parts, ends, strict=True))
    ]


def _edge(values: NDArray[np.float32], *, upright: bool) -> Edge:
    low, high = float(values.min()), float(values.max())
    heights = (values - low) / (high - low) if high > low else np.zeros_like(values)
    along = (np.arange(values.size) + 0.5) * 100 / values.size
    across = 12 + 84 * heights
    points = [(0.0, across[0]), *zip(along, across, strict=True), (100.0, across[-1])]
    if upright:
        points = [(x, y) for y, x in points]
    tip = words.ROWS_TIP if upright else words.COLUMNS_TIP
    return Edge(
        name=words.ROWS if upright else words.COLUMNS,
        side="right" if upright else "below",
        tip=f"{tip} {limits(low, high)}",
        line=" ".join(f"{x:.1f},{y:.1f}" for x, y in points),
        corner="0,100" if upright else "100,0",
    )
