"""Made pictures without anybody in them, to paste faces into: soft light, soft shapes, soft noise.

They are drawn at a quarter of their size and enlarged: what lies behind a person is out of focus.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

_REDUCED = 4  # times smaller than the picture that is drawn
_MOST_SHAPES = 8
_CELLS = (4, 14)  # of the coarse noise along each side
_NOISE_LEVELS = 30.0  # largest standard deviation of the coarse noise


def draw_backdrop(width_px: int, height_px: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return (H, W, 3) uint8 RGB: a gradient with soft shapes and blurred noise, drawn by `rng`."""
    size = (-(-width_px // _REDUCED), -(-height_px // _REDUCED))
    small = _gradient(size, rng)
    _draw_shapes(small, rng)
    blur_px = rng.uniform(0.01, 0.06) * max(size)
    small = np.asarray(cv2.GaussianBlur(small, (0, 0), max(0.5, blur_px)), np.float32)
    small += _coarse_noise(size, rng)
    soft = np.asarray(small.clip(0, 255), np.uint8)
    return np.asarray(cv2.resize(soft, (width_px, height_px)), np.uint8)


def _gradient(size: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float32]:
    """Return (h, w, 3) float32 between the colours of four corners, greyish more often than not."""
    levels = rng.uniform(20, 235, (2, 2, 1))
    tints = rng.normal(0, 25, (2, 2, 3))
    corners = (levels + tints).astype(np.float32)
    return np.asarray(cv2.resize(corners, size, interpolation=cv2.INTER_LINEAR), np.float32)


def _draw_shapes(picture: NDArray[np.float32], rng: np.random.Generator) -> None:
    """Draw a few ellipses and leaning bars of one colour each into (h, w, 3) float32."""
    height, width = picture.shape[:2]
    for _ in range(int(rng.integers(2, _MOST_SHAPES + 1))):
        centre = rng.uniform((0, 0), (width, height))
        axes = rng.uniform(0.03, 0.35, 2) * max(width, height)
        angle_deg = rng.uniform(0, 180)
        colour = (rng.uniform(10, 245) + rng.normal(0, 30, 3)).tolist()
        box = (centre.tolist(), axes.tolist(), angle_deg)
        if rng.random() < 0.5:
            cv2.ellipse(picture, box, colour, cv2.FILLED)
        else:
            corners = cv2.boxPoints(box).round().astype(np.int32)
            cv2.fillConvexPoly(picture, corners, colour)


def _coarse_noise(size: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float32]:
    """Return (h, w, 1) float32 levels of noise that is as coarse as a few cells a side."""
    cells = rng.integers(*_CELLS, size=2)
    noise = rng.standard_normal((int(cells[0]), int(cells[1])), np.float32)
    noise *= np.float32(rng.uniform(0, _NOISE_LEVELS))
    wide = cv2.resize(noise, size, interpolation=cv2.INTER_CUBIC)
    return np.asarray(wide, np.float32)[:, :, None]
