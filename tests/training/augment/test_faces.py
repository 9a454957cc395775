import dataclasses

import numpy as np
import pytest
import torch
from torch import Tensor

from ferstudio.preprocess import sample_faces
from training.augment.batch import augmented_faces
from training.augment.geometry import compose, random_maps
from training.augment.light import random_light
from training.augment.occlusion import OverlayBank
from training.data.batches import DeviceFaces
from training.data.table import FaceTable
from training.recipes.settings import (
    AS_THEY_ARE,
    STILL,
    UNLIT,
    Augmentation,
    FiveCrops,
    Jitter,
    Light,
    Occlusion,
    Turns,
)

IDENTITY = torch.eye(2, 3).unsqueeze(0)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def batch(faces: Tensor, changes: Tensor | None = None) -> DeviceFaces:
    """Faces (N, 1, 48, 48) uint8 in their own frame."""
    count = len(faces)
    return DeviceFaces(
        faces=faces,
        to_source=IDENTITY.expand(count, -1, -1),
        targets=torch.ones(count, 1),
        changes=torch.ones(count, dtype=torch.bool) if changes is None else changes,
    )


@pytest.fixture
def faces(table: FaceTable) -> Tensor:
    return torch.from_numpy(table.images).unsqueeze(1)


def test_without_any_change_faces_pass_unchanged(faces: Tensor) -> None:
    crops, jitter = augmented_faces(batch(faces), 48, AS_THEY_ARE, None, generator())
    torch.testing.assert_close(crops, faces / 255, atol=1e-5, rtol=0)
    torch.testing.assert_close(jitter, IDENTITY.expand(len(faces), -1, -1))


def test_compose_applies_the_inner_map_first() -> None:
    grow = torch.tensor([[[2.0, 0, 0], [0, 2, 0]]])
    move = torch.tensor([[[1.0, 0, 0.5], [0, 1, 0.25]]])
    point = torch.tensor([0.1, 0.2, 1.0])
    assert torch.allclose((compose(grow, move) @ point)[0], torch.tensor([1.2, 0.9]))
    assert torch.allclose((compose(move, grow) @ point)[0], torch.tensor([0.7, 0.65]))


def test_jitter_stays_within_its_limits_and_keeps_shapes() -> None:
    limits = Jitter(rotation_deg=20, scale=(0.8, 1.25), shift_share=0.1, flip_share=0.5)
    maps = random_maps(4000, Augmentation(limits), generator())
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
    face = torch.rand(1, 1, 48, 48)
    always = dataclasses.replace(STILL, flip_share=1.0)
    mirrored = sample_faces(face, random_maps(1, Augmentation(always), generator()), 48)
    torch.testing.assert_close(mirrored, face.flip(3), atol=1e-5, rtol=0)


def test_five_crops_are_the_ten_of_a_larger_picture() -> None:
    """Each crop is cut by hand out of a 256-px picture whose middle is the face's framing."""
    picture = torch.rand(1, 1, 256, 256)
    corners = [(16, 16), (0, 0), (32, 0), (0, 32), (32, 32)]  # (x, y) of the top left pixel
    wanted = [picture[:, :, y : y + 224, x : x + 224] for x, y in corners]
    wanted += [crop.flip(3) for crop in wanted]
    framing = torch.tensor([[[224 / 256, 0, 16 / 256], [0, 224 / 256, 16 / 256]]])
    five = Augmentation(FiveCrops(picture_px=256, crop_px=224))
    maps = random_maps(500, five, generator())
    kinds, counts = torch.unique(maps, dim=0, return_counts=True)
    assert len(kinds) == 10
    assert counts.min() > 25
    found = set()
    for kind in kinds:
        crop = sample_faces(picture, compose(framing, kind.unsqueeze(0)), 224)
        errors = [float((crop - other).abs().max()) for other in wanted]
        assert min(errors) < 1e-3
        found.add(errors.index(min(errors)))
    assert found == set(range(10))


def test_turns_are_the_given_angles_mirrored_or_not() -> None:
    turns = Turns(angles_deg=(-10, -5, 0, 5, 10), flip_share=0.5)
    maps = random_maps(3000, Augmentation(turns), generator())
    linear = maps[:, :, :2]
    torch.testing.assert_close(linear.det().abs(), torch.ones(3000))
    angle = torch.atan2(-linear[:, 0, 1], linear[:, 1, 1]).rad2deg()
    steps, counts = torch.unique(angle.round(decimals=3), return_counts=True)
    torch.testing.assert_close(steps, torch.tensor([-10.0, -5, 0, 5, 10]))
    assert counts.min() > 500
    assert 0.45 < (linear.det() < 0).float().mean() < 0.55
    centre = maps @ torch.tensor([0.5, 0.5, 1.0])
    torch.testing.assert_close(centre, torch.full((3000, 2), 0.5))


def test_light_stays_in_range_and_differs_between_faces() -> None:
    lit = random_light(torch.full((50, 1, 4, 4), 0.5), Light(), generator())
    assert 0 <= lit.min() and lit.max() <= 1
    assert lit[:, 0, 0, 0].unique().numel() > 40


def test_same_seed_same_faces(table: FaceTable, faces: Tensor) -> None:
    mix = Augmentation(occlusion=Occlusion(share=0.5))
    bank = OverlayBank(table, mix.occlusion, seed=1, count=30)
    crops = [augmented_faces(batch(faces), 64, mix, bank, generator(s))[0] for s in (3, 3, 4)]
    assert torch.equal(crops[0], crops[1])
    assert not torch.equal(crops[0], crops[2])


def test_the_asked_share_of_faces_is_covered(table: FaceTable) -> None:
    half = dataclasses.replace(AS_THEY_ARE, occlusion=Occlusion(share=0.5))
    bank = OverlayBank(table, half.occlusion, seed=1, count=60)
    faces = torch.full((2000, 1, 48, 48), 111, dtype=torch.uint8)
    crops, _ = augmented_faces(batch(faces), 32, half, bank, generator())
    changed = ((crops - 111 / 255).abs() > 0.02).flatten(1).any(dim=1).float().mean()
    assert 0.42 < changed < 0.56  # a little below one half: a grey bar may match the face


def test_only_faces_that_are_to_change_do(table: FaceTable, faces: Tensor) -> None:
    every = Augmentation(occlusion=Occlusion(share=1.0))
    bank = OverlayBank(table, every.occlusion, seed=1, count=30)
    changes = torch.arange(len(faces)) % 3 == 0
    crops, jitter = augmented_faces(batch(faces, changes), 48, every, bank, generator())
    plain = (crops - faces / 255).abs().flatten(1).max(dim=1).values < 1e-5
    assert torch.equal(plain, ~changes)
    assert torch.equal((jitter == IDENTITY).all(dim=2).all(dim=1), ~changes)


def test_light_is_left_alone_where_no_change_is_wanted(faces: Tensor) -> None:
    moved = Augmentation(geometry=FiveCrops(), light=UNLIT)
    crops, jitter = augmented_faces(batch(faces), 48, moved, None, generator())
    torch.testing.assert_close(crops, sample_faces(faces / 255, jitter, 48))


def test_a_batch_in_which_nobody_is_covered(table: FaceTable) -> None:
    rare = Augmentation(occlusion=Occlusion(share=1e-9))
    bank = OverlayBank(table, rare.occlusion, seed=1, count=10)
    faces = torch.from_numpy(table.images[:4]).unsqueeze(1)
    covered, _ = augmented_faces(batch(faces), 32, rare, bank, generator())
    bare, _ = augmented_faces(batch(faces), 32, rare, None, generator())
    assert torch.equal(covered, bare)


def test_bank_follows_the_frequencies(table: FaceTable) -> None:
    only_upper = Occlusion(share=1.0, occluders=(("upper", 1.0),), amount=(1.0, 1.0))
    overlays = OverlayBank(table, only_upper, seed=0, count=20).sample(40, generator())
    opacity = overlays[:, 1].mean(dim=(0, 2)).numpy()
    assert (opacity[:20] == 1).all() and (opacity[23:] == 0).all()
    assert np.unique(overlays[:, 0, 0, 0].numpy()).size > 3  # black, and flat greys
