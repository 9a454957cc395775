"""The papers' masks."""

import numpy as np
import pytest
from numpy.typing import NDArray

from ferstudio.occlusion import occluder
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


@pytest.mark.parametrize("name", ["upper", "middle", "lower", "random"])
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
