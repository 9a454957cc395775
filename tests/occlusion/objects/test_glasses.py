"""Glasses frame both eyes and let them through."""

import numpy as np
import pytest

from ferstudio.occlusion import Overlay, occluder
from ferstudio.regions import anchor_points, landmarks_or_mean, region_masks
from tests.occlusion.crops import POSES, noise_crop, worn

every_pose = pytest.mark.parametrize("pose", POSES)


def overlay(pose: str, amount: float, size_px: int = 64, seed: int = 7) -> Overlay:
    return occluder("glasses").draw(noise_crop(pose, size_px), amount, np.random.default_rng(seed))


@pytest.mark.parametrize("pose", ["frontal", "rolled", "unknown"])
@pytest.mark.parametrize("amount", [0.3, 0.7, 1.0])
def test_eyes_are_seen_through_the_lenses(pose: str, amount: float) -> None:
    regions = region_masks(noise_crop(pose, 128).landmarks_xy_px, 128)
    for seed in range(5):
        opacity = overlay(pose, amount, 128, seed).opacity
        for eye in ("left eye", "right eye"):
            assert 0 < opacity[regions[eye]].mean() < 0.35


@every_pose
@pytest.mark.parametrize("amount", [0.02, 0.7, 1.0])
def test_an_opaque_rim_runs_around_each_eye(pose: str, amount: float) -> None:
    opacity = overlay(pose, amount, 128).opacity
    landmarks = landmarks_or_mean(noise_crop(pose, 128).landmarks_xy_px, 128)
    for x, y in anchor_points(landmarks)[:2].astype(int):
        for ray in (opacity[y, x:], opacity[y, x::-1], opacity[y:, x], opacity[y::-1, x]):
            assert ray[:40].max() > 0.75


@every_pose
def test_mouth_and_tip_of_the_nose_stay_free(pose: str) -> None:
    result = worn("glasses", pose, 1)
    landmarks = landmarks_or_mean(result.crop.landmarks_xy_px, 64)
    assert not result.mask[region_masks(landmarks, 64)["mouth"]].any()
    x, y = landmarks[2].astype(int)
    assert not result.mask[y, x]


def test_frame_gets_larger_and_thicker() -> None:
    small, large = (overlay("frontal", amount, 128).opacity for amount in (0.02, 1.0))
    assert (large > 0).sum() > 1.8 * (small > 0).sum()
    middle = int(landmarks_or_mean(None, 128)[145, 0])
    rims = [(column[:, middle] > 0.6).sum() for column in (small, large)]
    assert rims[1] > rims[0] > 0


def test_frame_is_dark_and_the_reflection_bright() -> None:
    drawn = overlay("frontal", 0.7, 128)
    frame = drawn.opacity == 1
    lens = (drawn.opacity > 0) & (drawn.opacity < 0.3)
    assert drawn.colour[frame].mean() < 90
    assert drawn.colour[lens].mean() > 160


def test_they_are_grey_on_a_grey_picture() -> None:
    result = worn("glasses", "frontal", 0.7, grey=True)
    assert not np.ptp(result.crop.image[result.mask], axis=1).any()
