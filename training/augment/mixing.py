"""Batches whose faces are mixed in pairs, and their targets with them.

- Zhang, Cisse, Dauphin and Lopez-Paz, "mixup: Beyond Empirical Risk Minimization", ICLR 2018:
  λ x_i + (1 − λ) x_j and λ y_i + (1 − λ) y_j with λ ~ Beta(α, α).
- Yun, Han, Oh, Chun, Choe and Yoo, "CutMix", ICCV 2019, Eqs. 1 and 2: a rectangle of x_j, of sides
  √(1 − λ) of the picture's about an evenly drawn point, is pasted into x_i; λ ~ U(0, 1). What lies
  outside the picture is cut off, and the targets follow the area that is left.

As in both papers' code, one weight and one rectangle serve a whole batch, and each face's partner
is a random one of its batch. Nothing waits for the device.
"""

import torch
from torch import Tensor

from training.recipes.settings import Mixing


def mix(
    crops: Tensor, targets: Tensor, mixing: Mixing, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Return a batch whose faces are mixed in pairs, or are as they were, as chance has it.

    Args:
        crops: (N, C, S, S) float.
        targets: (N, K) float distributions, or rows of zeros.
        mixing: how often and how much.
        generator: source of all randomness, on the device of the crops.

    Returns:
        Crops and targets of the same shapes; each target keeps its face's share of the picture.
    """
    if mixing.share == 0:
        return crops, targets
    chance = torch.rand(2, generator=generator, device=generator.device)
    pasted = pasted_area(crops.shape[-1], generator).to(crops.dtype)  # (S, S)
    blended = mixup_weight(mixing.alpha, generator).to(crops.dtype)
    other = torch.where(chance[1] < mixing.cutmix_share, pasted, blended)  # (S, S)
    other = torch.where(chance[0] < mixing.share, other, torch.zeros_like(other))
    partners = torch.randperm(len(crops), generator=generator, device=generator.device)
    share = other.mean().to(targets.dtype)
    return crops.lerp(crops[partners], other), targets.lerp(targets[partners], share)


def mixup_weight(alpha: float, generator: torch.Generator) -> Tensor:
    """Return a scalar of Beta(alpha, alpha): the partner's share in a blended picture."""
    concentration = torch.full((2,), alpha, device=generator.device)
    return torch._sample_dirichlet(concentration, generator=generator)[0]


def pasted_area(size_px: int, generator: torch.Generator) -> Tensor:
    """Return (S, S) float, 1 in cutmix's rectangle and 0 outside."""
    drawn = torch.rand(3, generator=generator, device=generator.device)
    half = drawn[0].sqrt() * size_px / 2  # half a side, from the area that is pasted
    place = torch.arange(size_px, device=generator.device) + 0.5
    columns, rows = (abs(place - drawn[axis] * size_px) < half for axis in (1, 2))
    return (rows[:, None] & columns).float()
