"""Worse pictures of the whole face: blur, motion, noise, darkness, few pixels and compression.

Nothing lies in front of the face here. The overlay is the degraded picture itself, opaque
everywhere, so for any amount above 0 the mask is the whole picture and the share is 1. What grows
with the amount is how far the picture departs from the clean one: at 0.3 an expression is plain,
at 1 all but gone.

All lengths are shares of the picture's side, so that a face looks the same at every size. Except
for darkness, these are corruptions of Hendrycks and Dietterich, "Benchmarking Neural Network
Robustness to Common Corruptions and Perturbations", ICLR 2019, whose ranges leave faces readable.
"""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from ferstudio.occlusion.occluder import Group, Need, Overlay, register_occluder
from ferstudio.types import FaceCrop

BLUR_SHARE = 0.1
"""Standard deviation of the blur at amount 1, as a share of the side."""

MOTION_SHARE = 0.7
"""Length of the motion at amount 1, as a share of the side."""

NOISE_SPREAD = (0.01, 0.5)
"""Standard deviation of the noise, in shares of white, as the amount goes from 0 to 1."""

GRAINS = 48
"""Grains of noise along the side: the pixels of FER2013's faces, so that they reach a network."""

DARK_STOPS = 12
"""How many times the exposure is halved at amount 1."""

READ_NOISE = 3.0
"""Standard deviation of the dark picture's noise at amount 1, in levels of 255."""

GAMMA = 2.2
"""Exponent between a picture's values and the light they stand for."""

CELLS = (64, 5)
"""Pixels along the side that are left as the amount goes from 0 to 1."""

JPEG_PX = (128, 32)
"""Side in pixels at which the picture is compressed, as the amount goes from 0 to 1."""

JPEG_QUALITY = (40, 3)
"""Quality, of 100, of the compression, as the amount goes from 0 to 1."""


@register_occluder(
    "blur",
    title="Blur",
    summary="Puts the picture out of focus.",
    noun="Blur",
    group=Group.QUALITY,
    needs=Need.PICTURE,
)
def draw_blur(
    crop: FaceCrop,
    amount: float,
    rng: np.random.Generator,  # noqa: ARG001 - a lens leaves nothing to chance
) -> Overlay:
    """Return the picture under a Gaussian blur."""
    sigma_px = BLUR_SHARE * crop.size * _severity(amount)
    blurred = cv2.GaussianBlur(crop.image, (0, 0), sigma_px, borderType=cv2.BORDER_REPLICATE)
    return _instead(blurred)


@register_occluder(
    "motion-blur",
    title="Motion",
    summary="Moves the camera while the picture is taken; the seed decides in which direction.",
    noun="Motion blur",
    group=Group.QUALITY,
    needs=Need.PICTURE,
)
def draw_motion_blur(crop: FaceCrop, amount: float, rng: np.random.Generator) -> Overlay:
    """Return the picture averaged along a straight line."""
    length_px = MOTION_SHARE * crop.size * _severity(amount)
    kernel = line_kernel(length_px, rng.random() * math.pi)
    return _instead(cv2.filter2D(crop.image, -1, kernel, borderType=cv2.BORDER_REPLICATE))


@register_occluder(
    "noise",
    title="Grain",
    summary="Adds the noise of a bad sensor; the seed decides where.",
    noun="Grain",
    group=Group.QUALITY,
    needs=Need.PICTURE,
)
def draw_noise(crop: FaceCrop, amount: float, rng: np.random.Generator) -> Overlay:
    """Return the picture with Gaussian noise, the same in all three colours."""
    levels = 255 * np.float32(_between(NOISE_SPREAD, amount))
    return _instead(_bytes(crop.image + levels * _grain(crop.size, rng)))


@register_occluder(
    "darkness",
    title="Dark",
    summary="Takes the light away, until the noise of the sensor is all there is.",
    noun="Darkness",
    group=Group.QUALITY,
    needs=Need.PICTURE,
)
def draw_darkness(crop: FaceCrop, amount: float, rng: np.random.Generator) -> Overlay:
    """Return the picture at a shorter exposure, with the noise of reading the sensor out."""
    severity = _severity(amount)
    gain = 0.5 ** (DARK_STOPS * severity / GAMMA)
    noise = READ_NOISE * severity * _grain(crop.size, rng)
    return _instead(_bytes(crop.image * np.float32(gain) + noise))


@register_occluder(
    "low-resolution",
    title="Low res",
    summary="Leaves a few large pixels, as of a face that is far away.",
    noun="Low resolution",
    group=Group.QUALITY,
    needs=Need.PICTURE,
)
def draw_low_resolution(
    crop: FaceCrop,
    amount: float,
    rng: np.random.Generator,  # noqa: ARG001 - averages leave nothing to chance
) -> Overlay:
    """Return the picture reduced by averaging, and enlarged so that its pixels show."""
    cells = min(round(_between(CELLS, amount)), crop.size)
    reduced = cv2.resize(crop.image, (cells, cells), interpolation=cv2.INTER_AREA)
    side = (crop.size, crop.size)
    return _instead(cv2.resize(reduced, side, interpolation=cv2.INTER_NEAREST_EXACT))


@register_occluder(
    "jpeg",
    title="JPEG",
    summary="Compresses the picture as a JPEG file: the stronger, the smaller and coarser.",
    noun="Compression",
    group=Group.QUALITY,
    needs=Need.PICTURE,
)
def draw_jpeg(
    crop: FaceCrop,
    amount: float,
    rng: np.random.Generator,  # noqa: ARG001 - compression leaves nothing to chance
) -> Overlay:
    """Return the picture out of a JPEG file, brought to a smaller side before.

    A block of JPEG always has eight pixels, so the side sets how much of the face a block is; at
    the lowest quality alone an expression can still be read.
    """
    blocks = round(_between(JPEG_PX, amount) / 8)
    small = _resized(crop.image, 8 * blocks)
    quality = round(_between(JPEG_QUALITY, amount))
    _, data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, quality])
    decoded = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    return _instead(_resized(decoded, crop.size))


def line_kernel(length_px: float, angle: float) -> NDArray[np.float64]:
    """Return the kernel that averages along a centred line: (K, K) float64, K odd, sum 1.

    Points in even steps of at most a quarter of a pixel are shared out to their four neighbours in
    proportion to nearness, so the kernel changes smoothly with length and angle.

    Args:
        length_px: length of the line.
        angle: its direction in radians, 0 along the picture's rows.
    """
    count = max(1, math.ceil(4 * length_px))
    along = ((np.arange(count) + 0.5) / count - 0.5) * length_px
    radius = math.ceil(length_px / 2) + 1
    x, y = radius + along * math.cos(angle), radius + along * math.sin(angle)
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    kernel = np.zeros((2 * radius + 1, 2 * radius + 1))
    for column in (left, left + 1):
        for row in (top, top + 1):
            nearness = (1 - np.abs(x - column)) * (1 - np.abs(y - row))
            np.add.at(kernel, (row, column), nearness / count)
    return kernel


def _severity(amount: float) -> float:
    """Return in [0, 1] how strong a length or a number of stops is: what is mild changes slowly."""
    return amount**1.5


def _between(ends: tuple[float, float], amount: float) -> float:
    """Return what lies `amount` of the way from one end to the other, in even ratios."""
    first, last = ends
    return first * (last / first) ** amount


def _grain(size_px: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return (S, S, 1) float32 noise of standard deviation 1, its grain a share of the side."""
    grains = rng.standard_normal((GRAINS, GRAINS), np.float32)
    shrinks = size_px < GRAINS
    method = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    field = np.asarray(cv2.resize(grains, (size_px, size_px), interpolation=method), np.float32)
    return (field / field.std())[:, :, None]


def _resized(image: NDArray[np.uint8], size_px: int) -> NDArray[np.uint8]:
    shrinks = size_px < image.shape[0]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, (size_px, size_px), interpolation=method), np.uint8)


def _bytes(levels: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.rint(np.clip(levels, 0, 255)).astype(np.uint8)


def _instead(picture: NDArray[np.generic]) -> Overlay:
    """Return the overlay that shows `picture` in place of what is under it."""
    opaque = np.ones(picture.shape[:2], dtype=np.float32)
    return Overlay(colour=np.asarray(picture, np.uint8), opacity=opaque)
