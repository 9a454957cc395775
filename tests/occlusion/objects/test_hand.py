"""A hand covers the mouth from one side, leaves the eyes free and is anchored to the mouth."""

import numpy as np
import pytest

from ferstudio.occlusion import occluder
from ferstudio.regions import anchor_points, landmarks_or_mean, region_masks
from ferstudio.types import FaceCrop
from tests.occlusion.crops import POSES, noise_crop, worn

every_pose = pytest.mark.parametrize("pose", POSES)
FROM_LEFT, FROM_RIGHT = 1, 0
"""Seeds of hands that reach in from either side of the picture."""


@every_pose
@pytest.mark.parametrize("amount", [0.7, 1.0])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_mouth_is_covered_and_the_eyes_are_not(pose: str, amount: float, seed: int) -> None:
    result = worn("hand", pose, amount, seed=seed)
    regions = region_masks(result.crop.landmarks_xy_px, result.crop.size)
    assert result.mask[regions["mouth"]].all()
    for part in ("left eye", "right eye", "left brow", "right brow"):
        assert not result.mask[regions[part]].any()


@pytest.mark.parametrize(("seed", "near"), [(FROM_LEFT, 0), (FROM_RIGHT, -1)])
def test_it_reaches_in_from_one_side(seed: int, near: int) -> None:
    beginning, half_way = (worn("hand", "frontal", amount, seed=seed).mask for amount in (0.1, 0.3))
    assert beginning[:, near].any()
    assert not beginning[:, -1 - near].any()
    mouth = region_masks(noise_crop("frontal", 64).landmarks_xy_px, 64)["mouth"]
    assert 0.2 < half_way[mouth].mean() < 0.8


@every_pose
def test_creases_part_the_fingers(pose: str) -> None:
    """Down through the mouth, the bare fingers are bright and the three lines between them dark."""
    crop = noise_crop(pose, 192)
    overlay = occluder("hand").draw(crop, 0.85, np.random.default_rng(FROM_LEFT))
    x = int(anchor_points(landmarks_or_mean(crop.landmarks_xy_px, 192))[2, 0])
    level = overlay.colour[:, x].mean(axis=1)[overlay.opacity[:, x] == 1]
    dark = level < 0.8 * np.median(level)
    assert (np.diff(dark.astype(int)) == 1).sum() >= 3


def test_the_thumb_comes_out_as_the_hand_covers_more() -> None:
    above = {}
    for amount in (0.3, 0.7, 1.0):
        mask = worn("hand", "frontal", amount, size_px=96, seed=FROM_LEFT).mask
        above[amount] = int(mask[:62, :40].sum())
    assert above[0.3] == 0
    assert above[0.3] <= above[0.7] < above[1.0]


def test_it_turns_with_the_head() -> None:
    """The rolled hand is the frontal one turned about the picture's middle, where both see it."""
    size_px, angle = 96, np.deg2rad(25)
    frontal, rolled = (
        worn("hand", pose, 1, size_px=size_px, seed=FROM_LEFT).mask
        for pose in ("frontal", "rolled")
    )
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    y, x = np.mgrid[:size_px, :size_px] + 0.5
    points = np.stack([x, y], axis=-1) - size_px / 2
    moved = np.floor(points @ turn.T + size_px / 2).astype(int)
    seen = ((moved >= 0) & (moved < size_px)).all(axis=-1)
    there = rolled[moved[seen][:, 1], moved[seen][:, 0]]
    assert (there == frontal[seen]).mean() > 0.98


def test_it_grows_with_the_face() -> None:
    crop = noise_crop("frontal", 96)
    landmarks = landmarks_or_mean(crop.landmarks_xy_px, 96)
    mouth = anchor_points(landmarks)[2].astype(np.float32)
    small = FaceCrop(crop.image, mouth + 0.5 * (landmarks - mouth), crop.to_source)
    heights = []
    for picture in (crop, small):
        mask = occluder("hand").occlude(picture, 1, np.random.default_rng(FROM_LEFT)).mask
        heights.append(int(mask[: int(mouth[1]), int(mouth[0])].sum()))
    assert heights[1] == pytest.approx(0.5 * heights[0], abs=2)


def test_skin_is_reddish_in_colour_and_grey_on_a_grey_picture() -> None:
    mouth = region_masks(None, 64)["mouth"]
    red, green, blue = worn("hand", "unknown", 0.7).crop.image[mouth].mean(axis=0)
    assert red > green > blue
    grey = worn("hand", "unknown", 0.7, grey=True)
    assert not np.ptp(grey.crop.image[grey.mask], axis=1).any()


def test_seeds_give_both_sides_and_several_skins() -> None:
    results = [worn("hand", "frontal", 0.5, size_px=32, seed=seed) for seed in range(12)]
    assert {bool(result.mask[:, 0].any()) for result in results} == {False, True}
    levels = [result.crop.image[result.mask].mean() for result in results]
    assert max(levels) > 1.5 * min(levels)
