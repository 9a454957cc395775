import dataclasses

import numpy as np
import torch

from ferstudio.preprocess import sample_faces
from training.augment import augmented_faces, compose, random_light, random_maps
from training.data import FaceTable
from training.occlude import OverlayBank
from training.recipes import Augmentation

STILL = Augmentation(
    flip_share=0, rotation_deg=0, scale=(1, 1), shift_share=0, contrast=0, brightness=0, gamma=0
)
IDENTITY = torch.eye(2, 3).unsqueeze(0)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_without_any_change_faces_pass_unchanged(table: FaceTable) -> None:
    faces = torch.from_numpy(table.images).unsqueeze(1)
    maps = IDENTITY.expand(len(table), -1, -1)
    crops = augmented_faces(faces, maps, 48, STILL, None, generator())
    torch.testing.assert_close(crops, (faces / 255).clamp_min(1e-4), atol=1e-4, rtol=0)


def test_compose_applies_the_inner_map_first() -> None:
    grow = torch.tensor([[[2.0, 0, 0], [0, 2, 0]]])
    move = torch.tensor([[[1.0, 0, 0.5], [0, 1, 0.25]]])
    point = torch.tensor([0.1, 0.2, 1.0])
    assert torch.allclose((compose(grow, move) @ point)[0], torch.tensor([1.2, 0.9]))
    assert torch.allclose((compose(move, grow) @ point)[0], torch.tensor([0.7, 0.65]))


def test_random_maps_stay_within_their_limits_and_keep_shapes() -> None:
    limits = Augmentation(rotation_deg=20, scale=(0.8, 1.25), shift_share=0.1, flip_share=0.5)
    maps = random_maps(4000, limits, generator())
    linear = maps[:, :, :2]
    scale = linear.det().abs().sqrt()
    assert 0.8 - 1e-5 <= scale.min() and scale.max() <= 1.25 + 1e-5
    turned = linear.transpose(1, 2) @ linear
    torch.testing.assert_close(turned, torch.eye(2) * scale.pow(2)[:, None, None])
    centre = maps @ torch.tensor([0.5, 0.5, 1.0])
    assert (centre - 0.5).abs().max() <= 0.1 + 1e-5
    mirrored = (linear.det() < 0).float().mean()
    assert 0.45 < mirrored < 0.55
    angle = torch.atan2(linear[:, 0, 1], linear[:, 1, 1]).rad2deg().abs()
    assert angle.max() <= 20 + 1e-3 and angle.max() > 18


def test_mirroring_mirrors_the_picture() -> None:
    faces = torch.rand(1, 1, 48, 48)
    always = Augmentation(flip_share=1, rotation_deg=0, scale=(1, 1), shift_share=0)
    mirrored = sample_faces(faces, random_maps(1, always, generator()), 48)
    torch.testing.assert_close(mirrored, faces.flip(3), atol=1e-5, rtol=0)


def test_light_stays_in_range_and_differs_between_faces() -> None:
    faces = torch.full((50, 1, 4, 4), 0.5)
    lit = random_light(faces, Augmentation(), generator())
    assert 0 <= lit.min() and lit.max() <= 1
    assert lit[:, 0, 0, 0].unique().numel() > 40


def test_same_seed_same_faces(table: FaceTable) -> None:
    faces = torch.from_numpy(table.images).unsqueeze(1)
    maps = IDENTITY.expand(len(table), -1, -1)
    mix = Augmentation(occluded_share=0.5)
    bank = OverlayBank(table, mix, seed=1, count=30)
    crops = [augmented_faces(faces, maps, 64, mix, bank, generator(s)) for s in (3, 3, 4)]
    assert torch.equal(crops[0], crops[1])
    assert not torch.equal(crops[0], crops[2])


def test_the_asked_share_of_faces_is_covered(table: FaceTable) -> None:
    still = dataclasses.replace(STILL, occluded_share=0.5)
    bank = OverlayBank(table, still, seed=1, count=60)
    faces = torch.full((2000, 1, 48, 48), 111, dtype=torch.uint8)
    crops = augmented_faces(faces, IDENTITY.expand(2000, -1, -1), 32, still, bank, generator())
    changed = ((crops - 111 / 255).abs() > 0.02).flatten(1).any(dim=1).float().mean()
    assert 0.42 < changed < 0.56  # a little below one half: a grey bar may match the face


def test_bank_follows_the_frequencies(table: FaceTable) -> None:
    only_upper = Augmentation(
        occluded_share=1.0, occluders=(("upper", 1.0),), occluder_amount=(1.0, 1.0)
    )
    overlays = OverlayBank(table, only_upper, seed=0, count=20).sample(40, generator())
    opacity = overlays[:, 1].mean(dim=(0, 2)).numpy()
    assert (opacity[:20] == 1).all() and (opacity[23:] == 0).all()
    assert np.unique(overlays[:, 0, 0, 0].numpy()).size > 3  # black, and flat greys
