"""Random light: gamma, contrast and brightness, for each face of a batch."""

import torch
from torch import Tensor

from training.recipes.settings import Light


def random_light(faces: Tensor, light: Light, generator: torch.Generator) -> Tensor:
    """Return faces (N, C, S, S) in [0, 1] with random gamma, contrast and brightness each."""

    def spread(width: float) -> Tensor:
        values = torch.rand(len(faces), 1, 1, 1, generator=generator, device=generator.device)
        return (2 * values - 1) * width

    faces = faces.clamp(1e-4, 1) ** torch.exp(spread(light.gamma))
    mean = faces.mean(dim=(1, 2, 3), keepdim=True)
    faces = (faces - mean) * (1 + spread(light.contrast)) + mean
    return (faces + spread(light.brightness)).clamp(0, 1)
