"""A scarf lies across the whole picture and rises from the neck to under the eyes."""

import numpy as np
import pytest

from ferstudio.occlusion import occluder
from ferstudio.regions import anchor_points, landmarks_or_mean, region_masks
from tests.occlusion.crops import POSES, noise_crop, worn

every_pose = pytest.mark.parametrize("pose", POSES)
SEEDS = range(4)


@every_pose
@pytest.mark.parametrize("amount", [0.3, 0.7, 1.0])
def test_it_reaches_both_edges_of_the_picture(pose: str, amount: float) -> None:
    for seed in SEEDS:
        mask = worn("scarf", pose, amount, seed=seed).mask
        assert mask[:, 0].any()
        assert mask[:, -1].any()


@every_pose
def test_it_rises_from_below_the_chin_to_under_the_eyes(pose: str) -> None:
    landmarks = landmarks_or_mean(noise_crop(pose, 64).landmarks_xy_px, 64)
    below_lip, mouth, nose_tip, bridge = landmarks[[17, 13, 4, 168]].astype(int)
    covered = {}
    for amount in (0.02, 0.3, 0.7, 1.0):
        mask = worn("scarf", pose, amount).mask
        covered[amount] = [bool(mask[y, x]) for x, y in (below_lip, mouth, nose_tip, bridge)]
    assert covered[0.02] == [False, False, False, False]
    assert covered[0.3] == [True, False, False, False]
    assert covered[0.7] == [True, True, False, False]
    assert covered[1.0] == [True, True, True, False]


@every_pose
def test_eyes_stay_free(pose: str) -> None:
    landmarks = landmarks_or_mean(noise_crop(pose, 64).landmarks_xy_px, 64)
    regions = region_masks(landmarks, 64)
    for seed in SEEDS:
        mask = worn("scarf", pose, 1, seed=seed).mask
        for x, y in anchor_points(landmarks)[:2].astype(int):
            assert not mask[y, x]
        assert mask[regions["left eye"] | regions["right eye"]].mean() < 0.2


@pytest.mark.parametrize("pose", ["frontal", "turned"])
def test_everything_below_its_edge_is_wool(pose: str) -> None:
    mask = worn("scarf", pose, 0.7).mask
    assert (np.diff(mask.astype(int), axis=0) >= 0).all()
    assert mask[-1].all()


def test_it_has_folds_in_several_colours() -> None:
    drawn = [
        occluder("scarf").draw(noise_crop("frontal", 128), 1, np.random.default_rng(seed))
        for seed in range(12)
    ]
    means = {tuple(np.round(d.colour[d.opacity == 1].mean(axis=0) / 12)) for d in drawn}
    assert len(means) >= 3
    for d in drawn:
        down_the_middle = d.colour[72:, 60:68].mean(axis=(1, 2))
        assert np.ptp(down_the_middle) > 0.25 * down_the_middle.mean()


def test_it_is_grey_on_a_grey_picture() -> None:
    result = worn("scarf", "frontal", 0.7, grey=True)
    assert not np.ptp(result.crop.image[result.mask], axis=1).any()
