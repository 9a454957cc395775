"""Read any picture a person may bring as plain RGB, or refuse it in one sentence.

What comes out is upright, opaque, 8 bits deep and at most `MAX_SIDE_PX` long.
"""

import io
import math
import os
import warnings
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from ferstudio.errors import ImageError

MAX_SIDE_PX = 2048
"""Larger pictures are reduced to this long side; a face keeps more pixels than a network sees."""

MAX_MEGAPIXELS = 120
"""Larger pictures are refused unread: a file of a few kilobytes can unpack to gigabytes."""

BACKDROP = (128, 128, 128)
"""RGB behind transparent pixels: mid-grey, which networks with centred inputs see as nothing."""

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM")
"""Formats that are read, in Pillow's names; others (some would start programs) are refused."""

_READABLE = "JPEG, PNG, WebP, GIF, BMP or TIFF"


def read_picture(source: str | os.PathLike[str] | bytes) -> NDArray[np.uint8]:
    """Return a picture file as (H, W, 3) uint8 RGB, upright as its EXIF data says.

    Of an animation it is the first frame. Transparent pixels show `BACKDROP`.

    Args:
        source: a path, or the file's content.

    Raises:
        ImageError: if there is no such file, or it is empty, damaged, cut short, too large or no
            picture.
    """
    name, stream = _opened(source)
    with stream, warnings.catch_warnings():  # what Pillow warns of is read anyway or refused
        warnings.simplefilter("ignore")
        if not stream.read(1):
            raise ImageError(f"{name} is empty; choose a {_READABLE} picture.")
        stream.seek(0)
        return _decode(name, stream)


def picture_from_array(array: NDArray[Any]) -> NDArray[np.uint8]:
    """Return an array of pixels as an (H, W, 3) uint8 RGB picture.

    Args:
        array: (H, W), (H, W, 1), (H, W, 3) RGB or (H, W, 4) RGBA. Of bool; of integers in
            [0, 255], or in [0, 65535] where the type or a value is larger than a byte; or of
            floats in [0, 1], or in [0, 255] where a value exceeds 1.

    Raises:
        ImageError: if it has another shape, no pixels, too many or values out of these ranges.
    """
    pixels = np.asarray(array)
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[:, :, 0]
    if pixels.ndim != 2 and (pixels.ndim != 3 or pixels.shape[2] not in (3, 4)):
        raise ImageError(
            f"A picture needs the shape (H, W), (H, W, 3) or (H, W, 4), not {pixels.shape}."
        )
    if not pixels.size:
        raise ImageError(f"A picture needs at least one pixel, but its shape is {pixels.shape}.")
    height, width = pixels.shape[:2]
    _check_megapixels("The picture", width, height)
    return _plain(Image.fromarray(_as_bytes(pixels)))


def _opened(source: str | os.PathLike[str] | bytes) -> tuple[str, BinaryIO]:
    """Return what to call the file in a message, and its content as a stream."""
    if isinstance(source, bytes):
        return "The picture", io.BytesIO(source)
    file = Path(source)
    if not file.is_file():
        problem = "is a folder, not a file" if file.is_dir() else "doesn't exist"
        raise ImageError(f"{file} {problem}; choose a {_READABLE} picture.")
    try:
        return file.name, file.open("rb")
    except OSError as error:
        raise ImageError(f"{file} can't be opened ({error.strerror}).") from error


def _decode(name: str, stream: BinaryIO) -> NDArray[np.uint8]:
    try:
        with Image.open(stream, formats=FORMATS) as image:
            _check_megapixels(name, *image.size)
            image.draft(None, (MAX_SIDE_PX, MAX_SIDE_PX))  # a huge JPEG is decoded at 1/2 to 1/8
            image.load()
            return _plain(ImageOps.exif_transpose(image))
    except ImageError:
        raise
    except UnidentifiedImageError as error:
        raise ImageError(
            f"{name} is no picture that can be read; convert it to {_READABLE}."
        ) from error
    except Image.DecompressionBombError as error:
        raise ImageError(
            f"{name} has more than {MAX_MEGAPIXELS} megapixels; reduce it first."
        ) from error
    except Exception as error:  # Pillow's decoders raise nearly anything on damaged files
        raise ImageError(
            f"{name} is damaged or cut short; save it again or choose another picture."
        ) from error


def _check_megapixels(name: str, width: int, height: int) -> None:
    if width * height > MAX_MEGAPIXELS * 1_000_000:
        raise ImageError(
            f"{name} has {width} x {height} pixels, more than {MAX_MEGAPIXELS} megapixels; "
            "reduce it first."
        )


def _plain(image: Image.Image) -> NDArray[np.uint8]:
    """Return any of Pillow's pictures as opaque RGB bytes of at most `MAX_SIDE_PX`."""
    if image.mode in ("I", "F") or image.mode.startswith("I;"):
        image = Image.fromarray(_as_bytes(np.asarray(image)))
    image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    if max(image.size) > MAX_SIDE_PX:
        image.thumbnail((MAX_SIDE_PX, MAX_SIDE_PX), Image.Resampling.BOX)
    if image.mode == "RGBA":
        backdrop = Image.new("RGBA", image.size, (*BACKDROP, 255))
        image = Image.alpha_composite(backdrop, image).convert("RGB")
    return np.array(image, dtype=np.uint8)


def _as_bytes(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    """Return pixels of any depth as uint8 over the same range from black to white."""
    if pixels.dtype == np.uint8:
        return pixels
    if pixels.dtype == np.bool_:
        return pixels.astype(np.uint8) * np.uint8(255)
    if pixels.dtype.kind not in "iuf":
        raise ImageError(f"A picture needs numbers as pixels, not {pixels.dtype}.")
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
