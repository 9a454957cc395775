"""What a person painted over the face, or brought as a picture with transparency."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ferstudio.errors import ImageError, UnknownNameError, UsageError
from ferstudio.occlusion.occluder import Group, Kind, Need, Occluder, Overlay
from ferstudio.picture_files import opened_picture, upright_pixels
from ferstudio.pixel_order import ranks
from ferstudio.types import FaceCrop

PAINTED, STICKER = "painted", "sticker"
"""Names of the two layers that a person can have."""

OWN = {
    kind.name: kind
    for kind in (
        Kind(
            name=PAINTED,
            title="Paint",
            summary="What you paint over the face; a smaller amount leaves its core.",
            noun="The paint",
            group=Group.OWN,
            needs=Need.LAYER,
        ),
        Kind(
            name=STICKER,
            title="Sticker",
            summary="Your own PNG or WebP picture with a transparent background, laid over "
            "the face; a smaller amount leaves its core.",
            noun="The sticker",
            group=Group.OWN,
            needs=Need.LAYER,
        ),
    )
}
"""What a person can make or bring, by name: each needs its `Layer`."""


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
        layer = upright_pixels(image, _rgba)
    alpha = layer[:, :, 3]
    if alpha.min() == 255:
        raise opaque
    if not alpha.any():
        raise ImageError("The picture is transparent everywhere; choose one that shows something.")
    return layer


def read_painting(data: bytes) -> NDArray[np.uint8] | None:
    """Return what was painted as (H, W, 4) uint8 RGBA, or None where nothing was.

    Args:
        data: content of a picture file; it may be opaque everywhere.

    Raises:
        ImageError: if it can't be read as a picture.
    """
    with opened_picture(data) as image:
        painting = upright_pixels(image, _rgba)
    return painting if painting[:, :, 3].any() else None


def _rgba(image: Image.Image) -> Image.Image:
    return image.convert("RGBA")


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """Something of a person's own to lay over the face; equal to itself only.

    Attributes:
        name: what it is, a key of `OWN`.
        pixels: (H, W, 4) uint8 RGBA, alpha not premultiplied. A square one is brought to the
            crop's size, any other one fitted into its middle.
    """

    name: str
    pixels: NDArray[np.uint8]

    def __post_init__(self) -> None:
        """Refuse what can't be laid over a face."""
        if self.name not in OWN:
            raise UnknownNameError("layer", self.name, list(OWN))
        shape = self.pixels.shape
        if len(shape) != 3 or shape[2] != 4 or not self.pixels.size:
            raise UsageError(f"A layer needs the shape (H, W, 4), not {shape}.")
        if self.pixels.dtype != np.uint8:
            raise UsageError(f"A layer needs uint8 pixels, not {self.pixels.dtype}.")


def layer_occluder(layer: Layer) -> Occluder:
    """Return the occluder that lays `layer` over a face.

    At amount 1 it covers the face wherever it isn't wholly transparent; below, that share of these
    pixels: those farthest from the layer's edge first, so that it grows from its core.
    """

    def draw(crop: FaceCrop, amount: float, rng: np.random.Generator) -> Overlay:  # noqa: ARG001
        return _core(_fitted(layer.pixels, crop.size), amount)

    return OWN[layer.name].drawn_by(draw)


def _core(overlay: Overlay, amount: float) -> Overlay:
    """Return the innermost `amount` in (0, 1] of what an overlay covers."""
    covered = overlay.opacity > 0
    framed = np.pad(covered, 1).astype(np.uint8)  # the crop's own edge is an edge, too
    depth = cv2.distanceTransform(framed, cv2.DIST_L2, cv2.DIST_MASK_PRECISE).astype(np.float32)
    kept = ranks(depth[1:-1, 1:-1], len(covered)) < np.ceil(amount * covered.sum())
    return Overlay(overlay.colour, np.where(kept, overlay.opacity, np.float32(0)))


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
