"""Read any picture a person may bring as plain RGB, or refuse it in one sentence.

What comes out is upright, opaque and 8 bits deep.
"""

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ferstudio.errors import ImageError
from ferstudio.faces.conditions import other_depth, other_frame
from ferstudio.picture_files import frames, opened_picture, reduced
from ferstudio.types import Note

_DEPTHS = (8, 10, 12, 14, 16)
"""Bits of the numbers that cameras and scanners put into files of 16 or 32."""

BACKDROP = (128, 128, 128)
"""RGB behind transparent pixels: mid-grey, which networks with centred inputs see as nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A picture that was read.

    Attributes:
        image: (H, W, 3) uint8 RGB.
        notes: what there is to say about how it was read.
    """

    image: NDArray[np.uint8]
    notes: tuple[Note, ...] = ()


def read_picture(source: str | os.PathLike[str] | bytes) -> NDArray[np.uint8]:
    """Return a picture file as (H, W, 3) uint8 RGB, upright, at most `MAX_SIDE_PX` long.

    Of an animation it is the first frame. Transparent pixels show `BACKDROP`.

    Args:
        source: a path, or the file's content.

    Raises:
        ImageError: if there is no such file, or it is empty, damaged, cut short, too large or no
            picture.
    """
    with opened_picture(source) as image:
        _, _, first = next(frames(image))
        return _plain(first, whole_size=False).image


def read_frames(source: str | os.PathLike[str] | bytes) -> Iterator[Picture]:
    """Yield a picture file at its full size; of an animation the first frame and some others.

    Args:
        source: a path, or the file's content.

    Raises:
        ImageError: as `read_picture`.
    """
    with opened_picture(source, max_side_px=None) as image:
        for number, count, frame in frames(image):
            picture = _plain(frame, whole_size=True)
            notes = picture.notes if number == 1 else (*picture.notes, other_frame(number, count))
            yield Picture(picture.image, notes)


def _plain(image: Image.Image, *, whole_size: bool) -> Picture:
    """Return any of Pillow's pictures as opaque RGB bytes."""
    notes: tuple[Note, ...] = ()
    if image.mode in ("I", "F") or image.mode.startswith("I;"):
        pixels, bits = _as_bytes(np.asarray(image))
        image = Image.fromarray(pixels)
        notes = (other_depth(bits),) if bits else ()
    image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    if not whole_size:
        image = reduced(image)
    if image.mode == "RGBA":
        backdrop = Image.new("RGBA", image.size, (*BACKDROP, 255))
        image = Image.alpha_composite(backdrop, image).convert("RGB")
    return Picture(np.array(image, dtype=np.uint8), notes)


def _as_bytes(pixels: NDArray[Any]) -> tuple[NDArray[np.uint8], int]:
    """Return pixels of any depth as uint8 from black to white, and how few bits of it they fill.

    0 bits where they fill all of it.
    """
    low, high = float(pixels.min()), float(pixels.max())
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ImageError("A picture needs finite pixels, but some are NaN or infinite.")
    white = _white_level(pixels.dtype, high)
    filled = white < np.iinfo(np.uint16).max and pixels.dtype.kind != "f" and high > 0
    if low < 0 or high > white:
        raise ImageError(
            f"A picture needs pixels from 0 to {white:g}, but they run from {low:g} to {high:g}."
        )
    bits = round(math.log2(white + 1)) if filled else 0
    return np.rint(pixels * (255 / white)).astype(np.uint8), bits


def _white_level(dtype: np.dtype[Any], high: float) -> float:
    if dtype.kind == "f":
        return 1.0 if high <= 1 else 255.0
    whites = [float(2**bits - 1) for bits in _DEPTHS]
    return next((white for white in whites if high <= white), whites[-1])
