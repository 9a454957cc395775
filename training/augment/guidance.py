"""`ferstudio.guidance` for batches of aligned training faces."""

import torch
from torch import Tensor

from ferstudio.guidance import guided
from ferstudio.preprocess import sample_faces
from training.recipes.settings import Guidance


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
