"""The masks of `ferstudio.guidance` for a table's aligned faces."""

import numpy as np
from numpy.typing import NDArray

from ferstudio.guidance import guidance_mask
from ferstudio.preprocess import apply_affine, invert_affine
from ferstudio.regions import mean_face
from training.data.table import FaceTable

MASK_PX = 64


def guidance_masks(
    table: FaceTable, to_source: NDArray[np.float32], size_px: int = MASK_PX
) -> NDArray[np.bool_]:
    """Return each face's mask M in its aligned crop, the mean face's where none was found.

    Args:
        table: the faces.
        to_source: (N, 2, 3) maps from the unit crop to the unit picture.
        size_px: side of the masks.

    Returns:
        (N, S, S) bool, True on brows, eyes and mouth.
    """
    masks = np.empty((len(table), size_px, size_px), np.bool_)
    for row, mask in enumerate(masks):
        found = table.landmarks(row)
        landmarks = mean_face() if found is None else found / np.float32(table.side_px)
        in_crop = apply_affine(invert_affine(to_source[row]), landmarks)
        mask[:] = guidance_mask(in_crop * np.float32(size_px), size_px)
    return masks
