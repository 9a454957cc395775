"""Windows onto a picture: what a detector is shown, and the way back to the picture's pixels.

A detector that scales its input to a small square sees neither a face that fills the picture to
its edge nor one that is small in it. Borders help the first, tiles the second.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ferstudio.types import Face


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a picture, perhaps resized and with a border.

    Attributes:
        image: (H, W, 3) uint8 RGB, contiguous.
        origin_xy_px: the window's top left corner in the picture; negative with a border.
        scale_xy: pixels of the window per pixel of the picture.
    """

    image: NDArray[np.uint8]
    origin_xy_px: tuple[float, float]
    scale_xy: tuple[float, float]

    def to_picture(self, points_xy: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
        """Return (N, 2) float32 points of the window in pixels of the picture."""
        return (points_xy / np.array(self.scale_xy) + np.array(self.origin_xy_px)).astype(
            np.float32
        )


def whole(
    image: NDArray[np.uint8], *, min_px: int, max_px: int, border_ratio: float = 0.0
) -> Window:
    """Return the window onto all of a picture.

    Args:
        image: (H, W, 3) uint8 RGB.
        min_px: a smaller long side is enlarged to this.
        max_px: a larger long side is reduced to this.
        border_ratio: width of the border on each side, continued from the picture's last pixels,
            as a share of the long side.
    """
    height, width = image.shape[:2]
    long_px = max(height, width)
    wanted_px = min(max(long_px, min_px), max_px)
    scale_x = scale_y = 1.0
    if wanted_px != long_px:
        size = tuple(max(1, round(side * wanted_px / long_px)) for side in (width, height))
        method = cv2.INTER_CUBIC if wanted_px > long_px else cv2.INTER_AREA
        image = np.asarray(cv2.resize(image, size, interpolation=method), np.uint8)
        scale_x, scale_y = size[0] / width, size[1] / height
    border_px = round(border_ratio * wanted_px)
    if border_px:
        sides = (border_px,) * 4
        image = np.asarray(cv2.copyMakeBorder(image, *sides, cv2.BORDER_REPLICATE), np.uint8)
    origin = (-border_px / scale_x, -border_px / scale_y)
    return Window(np.ascontiguousarray(image), origin, (scale_x, scale_y))


def tiles(image: NDArray[np.uint8], side_px: int) -> Iterator[Window]:
    """Yield square windows of `side_px` that overlap by at least half and cover the picture.

    So a face of up to half a tile lies whole in at least one of them.
    """
    height, width = image.shape[:2]
    for top in _starts(height, side_px):
        for left in _starts(width, side_px):
            part = image[top : top + side_px, left : left + side_px]
            yield Window(np.ascontiguousarray(part), (float(left), float(top)), (1.0, 1.0))


def same_face(one: Face, other: Face) -> bool:
    """Return whether two boxes belong to one face: each holds the other's centre."""
    return _holds_centre(one, other) and _holds_centre(other, one)


def box_area_px(face: Face) -> float:
    """Return the area of the face's box in square pixels."""
    left, top, right, bottom = face.box_xyxy_px
    return (right - left) * (bottom - top)


def _starts(length_px: int, side_px: int) -> list[int]:
    steps = max(0, -(-(length_px - side_px) * 2 // side_px))
    last = max(0, length_px - side_px)
    return [round(last * step / max(1, steps)) for step in range(steps + 1)]


def _holds_centre(outer: Face, inner: Face) -> bool:
    left, top, right, bottom = inner.box_xyxy_px
    x, y = (left + right) / 2, (top + bottom) / 2
    box = outer.box_xyxy_px
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]
