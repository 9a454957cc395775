"""A VR headset is an opaque dark box over both eyes that stands off the face."""

import numpy as np
import pytest

from ferstudio.occlusion import occluder
from ferstudio.regions import FACE_OVAL, anchor_points, landmarks_or_mean, region_masks
from tests.occlusion.crops import POSES, noise_crop, worn

every_pose = pytest.mark.parametrize("pose", POSES)


@every_pose
def test_both_eyes_are_opaquely_hidden_at_amount_one(pose: str) -> None:
    crop = noise_crop(pose, 64)
    opacity = occluder("vr-headset").draw(crop, 1, np.random.default_rng(7)).opacity
    regions = region_masks(crop.landmarks_xy_px, 64)
    for name in ("left eye", "right eye"):
        assert (opacity[regions[name]] == 1).all()
    for name in ("left brow", "right brow"):
        assert (opacity[regions[name]] > 0).mean() > 0.9


@every_pose
@pytest.mark.parametrize("amount", [0.02, 0.7, 1.0])
def test_mouth_and_chin_stay_free(pose: str, amount: float) -> None:
    result = worn("vr-headset", pose, amount)
    landmarks = landmarks_or_mean(result.crop.landmarks_xy_px, 64)
    assert not result.mask[region_masks(landmarks, 64)["mouth"]].any()
    x, y = landmarks[17].astype(int)
    assert not result.mask[y, x]


def test_it_grows_over_the_brows() -> None:
    brows = region_masks(None, 64)["left brow"] | region_masks(None, 64)["right brow"]
    small, large = (
        worn("vr-headset", "unknown", amount).mask[brows].mean() for amount in (0.02, 1.0)
    )
    assert small < 0.2
    assert large > 0.9


def test_straps_run_over_the_forehead_and_around_both_sides() -> None:
    mask = worn("vr-headset", "frontal", 0.02, size_px=128).mask
    landmarks = landmarks_or_mean(None, 128)
    assert mask[0].any(), "over the head"
    row = int(anchor_points(landmarks)[0, 1])
    assert mask[row, int(landmarks[127, 0]) + 1]
    assert mask[row, int(landmarks[356, 0]) - 1]


def test_on_a_turned_head_the_box_stands_out_where_the_face_looks() -> None:
    out = {}
    for pose in ("frontal", "turned"):
        mask = worn("vr-headset", pose, 1, size_px=128).mask
        landmarks = landmarks_or_mean(noise_crop(pose, 128).landmarks_xy_px, 128)
        below_straps = int(landmarks[5, 1]) - 8
        out[pose] = landmarks[list(FACE_OVAL), 0].min() - np.flatnonzero(mask[below_straps]).min()
    assert out["turned"] > out["frontal"] + 5
    assert out["turned"] > 0


def test_plastic_is_dark_with_a_highlight() -> None:
    result = worn("vr-headset", "frontal", 1, size_px=128)
    eye = region_masks(result.crop.landmarks_xy_px, 128)["left eye"]
    assert result.crop.image[eye].mean() < 90
    drawn = occluder("vr-headset").draw(noise_crop("frontal", 128), 1, np.random.default_rng(7))
    levels = drawn.colour[drawn.opacity == 1].mean(axis=1)
    assert np.percentile(levels, 99) > 1.8 * np.median(levels)


def test_it_is_grey_on_a_grey_picture() -> None:
    result = worn("vr-headset", "frontal", 0.7, grey=True)
    assert not np.ptp(result.crop.image[result.mask], axis=1).any()
