"""Where faces come to lie: random similarity maps, one for each face of a batch."""

import math

import torch
from torch import Tensor

from training.recipes.settings import Augmentation, FiveCrops, Jitter, Turns

CORNERS = ((0.0, 0.0), (-1.0, -1.0), (1.0, -1.0), (-1.0, 1.0), (1.0, 1.0))
"""Where the five crops lie: the centre, then the corners."""


def compose(outer: Tensor, inner: Tensor) -> Tensor:
    """Return the (N, 2, 3) affine maps that apply `inner` first and then `outer`."""
    linear = outer[:, :, :2] @ inner[:, :, :2]
    shift = outer[:, :, :2] @ inner[:, :, 2:] + outer[:, :, 2:]
    return torch.cat([linear, shift], dim=2)


def random_maps(count: int, augmentation: Augmentation, generator: torch.Generator) -> Tensor:
    """Return (count, 2, 3) random similarity maps of the unit square, about its centre.

    They lead from the changed crop to the unchanged one, as `sample_faces` wants them.
    """

    def uniform(low: float, high: float) -> Tensor:
        values = torch.rand(count, generator=generator, device=generator.device)
        return low + (high - low) * values

    def one_of(choices: tuple[float, ...]) -> Tensor:
        rows = torch.randint(len(choices), (count,), generator=generator, device=generator.device)
        return torch.tensor(choices, device=generator.device)[rows]

    angle = log_zoom = torch.zeros(count, device=generator.device)
    shift = torch.zeros(count, 2, device=generator.device)
    match augmentation.geometry:
        case Jitter() as jitter:
            angle = uniform(-1, 1) * math.radians(jitter.rotation_deg)
            low, high = (math.log(value) for value in jitter.scale)
            log_zoom = uniform(low, high)
            mirrored = uniform(0, 1) < jitter.flip_share
            shift = torch.stack([uniform(-1, 1), uniform(-1, 1)], dim=1) * jitter.shift_share
        case Turns() as turns:
            angle = one_of(turns.angles_deg).deg2rad()
            mirrored = uniform(0, 1) < turns.flip_share
        case FiveCrops() as crops:
            corner = torch.randint(5, (count,), generator=generator, device=generator.device)
            signs = torch.tensor(CORNERS, device=generator.device)[corner]  # (count, 2)
            shift = signs * crops.shift_share
            mirrored = uniform(0, 1) < 0.5
    return _similarities(angle, log_zoom.exp(), mirrored, shift)


def _similarities(angle: Tensor, zoom: Tensor, mirrored: Tensor, shift: Tensor) -> Tensor:
    """Return (N, 2, 3) maps that mirror, zoom out, turn about the centre, then shift."""
    mirror = torch.where(mirrored, -1.0, 1.0)
    cos, sin = torch.cos(angle) / zoom, torch.sin(angle) / zoom
    rows = [torch.stack([cos * mirror, -sin], 1), torch.stack([sin * mirror, cos], 1)]
    linear = torch.stack(rows, dim=1)  # (N, 2, 2)
    centre = linear.new_tensor([0.5, 0.5])
    offset = centre + shift - linear @ centre
    return torch.cat([linear, offset.unsqueeze(2)], dim=2)
