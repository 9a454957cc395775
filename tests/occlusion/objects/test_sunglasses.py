"""Sunglasses sit on both eyes, whatever the pose, and nowhere else."""

import numpy as np
import pytest
from numpy.typing import NDArray

from ferstudio.occlusion import occluder
from ferstudio.regions import anchor_points, landmarks_or_mean, region_masks
from tests.occlusion.crops import POSES, noise_crop, worn

every_pose = pytest.mark.parametrize("pose", POSES)


def at(mask: NDArray[np.bool_], point_xy_px: NDArray[np.float64]) -> bool:
    x, y = point_xy_px.astype(int)
    return bool(mask[y, x])


@every_pose
@pytest.mark.parametrize("amount", [0.01, 0.3, 0.7, 1.0])
def test_eyes_are_covered_and_the_mouth_is_not(pose: str, amount: float) -> None:
    result = worn("sunglasses", pose, amount)
    landmarks = landmarks_or_mean(result.crop.landmarks_xy_px, result.crop.size)
    right_eye, left_eye, mouth = anchor_points(landmarks)
    assert at(result.mask, right_eye)
    assert at(result.mask, left_eye)
    assert not at(result.mask, mouth)
    assert not result.mask[region_masks(landmarks, result.crop.size)["mouth"]].any()


@every_pose
def test_the_default_amount_hides_the_whole_eyes(pose: str) -> None:
    result = worn("sunglasses", pose, 0.7)
    regions = region_masks(result.crop.landmarks_xy_px, result.crop.size)
    assert result.mask[regions["left eye"]].all()
    assert result.mask[regions["right eye"]].all()


def test_oversize_glasses_reach_the_brows() -> None:
    regions = region_masks(None, 64)
    brows = regions["left brow"] | regions["right brow"]
    small, large = (
        worn("sunglasses", "unknown", amount).mask[brows].mean() for amount in (0.02, 1.0)
    )
    assert small < 0.4
    assert large > 0.9


def test_lenses_are_opaque_and_dark() -> None:
    result = worn("sunglasses", "frontal", 0.7, size_px=128)
    eye = region_masks(result.crop.landmarks_xy_px, 128)["left eye"]
    assert result.crop.image[eye].mean() < 70
    bright = noise_crop("frontal", 128)
    overlay = occluder("sunglasses").draw(bright, 0.7, np.random.default_rng(7))
    assert (overlay.opacity[eye] == 1).all()


def test_the_lens_on_the_far_side_is_narrower() -> None:
    crop = noise_crop("turned", 128)
    mask = worn("sunglasses", "turned", 0.7, size_px=128).mask
    landmarks = landmarks_or_mean(crop.landmarks_xy_px, 128)
    row = int(anchor_points(landmarks)[0, 1])
    middle = int(landmarks[168, 0])
    far, near = mask[row + 4, :middle].sum(), mask[row + 4, middle:].sum()
    assert far < 0.6 * near


def test_left_and_right_are_alike_on_a_frontal_face() -> None:
    mask = worn("sunglasses", "frontal", 0.7, size_px=128).mask
    middle = float(landmarks_or_mean(None, 128)[168, 0])
    columns = np.flatnonzero(mask.any(axis=0))
    assert middle - columns[0] == pytest.approx(columns[-1] + 1 - middle, abs=5)


def test_they_are_grey_on_a_grey_picture() -> None:
    result = worn("sunglasses", "frontal", 0.7, grey=True)
    assert not np.ptp(result.crop.image[result.mask], axis=1).any()


@every_pose
def test_edges_are_smooth(pose: str) -> None:
    crop = noise_crop(pose, 64)
    opacity = occluder("sunglasses").draw(crop, 0.7, np.random.default_rng(7)).opacity
    partial = (opacity > 0.02) & (opacity < 0.98)
    assert partial.sum() > 40
