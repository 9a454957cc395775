"""A microphone comes from below, hides the mouth and never the eyes."""

import numpy as np
import pytest

from ferstudio.occlusion import occluder
from ferstudio.regions import anchor_points, landmarks_or_mean, region_masks
from tests.occlusion.crops import POSES, noise_crop, worn

every_pose = pytest.mark.parametrize("pose", POSES)
SEEDS = range(6)


@every_pose
@pytest.mark.parametrize("amount", [0.05, 0.5, 1.0])
def test_eyes_are_never_covered(pose: str, amount: float) -> None:
    regions = region_masks(noise_crop(pose, 64).landmarks_xy_px, 64)
    eyes = regions["left eye"] | regions["right eye"]
    for seed in SEEDS:
        assert not worn("microphone", pose, amount, seed=seed).mask[eyes].any()


@every_pose
def test_mouth_is_covered_from_below_as_it_grows(pose: str) -> None:
    landmarks = landmarks_or_mean(noise_crop(pose, 64).landmarks_xy_px, 64)
    x, y = anchor_points(landmarks)[2].astype(int)
    mouth = region_masks(landmarks, 64)["mouth"]
    for seed in SEEDS:
        hidden = [
            worn("microphone", pose, amount, seed=seed).mask[mouth].mean()
            for amount in (0.02, 0.5, 1.0)
        ]
        assert hidden[0] < hidden[1] <= hidden[2]
        assert hidden[2] > 0.9
        assert worn("microphone", pose, 0.5, seed=seed).mask[y, x]


@every_pose
@pytest.mark.parametrize("amount", [0.05, 0.5, 1.0])
def test_handle_reaches_the_lower_edge_and_nothing_else_does(pose: str, amount: float) -> None:
    for seed in SEEDS:
        mask = worn("microphone", pose, amount, seed=seed).mask
        assert mask[-1].any()
        assert not mask[0].any()


def test_it_leans_to_either_side_by_seed() -> None:
    middle = float(landmarks_or_mean(None, 128)[4, 0])
    ends = [
        float(
            np.flatnonzero(
                worn("microphone", "unknown", 0.1, seed=seed, size_px=128).mask[-1]
            ).mean()
        )
        - middle
        for seed in range(12)
    ]
    assert min(ends) < -2
    assert max(ends) > 2


def test_head_is_wider_than_the_handle() -> None:
    mask = worn("microphone", "unknown", 0.5, size_px=128).mask
    widths = mask.sum(axis=1)
    assert widths.max() > 1.5 * widths[-1] > 0


def test_it_is_grey_on_a_grey_picture() -> None:
    crop = noise_crop("frontal", 64, grey=True)
    result = occluder("microphone").occlude(crop, 0.7, np.random.default_rng(7))
    assert not np.ptp(result.crop.image[result.mask], axis=1).any()
