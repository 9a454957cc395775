"""Random maps of the unit square."""

import dataclasses

import torch

from ferstudio.preprocess import sample_faces
from tests.training.augment.generators import generator
from training.augment.geometry import compose, random_maps
from training.recipes.settings import STILL, Augmentation, FiveCrops, Jitter, Turns


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
