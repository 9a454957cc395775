"""Pictures inside the page's HTML."""

import base64
import binascii
import io
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ferstudio.errors import ImageError
from ferstudio.plots.frame import figure_content

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FIGURE_MEDIA = {"png": "image/png", "svg": "image/svg+xml"}
"""The media type of each kind of file in which the page hands out a figure."""

WEBP_QUALITY = 86


def data_uri(image: NDArray[np.uint8], side_px: int | None = None) -> str:
    """Return a picture as a WebP `data:` address, a few kilobytes each.

    Args:
        image: (H, W, 3) uint8 RGB.
        side_px: longest side of the result; None keeps the picture's own size.
    """
    picture = Image.fromarray(image)
    if side_px is not None:
        picture.thumbnail((side_px, side_px), Image.Resampling.LANCZOS)
    stream = io.BytesIO()
    picture.save(stream, "WEBP", quality=WEBP_QUALITY, method=2)
    return address_of(stream.getvalue(), "image/webp")


def address_of(content: bytes, media: str) -> str:
    """Return a file as a `data:` address; `media` is its type: "image/png"."""
    return f"data:{media};base64,{base64.b64encode(content).decode('ascii')}"


def figure_address(figure: "Figure", kind: str) -> str:
    """Return a figure as a `data:` address of a kind in `FIGURE_MEDIA`; no file is written."""
    return address_of(figure_content(figure, kind), FIGURE_MEDIA[kind])


def picture_bytes(address: str) -> bytes:
    """Return the picture file in a `data:` address.

    Raises:
        ImageError: if it is no such address.
    """
    head, _, content = address.partition(",")
    try:
        if not head.startswith("data:image/") or not head.endswith(";base64"):
            raise ValueError(head)
        return base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ImageError("The browser sent no picture; please try again.") from error
