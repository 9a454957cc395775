"""The papers' masks."""

import numpy as np
import pytest
from numpy.typing import NDArray

from ferstudio.occlusion import bars, occluder
from ferstudio.regions import region_masks
from tests.occlusion.crops import noise_crop

SIZES = (32, 48, 64, 99, 256)


def mask_of(name: str, size_px: int, amount: float, seed: int = 0) -> NDArray[np.bool_]:
    crop = noise_crop("unknown", size_px)
    return occluder(name).occlude(crop, amount, np.random.default_rng(seed)).mask


@pytest.mark.parametrize("size_px", SIZES)
@pytest.mark.parametrize("name", ["upper", "middle", "lower"])
def test_band_is_a_third_at_amount_one(name: str, size_px: int) -> None:
    mask = mask_of(name, size_px, 1)
    rows = mask.all(axis=1)
    assert mask.sum() == rows.sum() * size_px, "a band spans the whole width"
    assert abs(rows.sum() - size_px / 3) <= 0.5
    assert abs(mask_of(name, size_px, 0.5).mean() - 1 / 6) <= 0.5 / size_px


@pytest.mark.parametrize(
    ("name", "top_share"), [("upper", 0.0), ("middle", 1 / 3), ("lower", 2 / 3)]
)
def test_bands_lie_where_their_names_say(name: str, top_share: float) -> None:
    rows = np.flatnonzero(mask_of(name, 96, 1).all(axis=1))
    np.testing.assert_array_equal(rows, np.arange(32) + round(96 * top_share))


def test_three_bands_tile_the_picture() -> None:
    total = sum(mask_of(name, 96, 1).astype(int) for name in ("upper", "middle", "lower"))
    np.testing.assert_array_equal(total, 1)


@pytest.mark.parametrize(
    "name", ["upper", "middle", "lower", "left", "right", "random", "blocks", "grid"]
)
def test_covered_pixels_are_black(name: str) -> None:
    result = occluder(name).occlude(noise_crop(), 0.8, np.random.default_rng(5))
    assert result.mask.any()
    assert not result.crop.image[result.mask].any()


def test_upper_hides_the_brows_and_lower_the_mouth() -> None:
    regions = region_masks(None, 96)
    upper, lower = mask_of("upper", 96, 1), mask_of("lower", 96, 1)
    for brow in ("left brow", "right brow"):
        assert upper[regions[brow]].mean() > 0.9
    assert lower[regions["mouth"]].mean() > 0.9
    assert not upper[regions["mouth"]].any()
    assert not lower[regions["left eye"]].any()


@pytest.mark.parametrize("size_px", SIZES)
def test_square_is_square_inside_and_of_the_stated_area(size_px: int) -> None:
    side_tolerance = 1 / size_px
    for seed in range(40):
        mask = mask_of("random", size_px, 1, seed)
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        assert len(rows) == len(columns)
        assert mask.sum() == len(rows) * len(columns)
        assert 1 / 3 - side_tolerance <= len(rows) / size_px <= np.sqrt(1 / 3) + side_tolerance


def test_square_reaches_every_corner_of_the_picture() -> None:
    hit = np.zeros((32, 32), dtype=bool)
    for seed in range(300):
        hit |= mask_of("random", 32, 1, seed)
    assert hit[2:-2, 2:-2].all()
    assert hit.mean() > 0.98


def test_amount_scales_the_squares_area() -> None:
    full, half = (mask_of("random", 256, amount, seed=4).sum() for amount in (1, 0.5))
    assert half / full == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("size_px", [32, 48, 64, 256])
def test_left_and_right_are_the_halves_of_the_picture(size_px: int) -> None:
    left, right = mask_of("left", size_px, 1), mask_of("right", size_px, 1)
    assert left[:, : size_px // 2].all()
    assert not left[:, size_px // 2 :].any()
    np.testing.assert_array_equal(right, ~left)
    quarter = mask_of("left", size_px, 0.5)
    np.testing.assert_array_equal(quarter.all(axis=0), np.arange(size_px) < size_px // 4)


def test_left_of_the_picture_is_the_right_side_of_the_person() -> None:
    regions = region_masks(None, 96)
    left = mask_of("left", 96, 1)
    assert left[regions["right eye"]].all()
    assert not left[regions["left eye"]].any()
    assert "left half of the picture" in occluder("left").summary
    assert "right side of the person" in occluder("left").summary


def test_blocks_are_several_squares_of_the_stated_area() -> None:
    for seed in range(20):
        mask = mask_of("blocks", 120, 1, seed)
        low, high = (share * bars.BLOCKS * 120**2 for share in bars.BLOCK_SHARE)
        assert mask.sum() <= 1.05 * high
        assert mask.sum() >= low / bars.BLOCKS
    rows_differ = len({tuple(row) for row in mask_of("blocks", 240, 0.3, 1)})
    assert rows_differ > 4, "more than one square"


@pytest.mark.parametrize("size_px", [48, 99, 200])
@pytest.mark.parametrize("amount", [0.1, 0.5, 1.0])
def test_grid_is_of_equal_squares_in_equal_distances(size_px: int, amount: float) -> None:
    mask = mask_of("grid", size_px, amount, seed=3)
    columns, rows = mask.any(axis=0), mask.any(axis=1)
    np.testing.assert_array_equal(mask, rows[:, None] & columns[None, :])
    sides = []
    for line in (columns, rows):
        padded = np.concatenate([[False], line, [False]]).astype(int)
        starts = np.flatnonzero(np.diff(padded) == 1)
        ends = np.flatnonzero(np.diff(padded) == -1)
        whole = (starts > 0) & (ends < size_px)
        assert len(starts) >= bars.GRID_UNITS
        assert (np.diff(starts[whole]) == round(size_px / bars.GRID_UNITS)).all()
        sides.extend((ends - starts)[whole].tolist())
    assert len(set(sides)) == 1


@pytest.mark.parametrize("amount", [0.25, 0.5, 1.0])
def test_grid_covers_in_proportion_to_the_amount(amount: float) -> None:
    dropped = (1 - bars.GRID_KEEP) ** 2
    assert mask_of("grid", 500, amount).mean() == pytest.approx(dropped * amount, abs=0.01)


def test_seed_shifts_the_grid() -> None:
    assert len({mask_of("grid", 64, 0.5, seed).tobytes() for seed in range(10)}) > 5


def test_the_mean_over_masks_needs_all_four_and_nothing_else() -> None:
    by_cover = dict(zip(bars.MASKS, (0.8, 0.7, 0.6, 0.5), strict=True))
    assert bars.mean_over_masks(by_cover | {"hand": 0.1}) == pytest.approx(0.65)
    del by_cover["lower"]
    assert bars.mean_over_masks(by_cover) is None
