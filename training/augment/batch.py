"""Random changes of whole batches of faces, on the device the faces are on."""

import torch
from torch import Tensor

from ferstudio.preprocess import sample_faces
from training.augment.detail import random_detail
from training.augment.geometry import compose, random_maps
from training.augment.light import random_light
from training.augment.occlusion import OverlayBank, cover
from training.data.batches import DeviceFaces
from training.recipes.settings import AS_SHARP, UNLIT, Augmentation


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
    if augmentation.detail != AS_SHARP:
        changed = random_detail(crops, augmentation.detail, generator)
        crops = torch.where(changes.view(-1, 1, 1, 1), changed, crops)
    return crops, jitter
