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
from ferstudio.picture_files import (
    MAX_SIDE_PX,
    frame_numbers,
    opened_picture,
    strips,
    upright_pixels,
)
from ferstudio.system_memory import give_back_memory
from ferstudio.types import Note

_DEPTHS = (8, 10, 12, 14, 16)
"""Bits of the numbers that cameras and scanners put into files of 16 or 32."""

_MUCH_BYTES = 10_000_000

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
        return _plain(image, MAX_SIDE_PX).image


def read_frames(source: str | os.PathLike[str] | bytes) -> Iterator[Picture]:
    """Yield a picture file at its full size; of an animation the first frame and some others.

    A JPEG of more than `MAX_WHOLE_MEGAPIXELS` comes at half of its size. The file is opened anew
    for each frame, and nothing but what was yielded is in memory between them.

    Args:
        source: a path, or the file's content.

    Raises:
        ImageError: as `read_picture`.
    """
    with opened_picture(source, None) as image:
        first, (later, count) = _plain(image, None), frame_numbers(image)
    del image  # its decoder remembers as much as it decoded
    _give_back_after(first)
    yield first
    del first
    for number in later:
        with opened_picture(source, None, number) as image:
            picture = _plain(image, None)
        del image
        _give_back_after(picture)
        yield Picture(picture.image, (*picture.notes, other_frame(number + 1, count)))


def _give_back_after(picture: Picture) -> None:
    """Return what decoding a large picture took; it takes longer than to decode a small one."""
    if picture.image.nbytes > _MUCH_BYTES:
        give_back_memory()


def _plain(image: Image.Image, max_side_px: int | None) -> Picture:
    """Return any of Pillow's pictures as opaque RGB bytes."""
    if image.mode in ("I", "F") or image.mode.startswith("I;"):
        white, bits = _range(image)
        pixels = upright_pixels(image, lambda strip: _as_bytes(strip, white), max_side_px)
        return Picture(pixels, (other_depth(bits),) if bits else ())
    return Picture(upright_pixels(image, _opaque, max_side_px))


def _opaque(image: Image.Image) -> Image.Image:
    """Return a picture as RGB, with a backdrop where it is transparent."""
    if not image.has_transparency_data:
        return image.convert("RGB")
    backdrop = Image.new("RGBA", image.size, (*BACKDROP, 255))
    return Image.alpha_composite(backdrop, image.convert("RGBA")).convert("RGB")


def _range(image: Image.Image) -> tuple[float, int]:
    """Return which number is white in a picture of numbers, and how few bits of its file that is.

    0 bits where the numbers fill all of it.
    """
    found = [(part.dtype, part.min(), part.max()) for part in map(np.asarray, strips(image))]
    dtype, lowest, highest = zip(*found, strict=True)
    low, high = float(np.min(lowest)), float(np.max(highest))
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ImageError("A picture needs finite pixels, but some are NaN or infinite.")
    white = _white_level(dtype[0], high)
    if low < 0 or high > white:
        raise ImageError(
            f"A picture needs pixels from 0 to {white:g}, but they run from {low:g} to {high:g}."
        )
    filled = white < np.iinfo(np.uint16).max and dtype[0].kind != "f" and high > 0
    return white, round(math.log2(white + 1)) if filled else 0


def _as_bytes(image: Image.Image, white: float) -> Image.Image:
    """Return a picture of numbers from 0 to `white` as RGB."""
    levels = np.rint(np.asarray(image) * (255 / white)).astype(np.uint8)
    return Image.fromarray(levels).convert("RGB")


def _white_level(dtype: np.dtype[Any], high: float) -> float:
    if dtype.kind == "f":
        return 1.0 if high <= 1 else 255.0
    whites = [float(2**bits - 1) for bits in _DEPTHS]
    return next((white for white in whites if high <= white), whites[-1])
