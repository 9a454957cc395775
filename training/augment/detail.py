"""Random changes of how sharp and how clean pictures are.

The training faces have 48 px and are enlarged; photographs are reduced, so they are sharper, or
come from a camera that blurs or a file that was compressed. A network that has seen one sharpness
only reads the other worse.
"""

import torch
from torch import Tensor
from torch.nn import functional

from training.recipes.settings import Detail


def random_detail(faces: Tensor, detail: Detail, generator: torch.Generator) -> Tensor:
    """Return faces (N, C, S, S) in [0, 1], each blurred or sharpened and made noisy by chance.

    What a 3x3 mean takes away is the fine detail; the share of it that is added is drawn evenly
    from `detail.sharpness`, the noise's standard deviation from [0, `detail.noise`].
    """
    low, high = detail.sharpness
    drawn = torch.rand(2, len(faces), 1, 1, 1, generator=generator, device=generator.device)
    smooth = functional.avg_pool2d(functional.pad(faces, (1, 1, 1, 1), mode="replicate"), 3, 1)
    faces = faces + (low + (high - low) * drawn[0]) * (faces - smooth)
    if detail.noise > 0:
        grain = torch.randn(faces.shape, generator=generator, device=generator.device)
        faces = faces + detail.noise * drawn[1] * grain
    return faces.clamp(0, 1)
