"""Figures of attention: heat on the picture, profiles along its edges, sorted bars."""

from html import escape

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ferstudio.explain.explainer import Heatmap
from ferstudio.explain.overlay import draw_overlay
from ferstudio.studio.results import Guidance
from ferstudio.ui import words as text

BAR_STEPS = 64
"""At most so many bars show the sorted weights; each is the mean of its neighbours."""


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
    return [(mask, text.GUIDANCE_MASK), (guidance.picture, text.GUIDED_PICTURE)]


def limits(lowest: float, highest: float) -> str:
    """Return a range with as many decimals as it takes to tell its ends apart."""
    digits = next((n for n in (2, 3, 4) if f"{lowest:.{n}f}" != f"{highest:.{n}f}"), 2)
    return f"{lowest:.{digits}f}–{highest:.{digits}f}"


def edge_profile(values: NDArray[np.float32], name: str, tip: str) -> str:
    """Return one edge's profile as SVG; it leans against the picture and bulges outward."""
    low, high = float(values.min()), float(values.max())
    heights = (values - low) / (high - low) if high > low else np.zeros_like(values)
    along = (np.arange(values.size) + 0.5) * 100 / values.size
    across = 12 + 84 * heights
    points = [(0.0, across[0]), *zip(along, across, strict=True), (100.0, across[-1])]
    upright = name == text.ROWS
    if upright:
        points = [(x, y) for y, x in points]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    corner, side = ("0,100", "right") if upright else ("100,0", "below")
    label = limits(low, high)
    return (
        f'<div class="profile {side}" title="{escape(f"{tip} {label}")}">'
        f'<svg viewBox="0 0 100 100" preserveAspectRatio="none" role="img" '
        f'aria-label="{escape(f"{tip} {label}")}"><polygon points="0,0 {line} {corner}"/>'
        f'<polyline points="{line}"/></svg><span>{name}</span></div>'
    )


def sorted_bars(weights: NDArray[np.float32], half_count: int) -> str:
    """Return weights, the largest first, as SVG; the first `half_count` are marked."""
    parts = np.array_split(weights, min(BAR_STEPS, weights.size))
    highest = max(float(weights[0]), 1e-12)
    ends = np.cumsum([part.size for part in parts])
    step = 100 / len(parts)
    bars = "".join(
        f'<rect x="{index * step:.2f}" y="{100 - 100 * part.mean() / highest:.1f}" '
        f'width="{0.8 * step:.2f}" height="{100 * part.mean() / highest:.1f}" '
        f'class="{"half" if end - part.size < half_count else "rest"}"/>'
        for index, (part, end) in enumerate(zip(parts, ends, strict=True))
    )
    return f'<svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">{bars}</svg>'


def edged(
    picture: str, rows: NDArray[np.float32] | None, columns: NDArray[np.float32] | None
) -> str:
    """Return a picture's HTML with the profiles of its rows and columns along its edges."""
    below = "" if columns is None else edge_profile(columns, text.COLUMNS, text.COLUMNS_TIP)
    right = "" if rows is None else edge_profile(rows, text.ROWS, text.ROWS_TIP)
    kind = "plate edged" if below or right else "plate"
    return f'<div class="{kind}">{picture}{right}{below}</div>'
