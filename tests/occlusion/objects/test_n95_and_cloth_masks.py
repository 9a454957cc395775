"""N95 and cloth masks share the surgical mask's pattern, each in its own cut."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ferstudio.occlusion import Occluded, occluder
from ferstudio.occlusion.objects.mask_pattern import Cut, cut_pattern, drape, edge_distance
from ferstudio.regions import anchor_points, landmarks_or_mean, region_masks
from ferstudio.types import FaceCrop
from tests.occlusion.crops import POSES, noise_crop

every_pose = pytest.mark.parametrize("pose", POSES)
both = pytest.mark.parametrize("name", ["n95-mask", "cloth-mask"])


def wear(name: str, crop: FaceCrop, amount: float, seed: int = 7) -> Occluded:
    return occluder(name).occlude(crop, amount, np.random.default_rng(seed))


def profile_crop() -> FaceCrop:
    """Return a head turned so far that its right ear is out of sight."""
    crop = noise_crop("turned", 128)
    landmarks = landmarks_or_mean(crop.landmarks_xy_px, 128).copy()
    right = landmarks[:, 0] < landmarks[168, 0]
    landmarks[right, 0] += 0.5 * (landmarks[168, 0] - landmarks[right, 0])
    return FaceCrop(crop.image, landmarks, crop.to_source)


@both
@every_pose
def test_it_rises_from_the_chin_over_the_mouth_to_the_nose_bridge(name: str, pose: str) -> None:
    crop = noise_crop(pose, 64)
    landmarks = landmarks_or_mean(crop.landmarks_xy_px, 64)
    below_lip, mouth, nose_tip, bridge = landmarks[[17, 13, 4, 6]].astype(int)
    covered = {}
    for amount in (0.02, 0.3, 0.7, 1.0):
        mask = wear(name, crop, amount).mask
        covered[amount] = [bool(mask[y, x]) for x, y in (below_lip, mouth, nose_tip, bridge)]
    assert covered[0.02] == [False, False, False, False]
    assert covered[0.3] == [True, True, False, False]
    assert covered[0.7] == [True, True, True, False]
    assert covered[1.0] == [True, True, True, True]


@both
@every_pose
def test_the_highest_hides_mouth_and_nostrils_and_leaves_the_eyes_free(
    name: str, pose: str
) -> None:
    crop = noise_crop(pose, 64)
    landmarks = landmarks_or_mean(crop.landmarks_xy_px, 64)
    regions = region_masks(landmarks, 64)
    mask = wear(name, crop, 1).mask
    assert mask[regions["mouth"]].all()
    for x, y in landmarks[[2, 98, 327, 195]].astype(int):
        assert mask[y, x]
    for x, y in anchor_points(landmarks)[:2].astype(int):
        assert not mask[y, x]
    assert mask[regions["left eye"] | regions["right eye"]].mean() < 0.2


@both
def test_low_on_a_profile_it_leaves_the_nose_free_before_its_tip(name: str) -> None:
    crop = profile_crop()
    x, y = landmarks_or_mean(crop.landmarks_xy_px, 128)[4].astype(int)
    mask = wear(name, crop, 0.3).mask
    assert not mask[: y + 1, : x + 1].any()
    assert wear(name, crop, 1).mask[y, : x + 1].any(), "the cloth stands before the nose"


@both
def test_straps_are_only_on_the_side_in_view(name: str) -> None:
    crop = profile_crop()
    middle = int(landmarks_or_mean(crop.landmarks_xy_px, 128)[168, 0])
    eyes_to_lips = slice(40, 70)
    mask = wear(name, crop, 0.02).mask[eyes_to_lips]
    assert mask[:, middle:].any()
    assert not mask[:, :middle].any()


def test_upper_straps_of_the_respirator_run_above_the_ears() -> None:
    landmarks = landmarks_or_mean(None, 128)
    masks = {
        name: wear(name, noise_crop("unknown", 128), 0.5).mask
        for name in ("n95-mask", "cloth-mask")
    }
    above_ears = int(landmarks[[127, 356], 1].mean()) - 2
    columns = np.flatnonzero(masks["n95-mask"][above_ears])
    assert columns.min() < landmarks[33, 0]
    assert columns.max() > landmarks[263, 0]
    assert not masks["cloth-mask"][above_ears].any()


def test_respirator_leaves_the_cheeks_free_that_the_cloth_mask_hides() -> None:
    landmarks = landmarks_or_mean(None, 128)
    row = int(landmarks[2, 1]) + 4
    widths = {}
    for name in ("n95-mask", "cloth-mask"):
        overlay = occluder(name).draw(noise_crop("unknown", 128), 0.7, np.random.default_rng(7))
        from_nose = overlay.opacity[row, int(landmarks[4, 0]) :]
        widths[name] = int(np.argmin(from_nose == 1))
    assert widths["n95-mask"] < 0.85 * widths["cloth-mask"]


def mouth_colour(name: str, seed: int, *, grey: bool = False) -> NDArray[np.float64]:
    result = wear(name, noise_crop("frontal", 64, grey=grey), 0.7, seed)
    return result.crop.image[region_masks(None, 64)["mouth"]].mean(axis=0)


def test_respirator_is_white_and_cotton_is_dyed() -> None:
    whites = np.array([mouth_colour("n95-mask", seed) for seed in range(8)])
    assert whites.min() > 170
    assert np.ptp(whites, axis=1).max() < 20
    dyes = np.array([mouth_colour("cloth-mask", seed) for seed in range(16)])
    assert dyes.max() < 170
    hues = {tuple(np.round(dye / dye.sum(), 1)) for dye in dyes}
    assert len(hues) >= 3


@both
def test_they_are_grey_on_a_grey_picture(name: str) -> None:
    crop = noise_crop("frontal", 64, grey=True)
    for seed in range(4):
        result = wear(name, crop, 0.7, seed)
        assert not np.ptp(result.crop.image[result.mask], axis=1).any()


def test_distance_to_the_edge_is_that_to_the_outline_and_the_upper_edge() -> None:
    pattern = cut_pattern(landmarks_or_mean(None, 96), Cut())
    cloth = drape(pattern, 0.6, 96)
    distance = edge_distance(pattern, cloth)
    ring = pattern.outline_px.astype(np.float32)
    for row in range(50, 94, 6):
        for column in range(6, 92, 5):
            point = (float(cloth.x[row, column]), float(cloth.y[row, column]))
            to_ring = cv2.pointPolygonTest(ring, point, True)
            expected = min(to_ring, float(cloth.below_top_px[row, column]))
            if expected > 0:
                assert distance[row, column] == pytest.approx(expected, abs=0.01 * 96)
            else:
                assert distance[row, column] < 0.01 * 96
