"""Random changes of whole batches of faces, on the device the faces are on."""

import math

import torch
from torch import Tensor

from ferstudio.preprocess import sample_faces
from training.augment.occlusion import OverlayBank, cover
from training.data.batches import DeviceFaces
from training.recipes.settings import (
    UNLIT,
    Augmentation,
    FiveCrops,
    Jitter,
    Light,
    Turns,
)

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


def random_light(faces: Tensor, light: Light, generator: torch.Generator) -> Tensor:
    """Return faces (N, C, S, S) in [0, 1] with random gamma, contrast and brightness each."""

    def spread(width: float) -> Tensor:
        values = torch.rand(len(faces), 1, 1, 1, generator=generator, device=generator.device)
        return (2 * values - 1) * width

    faces = faces.clamp(1e-4, 1) ** torch.exp(spread(light.gamma))
    mean = faces.mean(dim=(1, 2, 3), keepdim=True)
    faces = (faces - mean) * (1 + spread(light.contrast)) + mean
    return (faces + spread(light.brightness)).clamp(0, 1)


def augmented_faces(
    batch: DeviceFaces,
    size_px: int,
    augmentation: Augmentation,
    bank: OverlayBank | None,
    generator: torch.Generator,
) -> tuple[Tensor, Tensor]:
    """Return randomly changed crops of faces, and how each was moved.

    Args:
        batch: the faces, with their alignment.
        size_px: side of the crops.
        augmentation: how much is changed.
        bank: occluders' overlays, None for none.
        generator: source of all randomness, on the device of the faces.

    Returns:
        (N, 1, size, size) float in [0, 1], and the (N, 2, 3) maps from the changed crops to the
        aligned ones.
    """
    changes = batch.changes
    jitter = random_maps(len(batch), augmentation, generator)
    jitter = torch.where(changes.view(-1, 1, 1), jitter, torch.eye(2, 3, device=jitter.device))
    crops = sample_faces(batch.faces.float() / 255, compose(batch.to_source, jitter), size_px)
    if augmentation.light != UNLIT:
        lit = random_light(crops, augmentation.light, generator)
        crops = torch.where(changes.view(-1, 1, 1, 1), lit, crops)
    if bank is not None and augmentation.occlusion.share > 0:
        drawn = torch.rand(len(batch), generator=generator, device=generator.device)
        rows = (changes & (drawn < augmentation.occlusion.share)).nonzero().squeeze(1)
        if len(rows):
            overlays = sample_faces(bank.sample(len(rows), generator), jitter[rows], size_px)
            crops[rows] = cover(crops[rows], overlays)
    return crops, jitter
