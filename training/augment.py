"""Random changes of whole batches of faces, on the device the faces are on."""

import math

import torch
from torch import Tensor

from ferstudio.preprocess import sample_faces
from training.occlude import OverlayBank, cover
from training.recipes import Augmentation


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

    angle = uniform(-1, 1) * math.radians(augmentation.rotation_deg)
    low, high = (math.log(value) for value in augmentation.scale)
    shrink = torch.exp(-uniform(low, high))
    mirror = torch.where(uniform(0, 1) < augmentation.flip_share, -1.0, 1.0)
    cos, sin = torch.cos(angle) * shrink, torch.sin(angle) * shrink
    rows = [torch.stack([cos * mirror, -sin], 1), torch.stack([sin * mirror, cos], 1)]
    linear = torch.stack(rows, dim=1)  # (count, 2, 2)
    centre = linear.new_tensor([0.5, 0.5])
    shift = torch.stack([uniform(-1, 1), uniform(-1, 1)], dim=1) * augmentation.shift_share
    offset = centre + shift - linear @ centre
    return torch.cat([linear, offset.unsqueeze(2)], dim=2)


def random_light(faces: Tensor, augmentation: Augmentation, generator: torch.Generator) -> Tensor:
    """Return faces (N, C, S, S) in [0, 1] with random gamma, contrast and brightness each."""

    def spread(width: float) -> Tensor:
        values = torch.rand(len(faces), 1, 1, 1, generator=generator, device=generator.device)
        return (2 * values - 1) * width

    faces = faces.clamp(1e-4, 1) ** torch.exp(spread(augmentation.gamma))
    mean = faces.mean(dim=(1, 2, 3), keepdim=True)
    faces = (faces - mean) * (1 + spread(augmentation.contrast)) + mean
    return (faces + spread(augmentation.brightness)).clamp(0, 1)


def augmented_faces(
    faces: Tensor,
    to_source: Tensor,
    size_px: int,
    augmentation: Augmentation,
    bank: OverlayBank | None,
    generator: torch.Generator,
) -> Tensor:
    """Return randomly changed crops of faces.

    Args:
        faces: (N, 1, 48, 48) uint8 source pictures.
        to_source: (N, 2, 3) maps from the unit crop to the unit picture (alignment).
        size_px: side of the crops.
        augmentation: how much is changed.
        bank: occluders' overlays, None for none.
        generator: source of all randomness, on the device of the faces.

    Returns:
        (N, 1, size, size) float in [0, 1].
    """
    jitter = random_maps(len(faces), augmentation, generator)
    crops = sample_faces(faces.float() / 255, compose(to_source, jitter), size_px)
    crops = random_light(crops, augmentation, generator)
    if bank is None or augmentation.occluded_share == 0:
        return crops
    drawn = torch.rand(len(faces), generator=generator, device=generator.device)
    rows = (drawn < augmentation.occluded_share).nonzero().squeeze(1)
    overlays = sample_faces(bank.sample(len(rows), generator), jitter[rows], size_px)
    crops[rows] = cover(crops[rows], overlays)
    return crops
