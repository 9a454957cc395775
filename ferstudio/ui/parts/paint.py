"""What a visitor lays over the face: paint from the easel over it, or a sticker from a file."""

from html import escape
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
from numpy.typing import NDArray

from ferstudio.occlusion.painted import PAINTED, STICKER, Layer, read_layer, read_painting
from ferstudio.ui import words as text
from ferstudio.ui.messages import friendly
from ferstudio.ui.parts.data_uri import picture_bytes
from ferstudio.ui.parts.faces import warning

FIRST_BRUSH_PX = 20
FIRST_PAINT = "#000000"


def paint_tools() -> str:
    """Return the canvas and its tools; `paint.js` shows them while paint covers the face."""
    brushes = "".join(
        f'<button type="button" data-brush="{width_px}" title="{escape(title)}" '
        f'aria-label="{escape(title)}" aria-pressed="{str(width_px == FIRST_BRUSH_PX).lower()}">'
        f'<i style="--d:{4 + width_px / 4:.0f}px"></i></button>'
        for width_px, title in text.BRUSHES.items()
    )
    paints = "".join(
        f'<button type="button" data-paint="{colour}" title="{escape(title)}" '
        f'aria-label="{escape(title)}" aria-pressed="{str(colour == FIRST_PAINT).lower()}">'
        f'<i style="background:{colour}"></i></button>'
        for colour, title in text.PAINTS.items()
    )
    return (
        '<div class="easel" hidden><canvas width="256" height="256"></canvas>'
        f'<div class="brushes"><span role="group" aria-label="{text.BRUSHES_LABEL}">{brushes}'
        f'</span><span role="group" aria-label="{text.PAINTS_LABEL}">{paints}'
        f'<button type="button" data-paint="" title="{text.ERASER}" aria-label="{text.ERASER}" '
        f'aria-pressed="false">⌫</button></span><button type="button" data-wipe '
        f'title="{text.WIPE_TIP}" aria-label="{text.WIPE_TIP}">{text.WIPE}</button></div></div>'
    )


def painted(layers: tuple[Layer, ...], event: gr.EventData) -> tuple[Layer, ...]:
    """Return the layers with what the browser's brush has painted."""
    pixels = read_painting(picture_bytes(str(event._data.get("layer"))))
    return with_layer(layers, PAINTED, pixels)


def stuck(path: str, layers: tuple[Layer, ...]) -> tuple[tuple[Layer, ...], str]:
    """Return the layers with an uploaded sticker, and what is wrong with it, as HTML."""
    try:
        return with_layer(layers, STICKER, read_layer(Path(path).read_bytes())), ""
    except Exception as error:  # noqa: BLE001  the visitor reads a sentence, no traceback
        return layers, warning(friendly(error))


def with_layer(
    layers: tuple[Layer, ...], name: str, pixels: NDArray[np.uint8] | None
) -> tuple[Layer, ...]:
    """Return `layers` with the one called `name` replaced, or left out where there is nothing."""
    others = tuple(layer for layer in layers if layer.name != name)
    return others if pixels is None else (*others, Layer(name, pixels))


def wants_sticker(occluder: str) -> tuple[Any, str]:
    """Return the sticker's button, shown where a sticker covers the face, and no complaint."""
    return gr.UploadButton(visible=occluder == STICKER), ""
