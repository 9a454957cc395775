"""Photographs made of a cache's faces, which are then found and cropped exactly as in the studio.

A network that does well on the cache and worse here loses by the framing (the detector and the
alignment at another scale, place and tilt) or by what cameras and files do to a picture; the faces
and their labels are the same. What real photographs have beyond it, detail finer than 48 pixels
hold and faces that are posed and framed otherwise, isn't tested.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from ferstudio.errors import UnknownNameError
from ferstudio.preprocess import LUMA, apply_affine, from_centres
from ferstudio.types import FaceCrop
from training.data.backdrops import draw_backdrop
from training.data.photographs import crop_largest_face
from training.data.table import FACE_PX

if TYPE_CHECKING:
    from ferstudio.faces import FaceDetector

CHANGES = ("tilt", "blur", "noise", "jpeg", "light", "colour")
"""What can happen to a pasted face beside its scale and place."""

SIDE_PX = (80.0, 500.0)
"""Side of the face's square in the picture."""

LONG_PX = (300.0, 1600.0)
"""Long side of the picture."""

LONG_PER_SIDE = (1.45, 10.0)
"""Long side of the picture per side of the face's square: less would cut a tilted square, and the
detector begins to miss faces beyond."""

ASPECT = (0.6, 1.0)
"""Short side of the picture per long side."""

TILT_DEG = 25.0
"""Largest tilt to either side, on top of the face's own."""

BLUR = 1.0
"""Largest standard deviation of the blur, in pixels of the 48-px face."""

NOISE_LEVELS = 12.0
"""Largest standard deviation of the sensor's noise, in levels of 255."""

JPEG_QUALITY = (40, 95)
"""Lowest and highest quality."""

SIDE_LIGHT = 0.35
"""Largest share by which the face's edges are lighter on one side and darker on the other."""

EXPOSURE = (0.7, 1.3)
"""Factors of the picture's brightness."""

GAMMA = (0.75, 1.33)
"""Exponents of its tones."""

COLOUR_CAST = 0.2
"""Largest change of each primary to either side, at the same luma."""

_FINE = 4  # pixels of the enlarged face per pixel of the cache's
_RING = 12  # pixels of the 48-px face around it, over which it fades into the picture
_RING_BLUR = 4.0  # pixels of the 48-px face
_GRAIN_PX = 256  # side of the tile of noise that is repeated


@dataclass(frozen=True, slots=True)
class MadePhotograph:
    """A made picture with one face at a known place.

    Attributes:
        content: a picture file's bytes; JPEG, or BMP where nothing is compressed.
        to_picture: (2, 3) float64 map from the 48-px face's pixels to the picture's, both
            continuous.
    """

    content: bytes
    to_picture: NDArray[np.float64]


def parse_changes(text: str) -> tuple[str, ...]:
    """Return the changes that a command line names, in the order of `CHANGES`.

    Args:
        text: names, comma-separated, or "all" or "none".

    Raises:
        UnknownNameError: if there is no such change; the message lists the known names.
    """
    if text in ("all", "none"):
        return CHANGES if text == "all" else ()
    names = text.split(",")
    for name in names:
        if name not in CHANGES:
            raise UnknownNameError("change", name, ["all", "none", *CHANGES])
    return tuple(name for name in CHANGES if name in names)


def make_photograph(
    face: NDArray[np.uint8], seed: tuple[int, int], changes: Iterable[str] = CHANGES
) -> MadePhotograph:
    """Return a made picture with the face in it, by the seed alone.

    Every change draws from a stream of its own, so leaving one out leaves the others as they are.

    Args:
        face: (48, 48) uint8 luma.
        seed: the protocol's seed and the face's row in its split.
        changes: names of `CHANGES`.
    """
    drawn = set(changes)
    streams = dict(zip(("place", "backdrop", *CHANGES), _streams(seed), strict=True))
    width, height, to_picture = _place(streams["place"], _tilt(streams["tilt"], "tilt" in drawn))
    patch = _enlarged(face)
    if "blur" in drawn:
        patch = _blurred(patch, BLUR * streams["blur"].random())
    if "light" in drawn:
        patch = _lit_from_one_side(patch, streams["light"])
    picture = draw_backdrop(width, height, streams["backdrop"])
    _paste(patch, to_picture, picture)
    tones = np.repeat(np.arange(256.0)[:, None] / 255, 3, axis=1)  # (256, 3)
    if "light" in drawn:
        tones = streams["light"].uniform(*EXPOSURE) * tones ** streams["light"].uniform(*GAMMA)
    if "colour" in drawn:
        tones = tones * _cast(streams["colour"])
    if drawn & {"light", "colour"}:
        curves = (tones.clip(0, 1) * 255).round().astype(np.uint8)
        picture = np.asarray(cv2.LUT(picture, curves[None]), np.uint8)
    if "noise" in drawn:
        picture = _with_grain(picture, streams["noise"])
    quality = int(streams["jpeg"].integers(*JPEG_QUALITY, endpoint=True))
    return MadePhotograph(_encoded(picture, quality if "jpeg" in drawn else None), to_picture)


def rephotographed_crops(
    images: NDArray[np.uint8],
    rows: Iterable[int],
    *,
    seed: int,
    changes: Iterable[str] = CHANGES,
    detector: "FaceDetector | None" = None,
) -> tuple[list[FaceCrop], int]:
    """Return the crops of rephotographed faces, and in how many pictures no face was found.

    Each picture goes the studio's way: read as a file, searched, and the largest face aligned; the
    centred square where none is found. A crop takes 0.2 MB.

    Args:
        images: (N, 48, 48) uint8 luma, the faces of a split.
        rows: which of them.
        seed: of everything random; with a face's row it says how its picture looks.
        changes: names of `CHANGES`.
        detector: what looks for faces; the best at hand where None.
    """
    from ferstudio.faces import best_detector

    detector = best_detector() if detector is None else detector
    crops, missed = [], 0
    for row in rows:
        made = make_photograph(images[row], (seed, row), changes)
        crop, found = crop_largest_face(made.content, detector)
        missed += not found
        crops.append(crop)
    return crops, missed


def _streams(seed: tuple[int, int]) -> list[np.random.Generator]:
    children = np.random.SeedSequence(seed).spawn(2 + len(CHANGES))
    return [np.random.default_rng(child) for child in children]


def _tilt(rng: np.random.Generator, tilted: bool) -> float:
    """Return the angle in radians."""
    return math.radians(TILT_DEG) * rng.uniform(-1, 1) if tilted else 0.0


def _place(rng: np.random.Generator, tilt: float) -> tuple[int, int, NDArray[np.float64]]:
    """Return the picture's width and height, and the map from the 48-px face into it."""
    side_px = _log_uniform(rng, *SIDE_PX)
    least, most = (ratio * side_px for ratio in LONG_PER_SIDE)
    long_px = _log_uniform(rng, max(LONG_PX[0], least), min(LONG_PX[1], most))
    short_px = max(long_px * rng.uniform(*ASPECT), least)
    size_px = np.array([long_px, short_px]).round()
    if rng.random() < 0.5:
        size_px = size_px[::-1]
    cos, sin = math.cos(tilt), math.sin(tilt)
    half_px = side_px * (abs(cos) + abs(sin)) / 2
    centre = half_px + rng.random(2) * (size_px - 2 * half_px)
    linear = side_px / FACE_PX * np.array([[cos, -sin], [sin, cos]])
    shift = centre - linear @ (FACE_PX / 2, FACE_PX / 2)
    return int(size_px[0]), int(size_px[1]), np.hstack([linear, shift[:, None]])


def _log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    return math.exp(rng.uniform(math.log(low), math.log(high)))


def _enlarged(face: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the face with its ring, `_FINE` times as large: (S, S) float32.

    The ring continues the face's edge, as the cache's crops do, and blurs outward.
    """
    ringed = np.pad(face, _RING, mode="edge").astype(np.float32)
    outside = np.minimum(_outside_px(1) / (_RING / 2), 1)
    ringed += outside * (cv2.GaussianBlur(ringed, (0, 0), _RING_BLUR) - ringed)
    large = cv2.resize(ringed, None, fx=_FINE, fy=_FINE, interpolation=cv2.INTER_CUBIC)
    return np.asarray(large, np.float32).clip(0, 255)


@cache
def _outside_px(fine: int) -> NDArray[np.float32]:
    """Return how far outside the face each pixel of its ringed square lies, in its 48ths; (S, S).

    Args:
        fine: pixels per pixel of the cache's face.
    """
    along = (np.arange((FACE_PX + 2 * _RING) * fine) + 0.5) / fine - _RING
    beyond = np.maximum(np.maximum(-along, along - FACE_PX), 0)
    return np.hypot(beyond[:, None], beyond[None, :]).astype(np.float32)


def _blurred(patch: NDArray[np.float32], deviation_px: float) -> NDArray[np.float32]:
    if deviation_px * _FINE < 0.3:  # less than a pixel's own width
        return patch
    return np.asarray(cv2.GaussianBlur(patch, (0, 0), deviation_px * _FINE), np.float32)


def _lit_from_one_side(patch: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    strength, angle = SIDE_LIGHT * rng.random(), rng.uniform(0, 2 * math.pi)
    along = np.linspace(-1, 1, len(patch), dtype=np.float32) * (len(patch) / (FACE_PX * _FINE))
    ramp = math.cos(angle) * along[None, :] + math.sin(angle) * along[:, None]
    return np.asarray(patch * (1 + strength * ramp), np.float32).clip(0, 255)


def _paste(
    patch: NDArray[np.float32], to_picture: NDArray[np.float64], picture: NDArray[np.uint8]
) -> None:
    """Blend the ringed face into an (H, W, 3) picture, in place."""
    height, width = picture.shape[:2]
    fine = to_picture[:, :2] / _FINE
    to_picture = np.hstack([fine, (to_picture @ (-_RING, -_RING, 1))[:, None]])
    side = float(len(patch))
    corners = apply_affine(to_picture, np.array([[0, 0], [side, 0], [0, side], [side, side]]))
    left, top = np.maximum(np.floor(corners.min(axis=0)).astype(int), 0)
    right, bottom = np.minimum(np.ceil(corners.max(axis=0)).astype(int), (width, height))
    to_picture[:, 2] -= (left, top)
    opaque = 1 - np.minimum(_outside_px(_FINE) / _RING, 1)
    layers = cv2.warpAffine(
        np.dstack([patch, opaque * opaque * (3 - 2 * opaque)]),  # fades gently
        from_centres(to_picture),
        (int(right - left), int(bottom - top)),
    )
    part = picture[top:bottom, left:right]
    part[:] = (part + layers[:, :, 1:] * (layers[:, :, :1] - part)).round()


def _cast(rng: np.random.Generator) -> NDArray[np.float64]:
    """Return (3,) factors of red, green and blue; grey keeps its luma."""
    factors = 1 + COLOUR_CAST * rng.uniform(-1, 1, 3)
    return np.asarray(factors / (factors @ LUMA), np.float64)


def _with_grain(picture: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    height, width = picture.shape[:2]
    tile = rng.standard_normal((_GRAIN_PX, _GRAIN_PX, 3), np.float32)
    levels = (NOISE_LEVELS * rng.random() * tile).round().astype(np.int16)
    times = (-(-height // _GRAIN_PX), -(-width // _GRAIN_PX), 1)
    grain = np.tile(levels, times)[:height, :width]
    return np.asarray(cv2.add(picture, grain, dtype=cv2.CV_8U), np.uint8)


def _encoded(picture: NDArray[np.uint8], quality: int | None) -> bytes:
    """Return an RGB picture as a file's bytes: JPEG of a quality, BMP where that is None."""
    kind = ".bmp" if quality is None else ".jpg"
    options = [] if quality is None else [cv2.IMWRITE_JPEG_QUALITY, quality]
    _, content = cv2.imencode(kind, picture[:, :, ::-1], options)
    return content.tobytes()
