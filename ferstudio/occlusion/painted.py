"""What a person painted over the face, or brought as a picture with transparency."""

import cv2
import numpy as np
from numpy.typing import NDArray

from ferstudio.errors import ImageError, UsageError
from ferstudio.occlusion.occluder import Occluded, Overlay, lay_over
from ferstudio.picture_files import opened_picture, reduced
from ferstudio.types import FaceCrop


def read_layer(data: bytes) -> NDArray[np.uint8]:
    """Return a picture file with transparency as (H, W, 4) uint8 RGBA, upright, bounded in size.

    Args:
        data: the file's content.

    Raises:
        ImageError: if it can't be read as a picture, or is opaque or transparent everywhere.
    """
    opaque = ImageError(
        "The picture has no transparent part, so it would hide everything; "
        "choose a PNG or WebP picture with a transparent background."
    )
    with opened_picture(data) as image:
        if not image.has_transparency_data:
            raise opaque
        layer = np.array(reduced(image.convert("RGBA")), dtype=np.uint8)
    alpha = layer[:, :, 3]
    if alpha.min() == 255:
        raise opaque
    if not alpha.any():
        raise ImageError("The picture is transparent everywhere; choose one that shows something.")
    return layer


def paint(crop: FaceCrop, layer: NDArray[np.uint8]) -> Occluded:
    """Return `crop` under a layer, which covers it wherever it isn't wholly transparent.

    Args:
        crop: the face.
        layer: (H, W, 4) uint8 RGBA, alpha not premultiplied. A square one is brought to the crop's
            size, any other one fitted into its middle.

    Raises:
        UsageError: if the layer has another shape or type.
    """
    if layer.ndim != 3 or layer.shape[2] != 4 or not layer.size:
        raise UsageError(f"A painted layer needs the shape (H, W, 4), not {layer.shape}.")
    if layer.dtype != np.uint8:
        raise UsageError(f"A painted layer needs uint8 pixels, not {layer.dtype}.")
    return lay_over(crop, _fitted(layer, crop.size))


def painted_mask(crop: FaceCrop, mask: NDArray[np.bool_], colour: tuple[int, int, int]) -> Occluded:
    """Return `crop` under one flat colour wherever `mask` is True.

    Args:
        crop: the face.
        mask: (H, W) bool, brought to the crop as in `paint`.
        colour: red, green and blue in [0, 255].

    Raises:
        UsageError: if the mask isn't (H, W) bool or the colour out of its range.
    """
    if mask.ndim != 2 or mask.dtype != np.bool_:
        raise UsageError(f"A mask needs (H, W) bool, not {mask.shape} {mask.dtype}.")
    if len(colour) != 3 or not all(0 <= level <= 255 for level in colour):
        raise UsageError(f"A colour needs three levels from 0 to 255, not {colour}.")
    layer = np.zeros((*mask.shape, 4), dtype=np.uint8)
    layer[mask] = (*colour, 255)
    return paint(crop, layer)


def _fitted(layer: NDArray[np.uint8], size_px: int) -> Overlay:
    """Return a layer as the overlay of a crop.

    Colours are weighted by their opacity while pixels are averaged (Porter and Duff 1984), so that
    what colour a transparent pixel happens to have can't tint an edge.
    """
    height, width = layer.shape[:2]
    side = max(height, width)
    top, left = (side - height) // 2, (side - width) // 2
    square = np.zeros((side, side, 4), dtype=np.float32)
    square[top : top + height, left : left + width] = layer / np.float32(255)
    square[:, :, :3] *= square[:, :, 3:]
    method = cv2.INTER_AREA if side > size_px else cv2.INTER_LINEAR
    fitted = np.clip(cv2.resize(square, (size_px, size_px), interpolation=method), 0, 1)
    opacity = np.ascontiguousarray(fitted[:, :, 3])
    colour = fitted[:, :, :3] / np.where(opacity > 0, opacity, 1)[:, :, None]
    return Overlay(np.rint(colour * 255).clip(0, 255).astype(np.uint8), opacity)
