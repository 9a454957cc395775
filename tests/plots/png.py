"""What a PNG file shows."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def pixels(content: bytes) -> NDArray[np.uint8]:
    """Return a PNG file as (H, W, 3) uint8 RGB; fail where it is none."""
    with Image.open(io.BytesIO(content)) as picture:
        assert picture.format == "PNG"
        return np.asarray(picture.convert("RGB"))
