"""Open any picture file a person may bring, within bounds, or refuse it in one sentence."""

import io
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from PIL import Image, ImageOps, UnidentifiedImageError

from ferstudio.errors import ImageError

MAX_SIDE_PX = 2048
"""Larger pictures are reduced to this long side; a face keeps more pixels than a network sees."""

MAX_MEGAPIXELS = 120
"""Larger pictures are refused unread: a file of a few kilobytes can unpack to gigabytes."""

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM")
"""Formats that are read, in Pillow's names; others (some would start programs) are refused."""

_READABLE = "JPEG, PNG, WebP, GIF, BMP or TIFF"


@contextmanager
def opened_picture(source: str | os.PathLike[str] | bytes) -> Iterator[Image.Image]:
    """Yield the picture in a file, decoded and upright as its EXIF data says, of any mode and size.

    Of an animation it is the first frame. What goes wrong with the picture inside the `with` block
    is the file's fault, too.

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
        try:
            with Image.open(stream, formats=FORMATS) as image:
                check_megapixels(name, *image.size)
                image.draft(None, (MAX_SIDE_PX, MAX_SIDE_PX))  # a huge JPEG is read at 1/2 to 1/8
                image.load()
                yield ImageOps.exif_transpose(image)
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


def check_megapixels(name: str, width: int, height: int) -> None:
    """Refuse a picture called `name` that is too large to be worked with.

    Raises:
        ImageError: if it has more than `MAX_MEGAPIXELS`.
    """
    if width * height > MAX_MEGAPIXELS * 1_000_000:
        raise ImageError(
            f"{name} has {width} x {height} pixels, more than {MAX_MEGAPIXELS} megapixels; "
            "reduce it first."
        )


def reduced(image: Image.Image) -> Image.Image:
    """Return a picture of at most `MAX_SIDE_PX`; a larger one is averaged down in place."""
    if max(image.size) > MAX_SIDE_PX:
        image.thumbnail((MAX_SIDE_PX, MAX_SIDE_PX), Image.Resampling.BOX)
    return image


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
