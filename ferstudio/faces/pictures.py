"""Read any picture a person may bring as plain RGB, or refuse it in one sentence.

What comes out is upright, opaque, 8 bits deep and at most `MAX_SIDE_PX` long.
"""

import math
import os
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ferstudio.errors import ImageError
from ferstudio.picture_files import opened_picture, reduced

BACKDROP = (128, 128, 128)
"""RGB behind transparent pixels: mid-grey, which networks with centred inputs see as nothing."""


def read_picture(source: str | os.PathLike[str] | bytes) -> NDArray[np.uint8]:
    """Return a picture file as (H, W, 3) uint8 RGB, upright as its EXIF data says.

    Of an animation it is the first frame. Transparent pixels show `BACKDROP`.

    Args:
        source: a path, or the file's content.

    Raises:
        ImageError: if there is no such file, or it is empty, damaged, cut short, too large or no
            picture.
    """
    with opened_picture(source) as image:
        return _plain(image)


def _plain(image: Image.Image) -> NDArray[np.uint8]:
    """Return any of Pillow's pictures as opaque RGB bytes of at most `MAX_SIDE_PX`."""
    if image.mode in ("I", "F") or image.mode.startswith("I;"):
        image = Image.fromarray(_as_bytes(np.asarray(image)))
    image = reduced(image.convert("RGBA" if image.has_transparency_data else "RGB"))
    if image.mode == "RGBA":
        backdrop = Image.new("RGBA", image.size, (*BACKDROP, 255))
        image = Image.alpha_composite(backdrop, image).convert("RGB")
    return np.array(image, dtype=np.uint8)


def _as_bytes(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    """Return pixels of any depth as uint8 over the same range from black to white."""
    low, high = float(pixels.min()), float(pixels.max())
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ImageError("A picture needs finite pixels, but some are NaN or infinite.")
    white = _white_level(pixels.dtype, high)
    if low < 0 or high > white:
        raise ImageError(
            f"A picture needs pixels from 0 to {white:g}, but they run from {low:g} to {high:g}."
        )
    return np.rint(pixels * (255 / white)).astype(np.uint8)


def _white_level(dtype: np.dtype[Any], high: float) -> float:
    if dtype.kind == "f":
        return 1.0 if high <= 1 else 255.0
    return 65535.0 if dtype == np.uint16 or high > 255 else 255.0
