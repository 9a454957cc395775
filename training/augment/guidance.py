"""`ferstudio.guidance` for batches of aligned training faces."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ferstudio.guidance import guidance_mask, guided
from ferstudio.preprocess import apply_affine, invert_affine, sample_faces
from ferstudio.regions import mean_face
from training.data.table import FACE_PX, FaceTable
from training.recipes.settings import Guidance

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
        landmarks = mean_face() if found is None else found / np.float32(FACE_PX)
        in_crop = apply_affine(invert_affine(to_source[row]), landmarks)
        mask[:] = guidance_mask(in_crop * np.float32(size_px), size_px)
    return masks


def guide(
    crops: Tensor,
    masks: Tensor,
    jitter: Tensor,
    guidance: Guidance,
    generator: torch.Generator,
) -> Tensor:
    """Return the crops, a random `guidance.share` of them guided.

    Args:
        crops: (N, C, S, S) float in [0, 1], faces after their random maps.
        masks: (N, M, M) bool masks of the faces before them.
        jitter: (N, 2, 3) those maps, from the changed crop to the unchanged one.
        guidance: share and weight.
        generator: source of all randomness, on the device of the crops.

    Returns:
        (N, C, S, S) float in [0, 1 + alpha].
    """
    drawn = torch.rand(len(crops), generator=generator, device=generator.device)
    chosen = drawn < guidance.share  # (N,)
    moved = sample_faces(masks.unsqueeze(1).float(), jitter, crops.shape[-1]) > 0.5
    return torch.where(chosen.view(-1, 1, 1, 1), guided(crops, moved, alpha=guidance.alpha), crops)
