"""Guidance masks move with the face, and darken the asked share of faces."""

import pytest
import torch

from ferstudio.preprocess import sample_faces
from training.augment.batch import augmented_faces
from training.augment.geometry import random_maps
from training.augment.guidance import guide
from training.data.alignment import alignment_maps
from training.data.batches import training_faces, validation_faces
from training.data.guidance_masks import guidance_masks
from training.data.table import FaceTable
from training.recipes import get_recipe
from training.recipes.settings import AS_THEY_ARE, STILL, Augmentation, Guidance, Jitter

CPU = torch.device("cpu")
RECIPE = get_recipe("resnet18.ferplus").changed(augmentation=AS_THEY_ARE)


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def test_the_mask_keeps_the_face_and_darkens_the_rest() -> None:
    crops, mask = torch.full((1, 1, 8, 8), 0.8), torch.zeros(1, 8, 8, dtype=torch.bool)
    mask[:, 2:4] = True
    shown = guide(crops, mask, torch.eye(2, 3).unsqueeze(0), Guidance(share=1.0), generator())
    torch.testing.assert_close(shown[0, 0, 2:4], torch.full((2, 8), 0.8 * 1.125))
    torch.testing.assert_close(shown[0, 0, 4:], torch.full((4, 8), 0.8 * 0.125))


def test_the_mask_moves_with_a_mirrored_and_turned_face(table: FaceTable) -> None:
    """A face that is white where its own mask is: guided, it is white there and black elsewhere."""
    always = Jitter(flip_share=1.0, rotation_deg=15, scale=(0.85, 1.2), shift_share=0.07)
    masks = torch.from_numpy(guidance_masks(table, alignment_maps(table)))
    masks[:, :, 32:] = False  # one side only, so that mirroring matters
    jitter = random_maps(len(table), Augmentation(always), generator())
    crops = (sample_faces(masks.unsqueeze(1).float(), jitter, 96) > 0.5).float()
    shown = guide(crops, masks, jitter, Guidance(share=1.0), generator())
    torch.testing.assert_close(shown, crops * 1.125)
    astray = guide(crops, masks.flip(2), jitter, Guidance(share=1.0), generator())
    assert not torch.allclose(astray, crops * 1.125)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_the_asked_share_of_faces_is_guided(share: float) -> None:
    crops = torch.ones(3000, 1, 4, 4)
    masks = torch.zeros(3000, 4, 4, dtype=torch.bool)
    jitter = torch.eye(2, 3).expand(3000, -1, -1)
    shown = guide(crops, masks, jitter, Guidance(share=share), generator())
    guided = shown[:, 0, 0, 0] != 1
    assert set(shown.unique().tolist()) <= {0.125, 1.0}
    assert guided.float().mean() == pytest.approx(share, abs=0.03 * (0 < share < 1))


def test_faces_are_guided_in_training_only(table: FaceTable) -> None:
    guided = RECIPE.changed(guidance=Guidance(share=1.0))
    assert training_faces(table, RECIPE, CPU).masks is None
    assert training_faces(table, guided, CPU).masks is not None
    assert validation_faces(table, guided, CPU).masks is None


def test_guidance_leaves_the_other_changes_as_they_are(table: FaceTable) -> None:
    faces = training_faces(table, RECIPE.changed(guidance=Guidance(share=0.5)), CPU)
    augmentation = Augmentation(geometry=STILL)
    crops, jitter = augmented_faces(faces, 48, augmentation, None, generator())
    assert faces.masks is not None
    shown = guide(crops, faces.masks, jitter, Guidance(share=0.5), generator())
    same = (shown == crops).flatten(1).all(dim=1)
    assert 0.2 < same.float().mean() < 0.8
