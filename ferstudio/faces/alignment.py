"""From a face in a picture to a crop in the framing of FER2013, the networks' training images."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ferstudio.faces.conditions import no_face
from ferstudio.preprocess import apply_affine, framing_transform, invert_affine, warp
from ferstudio.types import Face, FaceCrop

CROP_PX = 256
"""Side of the studio's crops: more than any network's input, small enough to draw."""

BOX_SCALE = 1.07
"""Side of FER2013's framing per side of a Haar box.

Median over the 40 of 48 photographs in which both the Haar cascade and the face mesh find the face
(5th to 95th percentile: 0.96 to 1.24); over 273 faces of FER2013 itself it is 1.09.
"""

BOX_SHIFT_DOWN = 0.025
"""How far the framing's centre lies below a Haar box's, in sides of the box; measured likewise
(-0.02 to 0.07). Sideways it is 0.01, which is left out."""


def align_face(
    image: NDArray[np.uint8],
    face: Face | None,
    size_px: int = CROP_PX,
    margin_ratio: float = 0.0,
) -> FaceCrop:
    """Return the face cut out in FER2013's framing.

    With landmarks the eyes and the mouth are brought to `preprocess.FRAMING_XY`, upright. A box
    alone gives an unturned square that matches that framing on average. None gives the centred
    square of the picture.

    Args:
        image: (H, W, 3) uint8 RGB, the picture in which the face was found.
        face: the face, or None where none was found.
        size_px: side of the crop in pixels.
        margin_ratio: extra picture on each side, as a share of the side; the centred square has
            none.
    """
    if face is None:
        return centred_square(image, size_px)
    if face.landmarks_xy_px is None:
        crop = _cut(image, _box_transform(face, size_px, margin_ratio), size_px)
    else:
        to_crop = framing_transform(face.landmarks_xy_px, size_px, margin_ratio)
        crop = _cut(image, to_crop, size_px, apply_affine(to_crop, face.landmarks_xy_px))
    return replace(crop, notes=face.notes)


def centred_square(image: NDArray[np.uint8], size_px: int = CROP_PX) -> FaceCrop:
    """Return the largest centred square of an (H, W, 3) uint8 RGB picture, without landmarks."""
    height, width = image.shape[:2]
    to_crop = _square_transform((width / 2, height / 2), min(height, width), size_px)
    return replace(_cut(image, to_crop, size_px), notes=(no_face(),), shows_face=False)


def _box_transform(face: Face, size_px: int, margin_ratio: float) -> NDArray[np.float64]:
    left, top, right, bottom = face.box_xyxy_px
    box_px = max(right - left, bottom - top)
    centre = ((left + right) / 2, (top + bottom) / 2 + BOX_SHIFT_DOWN * box_px)
    side_px = BOX_SCALE * box_px * (1 + 2 * margin_ratio)
    return _square_transform(centre, side_px, size_px)


def _square_transform(
    centre_xy_px: tuple[float, float], side_px: float, size_px: int
) -> NDArray[np.float64]:
    scale = size_px / side_px
    x, y = centre_xy_px
    return np.array([[scale, 0.0, size_px / 2 - scale * x], [0.0, scale, size_px / 2 - scale * y]])


def _cut(
    image: NDArray[np.uint8],
    to_crop: NDArray[np.float64],
    size_px: int,
    landmarks_xy_px: NDArray[np.float32] | None = None,
) -> FaceCrop:
    return FaceCrop(warp(image, to_crop, size_px), landmarks_xy_px, invert_affine(to_crop))
