"""Open any picture file a person may bring, within bounds, or refuse it in one sentence."""

import io
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import BinaryIO

from PIL import Image, ImageOps, UnidentifiedImageError

from ferstudio.errors import ImageError

MAX_SIDE_PX = 2048
"""Larger pictures are reduced to this long side; a face keeps more pixels than a network sees."""

MAX_MEGAPIXELS = 120
"""Larger pictures are refused unread: a file of a few kilobytes can unpack to gigabytes."""

FORMATS = ("JPEG", "PNG", "WEBP", "HEIF", "AVIF", "GIF", "BMP", "TIFF", "PPM")
"""Formats that are read, in Pillow's names; others (some would start programs) are refused."""

ANIMATED = ("GIF", "WEBP", "PNG", "TIFF")
"""Formats whose further pictures are frames or pages, not copies of the first one."""

_READABLE = "JPEG, PNG, WebP, HEIC, AVIF, GIF, BMP or TIFF"

MORE_FRAMES = 12
"""So many frames of an animation are looked at after its first one."""


@contextmanager
def opened_picture(
    source: str | os.PathLike[str] | bytes, max_side_px: int | None = MAX_SIDE_PX
) -> Iterator[Image.Image]:
    """Yield the picture in a file, decoded, of any mode and size, as it lies in the file.

    `frames` turns it upright. What goes wrong with the picture inside the `with` block is the
    file's fault, too.

    Args:
        source: a path, or the file's content.
        max_side_px: a JPEG may be read at a half to an eighth of its size, as long as its long side
            stays above this; None reads all of it.

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
        _learn_heif()
        try:
            with Image.open(stream, formats=FORMATS) as image:
                check_megapixels(name, *image.size)
                if max_side_px is not None:
                    image.draft(None, (max_side_px, max_side_px))
                image.load()
                yield image
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


def frames(image: Image.Image) -> Iterator[tuple[int, int, Image.Image]]:
    """Yield frames of a picture, upright as its EXIF data says: number, of how many, and frame.

    The first one comes first and is number 1; then up to `MORE_FRAMES` others, evenly apart.
    """
    count = getattr(image, "n_frames", 1) if image.format in ANIMATED else 1
    later = min(MORE_FRAMES, count - 1)
    for number in [0, *(1 + step * (count - 1) // later for step in range(later))]:
        if number:
            image.seek(number)
        yield number + 1, count, ImageOps.exif_transpose(image)


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


@cache
def _learn_heif() -> None:
    """Teach Pillow the pictures of iPhones."""
    from pillow_heif import register_heif_opener

    register_heif_opener()


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
