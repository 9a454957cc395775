"""Heatmaps drawn over faces on one shared scale, and what can be measured on them.

A heatmap scaled by its own maximum always looks sure of itself. Here all maps that stand side by
side share one scale, in the raw unit of the method, so that a faint map looks faint.
"""

from collections.abc import Iterable
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from ferstudio.explain.explainer import Heatmap

COLDEST_INDEX = 72
"""Where the colours begin on OpenCV's COLORMAP_INFERNO (0 to 255): at violet. The black below
would darken the face where there is hardly any heat."""

OPACITY = 0.85
"""Opacity of the hottest spot; the face shows through even there."""

OPACITY_POWER = 1.5
"""Opacity grows with this power of the heat: faint heat over a whole face doesn't hide it."""

CAME_RGB, WENT_RGB = (230, 70, 40), (40, 110, 220)
"""Colours of heat that came and of heat that went; both are told apart without seeing red."""


def shared_scale(heatmaps: Iterable[Heatmap]) -> float:
    """Return the highest raw value of all `heatmaps`, 0 if there is none above 0.

    Raw values are comparable between pictures of one model; between models only as far as their
    logits are.
    """
    return max((heatmap.raw_range[1] for heatmap in heatmaps), default=0.0)


def draw_overlay(image: NDArray[np.uint8], heatmap: Heatmap, scale_max: float) -> NDArray[np.uint8]:
    """Return the picture in grey with the heat over it.

    Heat is the raw value as a share of `scale_max`, cut at 0 and 1; colour (violet, orange,
    yellow) and opacity both grow with it, so a region without heat is the grey picture itself.

    Args:
        image: (S, S, 3) uint8 RGB.
        heatmap: a map over the whole picture; enlarged bilinearly if it has another size.
        scale_max: raw value of the hottest colour, from `shared_scale`; 0 draws no heat.

    Returns:
        (S, S, 3) uint8 RGB.
    """
    height, width = image.shape[:2]
    grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)
    heat = np.zeros((height, width), np.float32)
    if scale_max > 0:
        raw = cv2.resize(heatmap.raw(), (width, height), interpolation=cv2.INTER_LINEAR)
        heat = np.clip(raw / np.float32(scale_max), 0, 1)
    return _blend(grey, heat)


def draw_difference(image: NDArray[np.uint8], difference: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return the picture in grey with where heat came in red and where it went in blue.

    Args:
        image: (S, S, 3) uint8 RGB.
        difference: (H, W) in [-1, 1] over the whole picture, as `similarity.difference` returns
            it; enlarged bilinearly if it has another size.

    Returns:
        (S, S, 3) uint8 RGB.
    """
    height, width = image.shape[:2]
    grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)
    change = cv2.resize(difference, (width, height), interpolation=cv2.INTER_LINEAR)
    came, went = (np.array(colour, np.float32) for colour in (CAME_RGB, WENT_RGB))
    return _mixed(grey, np.where(change[:, :, None] > 0, came, went), np.abs(change))


def colour_bar(width_px: int, height_px: int) -> NDArray[np.uint8]:
    """Return the scale's legend, (height, width, 3) uint8 RGB: heat 0 at the left, 1 at the right.

    Drawn over middle grey exactly as `draw_overlay` draws over a face.
    """
    heat = np.tile(np.linspace(0, 1, width_px, dtype=np.float32), (height_px, 1))
    return _blend(np.full((height_px, width_px), 128, np.uint8), heat)


@cache
def _colours() -> NDArray[np.float32]:
    indices = np.rint(np.linspace(COLDEST_INDEX, 255, 256)).astype(np.uint8)
    bgr = cv2.applyColorMap(indices[:, None], cv2.COLORMAP_INFERNO)  # (256, 1, 3)
    return bgr[:, 0, ::-1].astype(np.float32)


def _blend(grey: NDArray[np.uint8], heat: NDArray[np.float32]) -> NDArray[np.uint8]:
    return _mixed(grey, _colours()[np.rint(heat * 255).astype(np.uint8)], heat)


def _mixed(
    grey: NDArray[np.uint8], colour: NDArray[np.float32], heat: NDArray[np.floating]
) -> NDArray[np.uint8]:
    """Return `grey` (H, W) under `colour` (H, W, 3), the more of it the higher `heat` (H, W) is."""
    opacity = (OPACITY * heat**OPACITY_POWER)[:, :, None]
    return np.rint(grey[:, :, None] * (1 - opacity) + colour * opacity).astype(np.uint8)
