"""A fringe hides brows and then eyes, in locks that hang from the scalp; the mouth stays free."""

import numpy as np
import pytest

from ferstudio.occlusion import occluder
from ferstudio.regions import landmarks_or_mean, region_masks
from tests.occlusion.crops import POSES, noise_crop, worn

every_pose = pytest.mark.parametrize("pose", POSES)
BROWS, EYES = ("left brow", "right brow"), ("left eye", "right eye")


@every_pose
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_brows_and_then_eyes_are_covered_and_never_the_mouth(pose: str, seed: int) -> None:
    regions = region_masks(noise_crop(pose, 64).landmarks_xy_px, 64)
    beginning, default, full = (
        worn("hair", pose, amount, seed=seed).mask for amount in (0.2, 0.7, 1)
    )
    for brow in BROWS:
        assert not beginning[regions[brow]].any()
        assert default[regions[brow]].all()
    for eye in EYES:
        assert not beginning[regions[eye]].any()
        assert full[regions[eye]].all()
    assert not full[regions["mouth"]].any()


@every_pose
def test_it_hangs_from_above_the_forehead(pose: str) -> None:
    crop = noise_crop(pose, 64)
    landmarks = landmarks_or_mean(crop.landmarks_xy_px, 64)
    x, y = landmarks[10].astype(int)
    mask = worn("hair", pose, 0.3).mask
    assert mask[y, x]
    nose_x, nose_y = landmarks[4].astype(int)
    assert not mask[nose_y, nose_x]


def test_lower_edge_is_made_of_many_tips() -> None:
    mask = worn("hair", "frontal", 0.7, size_px=192).mask
    ends = np.array([column.nonzero()[0].max() for column in mask.T if column.any()])
    steps = np.sign(np.diff(ends))
    steps = steps[steps != 0]
    assert (np.diff(steps) == -2).sum() >= 10, "tips: places where the edge turns from fall to rise"
    assert np.ptp(ends) > 0.05 * 192


def test_locks_differ_in_brightness() -> None:
    crop = noise_crop("frontal", 192)
    colour = occluder("hair").draw(crop, 0.7, np.random.default_rng(7)).colour.astype(float)
    row = colour[50, 60:130].mean(axis=1)
    assert row.std() > 0.05 * row.mean()


def test_far_side_of_a_turned_head_is_narrower() -> None:
    mask = worn("hair", "turned", 0.7, size_px=128).mask
    landmarks = landmarks_or_mean(noise_crop("turned", 128).landmarks_xy_px, 128)
    row, middle = int(landmarks[105, 1]), int(landmarks[168, 0])
    assert mask[row, :middle].sum() < 0.6 * mask[row, middle:].sum()


def test_it_is_grey_on_a_grey_picture() -> None:
    grey = worn("hair", "frontal", 0.7, grey=True)
    assert not np.ptp(grey.crop.image[grey.mask], axis=1).any()


def test_seeds_give_fair_and_dark_hair() -> None:
    overlays = [
        occluder("hair").draw(noise_crop("frontal", 32), 0.5, np.random.default_rng(seed))
        for seed in range(12)
    ]
    levels = [overlay.colour[overlay.opacity == 1].mean() for overlay in overlays]
    assert max(levels) > 2 * min(levels)
