"""A surgical mask hides mouth and nose, follows the jaw and leaves the eyes free."""

import numpy as np
import pytest

from ferstudio.occlusion import occluder
from ferstudio.regions import anchor_points, landmarks_or_mean, region_masks
from ferstudio.types import FaceCrop
from tests.occlusion.crops import POSES, noise_crop, worn

every_pose = pytest.mark.parametrize("pose", POSES)


@every_pose
@pytest.mark.parametrize("amount", [0.5, 0.7, 1.0])
def test_mouth_is_covered_and_the_eyes_are_not(pose: str, amount: float) -> None:
    result = worn("surgical-mask", pose, amount)
    landmarks = landmarks_or_mean(result.crop.landmarks_xy_px, result.crop.size)
    regions = region_masks(landmarks, result.crop.size)
    assert result.mask[regions["mouth"]].all()
    for x, y in anchor_points(landmarks)[:2].astype(int):
        assert not result.mask[y, x]
    assert result.mask[regions["left eye"] | regions["right eye"]].mean() < 0.2


@every_pose
def test_it_rises_from_the_chin_over_the_mouth_to_the_nose_bridge(pose: str) -> None:
    landmarks = landmarks_or_mean(noise_crop(pose, 64).landmarks_xy_px, 64)
    below_lip, mouth, nose_tip, bridge = landmarks[[17, 13, 4, 6]].astype(int)
    covered = {}
    for amount in (0.02, 0.3, 0.7, 1.0):
        mask = worn("surgical-mask", pose, amount).mask
        covered[amount] = [bool(mask[y, x]) for x, y in (below_lip, mouth, nose_tip, bridge)]
    assert covered[0.02] == [False, False, False, False]
    assert covered[0.3] == [True, True, False, False]
    assert covered[0.7] == [True, True, True, False]
    assert covered[1.0] == [True, True, True, True]


def test_cloth_follows_the_jaw() -> None:
    result = worn("surgical-mask", "frontal", 0.7, size_px=128)
    landmarks = landmarks_or_mean(result.crop.landmarks_xy_px, 128)
    for index in (136, 150, 149, 379, 378, 365):
        x, y = landmarks[index].astype(int)
        assert result.mask[y, x], "the jaw lies under the cloth"
    below_jaw = result.mask[int(landmarks[58, 1]) :, : int(landmarks[58, 0]) - 10]
    assert not below_jaw.any(), "beside the jaw the picture stays free"


def test_far_ear_of_a_turned_head_has_no_loops() -> None:
    profile = noise_crop("turned", 128)
    landmarks = landmarks_or_mean(profile.landmarks_xy_px, 128).copy()
    right = landmarks[:, 0] < landmarks[168, 0]
    landmarks[right, 0] += 0.5 * (landmarks[168, 0] - landmarks[right, 0])
    crop = FaceCrop(profile.image, landmarks, profile.to_source)
    mask = occluder("surgical-mask").occlude(crop, 0.02, np.random.default_rng(0)).mask
    above_corner = int(landmarks[93, 1]) - 3
    assert mask[:above_corner, int(landmarks[168, 0]) :].any()
    assert not mask[: int(landmarks[197, 1]), : int(landmarks[168, 0])].any()


def test_cloth_is_pale_blue_in_colour_and_grey_on_a_grey_picture() -> None:
    mouth = region_masks(None, 64)["mouth"]
    red, green, blue = worn("surgical-mask", "frontal", 0.7).crop.image[mouth].mean(axis=0)
    assert red < green < blue
    assert blue > 120
    grey = worn("surgical-mask", "frontal", 0.7, grey=True)
    assert not np.ptp(grey.crop.image[grey.mask], axis=1).any()


def test_cloth_is_dimmer_in_a_dark_picture() -> None:
    crop = noise_crop("frontal", 64)
    dark = FaceCrop((crop.image // 4).astype(np.uint8), crop.landmarks_xy_px, crop.to_source)
    levels = [
        occluder("surgical-mask").draw(picture, 0.7, np.random.default_rng(7)).colour.mean()
        for picture in (dark, crop)
    ]
    assert levels[0] < 0.8 * levels[1]
