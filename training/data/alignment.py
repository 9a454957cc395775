"""Where the faces of a table lie when they are aligned, as the studio aligns them."""

import numpy as np
from numpy.typing import NDArray

from ferstudio.preprocess import apply_affine, framing_transform, invert_affine
from training.data.table import FaceTable


def alignment_maps(
    table: FaceTable, *, align: bool = True, margin_ratio: float = 0.0
) -> NDArray[np.float32]:
    """Return (N, 2, 3) float32 maps from the unit crop to the unit picture, for `sample_faces`.

    Faces without landmarks keep their frame: it is FER2013's own.
    """
    grow = 1 + 2 * margin_ratio
    frame = np.array([[grow, 0, -margin_ratio], [0, grow, -margin_ratio]], np.float64)
    maps = np.broadcast_to(frame, (len(table), 2, 3)).astype(np.float32).copy()
    if align:
        for row in np.flatnonzero(table.found()):
            landmarks = table.landmarks(int(row))
            assert landmarks is not None
            forward = framing_transform(landmarks / table.side_px, 1, margin_ratio)
            maps[row] = invert_affine(forward)
    return maps


def aligned_landmarks(
    table: FaceTable, row: int, size_px: int, margin_ratio: float = 0.0
) -> NDArray[np.float32] | None:
    """Return a face's (478, 2) landmarks in pixels of its aligned crop, None where not found."""
    landmarks = table.landmarks(row)
    if landmarks is None:
        return None
    return apply_affine(framing_transform(landmarks, size_px, margin_ratio), landmarks)
