"""Open any picture file a person may bring, within bounds, or refuse it in one sentence.

A file of a few kilobytes can unpack to gigabytes. So its size is looked at before it is decoded,
each format has a bound of its own, one large picture is decoded at a time, and whatever is made of
its pixels is made strip by strip, without a second copy of them all.
"""

import io
import os
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from ferstudio.errors import ImageError
from ferstudio.jpeg_scans import stays_whole_in_memory

MAX_SIDE_PX = 2048
"""Larger pictures are reduced to this long side; a face keeps more pixels than a network sees."""

MAX_MEGAPIXELS = {
    "JPEG": 120, "MPO": 120, "PNG": 25, "GIF": 25, "BMP": 25, "TIFF": 25, "PPM": 25, "HEIF": 25,
    "AVIF": 16, "WEBP": 14,
}  # fmt: skip
"""Larger pictures are refused undecoded, by Pillow's name of the format: what its decoder takes for
a pixel differs by format, and that of JPEG alone reads at a half to an eighth of the size."""

MAX_WHOLE_MEGAPIXELS = 30
"""A JPEG of more is read at a half, a quarter or an eighth of its sides."""

MAX_BUFFERED_MEGAPIXELS = 36
"""Of a JPEG that its decoder has to hold as a whole, as it does a progressive one."""

FORMATS = tuple(name for name in MAX_MEGAPIXELS if name != "MPO")  # which opens as JPEG
"""Formats that are read, in Pillow's names; others (some would start programs) are refused."""

ANIMATED = ("GIF", "WEBP", "PNG", "TIFF")
"""Formats whose further pictures are frames or pages, not copies of the first one."""

_READABLE = "JPEG, PNG, WebP, HEIC, AVIF, GIF, BMP or TIFF"

MORE_FRAMES = 12
"""So many frames of an animation are looked at after its first one."""

MAX_FRAME_MEGAPIXELS, MAX_FRAMES_MEGAPIXELS = 4, 50
"""Of an animation with larger frames only the first one is looked at; of others, those that lie
so many pixels to decode from the first one, at most."""

_LARGE_PX = 1_000_000  # pixels from which pictures are decoded one at a time
_STRIP_PX = 1_000_000  # pixels that are converted at a time

_one_at_a_time = threading.RLock()

_STORED: dict[int, Callable[[NDArray[Any]], NDArray[Any]]] = {
    2: lambda upright: upright[:, ::-1],
    3: lambda upright: upright[::-1, ::-1],
    4: lambda upright: upright[::-1],
    5: lambda upright: upright.swapaxes(0, 1),
    6: lambda upright: upright.swapaxes(0, 1)[::-1],
    7: lambda upright: upright[::-1, ::-1].swapaxes(0, 1),
    8: lambda upright: upright.swapaxes(0, 1)[:, ::-1],
}
"""By EXIF's orientation: the view of an upright picture in which it lies as in its file."""

_ORIENTATION = 0x0112


@contextmanager
def opened_picture(
    source: str | os.PathLike[str] | bytes, max_side_px: int | None = MAX_SIDE_PX, frame: int = 0
) -> Iterator[Image.Image]:
    """Yield the picture in a file, decoded, of any mode and size, as it lies in the file.

    `upright_pixels` turns it upright. What goes wrong with the picture inside the `with` block is
    the file's fault, too. While it lasts no other large picture is decoded.

    Args:
        source: a path, or the file's content.
        max_side_px: a JPEG may be read at a half to an eighth of its size, as long as its long side
            stays above this; None reads all of it, where it isn't too large for that.
        frame: number of the frame of an animation, from 0 on.

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
                _check_size(name, image, stream)
                for number in range(1, frame + 1):  # each may have another size
                    image.seek(number)
                    _check_size(name, image, stream)
                large = image.width * image.height > _LARGE_PX
                with _one_at_a_time if large else nullcontext():
                    _reduce_by_decoding(image, max_side_px)
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
                f"{name} has more than {max(MAX_MEGAPIXELS.values())} megapixels; reduce it first."
            ) from error
        except Exception as error:  # Pillow's decoders raise nearly anything on damaged files
            raise ImageError(
                f"{name} is damaged or cut short; save it again or choose another picture."
            ) from error


def frame_numbers(image: Image.Image) -> tuple[tuple[int, ...], int]:
    """Return which frames of a picture to look at after its first one, and how many it has.

    Up to `MORE_FRAMES`, evenly apart, within `MAX_FRAMES_MEGAPIXELS` of the first one.
    """
    count = int(getattr(image, "n_frames", 1)) if image.format in ANIMATED else 1
    size_px = image.width * image.height
    within = MAX_FRAMES_MEGAPIXELS * 1_000_000 // size_px
    reachable = min(count - 1, within) if size_px <= MAX_FRAME_MEGAPIXELS * 1_000_000 else 0
    later = min(MORE_FRAMES, reachable)
    return tuple(1 + step * reachable // later for step in range(later)), count


def strips(image: Image.Image, step: int = 1) -> Iterator[Image.Image]:
    """Yield a picture from top to bottom in parts of few pixels, whose heights `step` divides."""
    rows = step * max(1, _STRIP_PX // (image.width * step))
    for top in range(0, image.height, rows):
        yield image.crop((0, top, image.width, min(top + rows, image.height)))


def upright_pixels(
    image: Image.Image,
    plain: Callable[[Image.Image], Image.Image],
    max_side_px: int | None = MAX_SIDE_PX,
) -> NDArray[np.uint8]:
    """Return a decoded picture's pixels (H, W, C) uint8, upright as its EXIF data says.

    Args:
        image: any of Pillow's pictures.
        plain: makes RGB or RGBA of a strip of it.
        max_side_px: a larger picture is averaged down to this long side; None keeps its size.
    """
    step = 1 if max_side_px is None else max(1, max(image.size) // max_side_px)
    width, height = (-(-side // step) for side in image.size)
    orientation = image.getexif().get(_ORIENTATION, 1)
    turned, as_stored = orientation in (5, 6, 7, 8), _STORED.get(orientation, lambda same: same)
    channels = len(plain(image.crop((0, 0, 1, 1))).getbands())
    pixels = np.empty((width, height, channels) if turned else (height, width, channels), np.uint8)
    stored = as_stored(pixels)
    top = 0
    for strip in map(plain, strips(image, step)):
        part = np.asarray(strip if step == 1 else strip.reduce(step))
        stored[top : top + len(part)] = part
        top += len(part)
    if max_side_px is None or max(width, height) <= max_side_px:
        return pixels
    reduced = Image.fromarray(pixels)
    reduced.thumbnail((max_side_px, max_side_px), Image.Resampling.BOX)
    return np.array(reduced, np.uint8)


def _check_size(name: str, image: Image.Image, stream: BinaryIO) -> None:
    """Refuse a picture called `name` whose decoding would take too much memory.

    Raises:
        ImageError: saying how large it may be.
    """
    most = MAX_MEGAPIXELS[image.format or ""]
    if image.format in ("JPEG", "MPO") and stays_whole_in_memory(stream):
        most = MAX_BUFFERED_MEGAPIXELS
    if image.width * image.height > most * 1_000_000:
        raise ImageError(
            f"{name} has {image.width} x {image.height} pixels, more than the {most} megapixels "
            "of such a file that are read; reduce it first, or save it as a plain JPEG."
            if most < max(MAX_MEGAPIXELS.values())
            else f"{name} has {image.width} x {image.height} pixels, more than {most} megapixels; "
            "reduce it first."
        )


def _reduce_by_decoding(image: Image.Image, max_side_px: int | None) -> None:
    """Have a JPEG read at a part of its size where all of it isn't wanted, or is too much."""
    wanted = 1 if max_side_px is None else min(image.size) // max_side_px
    step = next((step for step in (8, 4, 2) if step <= wanted), 1)
    while image.width * image.height > step * step * MAX_WHOLE_MEGAPIXELS * 1_000_000:
        step *= 2
    image.draft(None, (max(1, image.width // step), max(1, image.height // step)))


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
