"""Parts of the face: where their masks lie, and a map's mass on them, counted pixel by pixel."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from ferstudio.explain.explainer import Heatmap
from ferstudio.explain.face_parts import ELSEWHERE, REGIONS, grown, part_masks, region_shares
from ferstudio.regions import FACE_OVAL, LEFT_EYE, RIGHT_EYE, mean_face, region_masks


def test_halves_are_the_persons_own() -> None:
    masks = part_masks(None, 96)
    assert masks["left half"][:, 60:].sum() > 0 == masks["left half"][:, :36].sum()
    assert masks["right half"][:, :36].sum() > 0 == masks["right half"][:, 60:].sum()
    mirrored = mean_face() * np.float32(96)
    mirrored[:, 0] = 96 - mirrored[:, 0]
    flipped = part_masks(mirrored, 96)
    for name in masks:
        differing = (flipped[name] ^ masks[name][:, ::-1]).sum()
        assert differing <= 0.06 * masks[name].sum() + 4, name
    whole = masks["left half"] | masks["right half"]
    assert not (masks["left half"] & masks["right half"]).any()
    assert 0.4 < masks["left half"].sum() / whole.sum() < 0.6


def test_a_turned_face_is_halved_along_its_own_midline() -> None:
    centre, angle = np.array([48.0, 48.0]), math.radians(40)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    points = ((mean_face() * 96 - centre) * 0.6 @ turn.T + centre).astype(np.float32)
    masks = part_masks(points, 96)
    for ring, half in ((LEFT_EYE, "left half"), (RIGHT_EYE, "right half")):
        for x, y in points[list(ring)]:
            assert masks[half][int(y), int(x)]


def test_cheeks_lie_beside_the_nose_and_hold_no_other_part() -> None:
    masks = part_masks(None, 96)
    for name in ("eyes", "nose", "mouth"):
        assert not (masks["cheeks"] & masks[name]).any()
    assert (masks["cheeks"] & masks["left half"]).sum() > 100
    assert (masks["cheeks"] & masks["right half"]).sum() > 100
    rows, columns = np.nonzero(masks["cheeks"])
    oval = mean_face()[list(FACE_OVAL)] * 96
    assert oval[:, 0].min() - 1 <= columns.min() and columns.max() <= oval[:, 0].max() + 1
    eyes, mouth = (np.nonzero(masks[name])[0] for name in ("eyes", "mouth"))
    assert eyes.mean() < rows.mean() < mouth.mean()


def test_a_margin_grows_what_carries_an_expression() -> None:
    tight, wide = part_masks(None, 96), part_masks(None, 96, margin_share=0.05)
    for name in ("brows", "eyes", "nose", "mouth"):
        assert not (tight[name] & ~wide[name]).any()
        assert wide[name].sum() > tight[name].sum()
    for name in ("left half", "right half"):
        np.testing.assert_array_equal(tight[name], wide[name])


def test_masks_grow_as_far_in_every_direction() -> None:
    point = np.zeros((50, 50), bool)
    point[25, 20] = True
    rows, columns = np.nonzero(grown(point, 0.08))
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (21, 29, 16, 24)
    np.testing.assert_array_equal(grown(point, 0.0), point)


def shares_by_name(
    values: NDArray[np.float32], landmarks: NDArray[np.float32] | None = None
) -> dict[str, float]:
    heatmap = Heatmap("map", values, (values.shape[0], values.shape[1]), (0.5, 0.7))
    regions = region_shares(heatmap, landmarks, 96)
    assert [region.name for region in regions] == [*REGIONS, ELSEWHERE]
    assert sum(region.area for region in regions) == pytest.approx(1)
    return {region.name: region.share for region in regions}


@pytest.mark.parametrize("part", REGIONS)
def test_a_map_on_one_part_of_the_face_has_all_its_mass_there(part: str) -> None:
    masks = region_masks(None, 96)
    first = masks[REGIONS["mouth"][0]]
    mask = np.logical_or.reduce([masks[name] for name in REGIONS[part]])
    if part != "mouth":
        mask &= ~first
    shares = shares_by_name(mask.astype(np.float32))
    assert shares[part] == pytest.approx(1, abs=0.02)
    assert sum(shares.values()) == pytest.approx(1)


def test_region_shares_are_mass_above_the_minimum_counted_pixel_by_pixel() -> None:
    values = np.random.default_rng(0).random((96, 96)).astype(np.float32)
    values = (values - values.min()) / (values.max() - values.min())
    mouth = region_masks(None, 96)["mouth"]
    inside = total = 0.0
    for i in range(96):
        for j in range(96):
            mass = float(values[i, j]) * 0.2
            total += mass
            inside += mass if mouth[i, j] else 0.0
    assert shares_by_name(values)["mouth"] == pytest.approx(inside / total, abs=1e-5)


def test_region_shares_follow_the_landmarks() -> None:
    low = region_masks(None, 96)["mouth"].astype(np.float32)
    moved = mean_face() * np.float32(96) - np.float32(30)
    assert shares_by_name(low)["mouth"] > 0.99
    assert shares_by_name(low, moved)["mouth"] < 0.1


def test_an_even_slope_gives_each_part_about_its_area() -> None:
    across = np.tile(np.linspace(0, 1, 96, dtype=np.float32), (96, 1))
    regions = region_shares(Heatmap("map", across, (96, 96), (0.0, 1.0)), None, 96)
    assert all(region.lift == pytest.approx(1, abs=0.1) for region in regions)
