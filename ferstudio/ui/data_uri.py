"""Pictures inside the page's HTML."""

import base64
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

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
    return "data:image/webp;base64," + base64.b64encode(stream.getvalue()).decode("ascii")
