"""What a visitor lays over the face: paint from the easel over it, or a sticker from a file."""

import gradio as gr
import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray
from PIL import Image

from ferstudio.occlusion.painted import PAINTED, STICKER, Layer, read_layer, read_painting
from ferstudio.ui import words
from ferstudio.ui.events import told
from ferstudio.ui.messages import friendly, warning
from ferstudio.ui.parts.data_uri import picture_bytes
from ferstudio.ui.templates import render
from ferstudio.ui.uploads import taken

FIRST_BRUSH_PX = 20
FIRST_PAINT = "#000000"

KEPT_PX = 256
"""Longest side of what is kept for a visit: as many pixels as a face has, and the easel."""


def paint_tools() -> Markup:
    """Return the canvas and its tools; `paint.js` shows them while paint covers the face."""
    return render("parts/paint_tools.html", words=words, brush_px=FIRST_BRUSH_PX, paint=FIRST_PAINT)


def painted(layers: tuple[Layer, ...], event: gr.EventData) -> tuple[Layer, ...]:
    """Return the layers with what the browser's brush has painted."""
    pixels = read_painting(picture_bytes(told(event, "layer", str) or ""))
    return with_layer(layers, PAINTED, None if pixels is None else _small(pixels))


def stuck(path: str, layers: tuple[Layer, ...]) -> tuple[tuple[Layer, ...], str]:
    """Return the layers with an uploaded sticker, and what is wrong with it, as HTML."""
    try:
        with taken(path) as file:
            pixels = _small(read_layer(file.read_bytes()))
    except Exception as error:  # noqa: BLE001  the visitor reads a sentence, no traceback
        return layers, warning(friendly(error))
    return with_layer(layers, STICKER, pixels), ""


def with_layer(
    layers: tuple[Layer, ...], name: str, pixels: NDArray[np.uint8] | None
) -> tuple[Layer, ...]:
    """Return `layers` with the one called `name` replaced, or left out where there is nothing."""
    others = tuple(layer for layer in layers if layer.name != name)
    return others if pixels is None else (*others, Layer(name, pixels))


def _small(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return an (H, W, 4) uint8 RGBA picture, no side longer than `KEPT_PX`."""
    picture = Image.fromarray(pixels)
    picture.thumbnail((KEPT_PX, KEPT_PX), Image.Resampling.BOX)
    return np.asarray(picture, np.uint8)
