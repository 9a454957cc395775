"""Random changes of whole batches."""

import dataclasses

import numpy as np
import pytest
import torch
from torch import Tensor

from ferstudio.preprocess import sample_faces
from tests.training.augment.generators import generator
from training.augment.batch import augmented_faces
from training.augment.occlusion import OverlayBank
from training.data.batches import DeviceFaces
from training.data.table import FaceTable
from training.recipes.settings import AS_THEY_ARE, UNLIT, Augmentation, FiveCrops, Occlusion

IDENTITY = torch.eye(2, 3).unsqueeze(0)


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
