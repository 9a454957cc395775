"""Patches, spots on the lens and gauze."""

import numpy as np
import pytest
from numpy.typing import NDArray

from ferstudio.occlusion import Overlay, occluder, textures
from ferstudio.types import FaceCrop
from tests.occlusion.crops import noise_crop

PATCHES = ("checks", "noise-patch")
TRANSLUCENT = ("blobs", "gauze")


def drawn(name: str, amount: float, size_px: int = 64, seed: int = 0) -> Overlay:
    crop = noise_crop("unknown", size_px)
    return occluder(name).draw(crop, amount, np.random.default_rng(seed))


def likeness(crop: FaceCrop, name: str, amount: float, seed: int) -> float:
    """Return the correlation of the covered pixels with what was there."""
    result = occluder(name).occlude(crop, amount, np.random.default_rng(seed))
    covered = result.crop.image[result.mask].astype(float).ravel()
    return float(np.corrcoef(covered, crop.image[result.mask].ravel())[0, 1])


@pytest.mark.parametrize("name", PATCHES)
def test_patch_is_an_opaque_square_of_the_stated_area(name: str) -> None:
    for seed in range(20):
        opacity = drawn(name, 1, seed=seed).opacity
        assert set(np.unique(opacity)) == {0, 1}
        rows, columns = np.flatnonzero(opacity.any(axis=1)), np.flatnonzero(opacity.any(axis=0))
        assert len(rows) == len(columns)
        assert opacity.sum() == len(rows) * len(columns)
        assert np.sqrt(1 / 6) - 1 / 64 <= len(rows) / 64 <= np.sqrt(1 / 3) + 1 / 64


@pytest.mark.parametrize("name", PATCHES)
def test_growing_patch_only_reveals_more_of_the_same(name: str) -> None:
    small, large = drawn(name, 0.4), drawn(name, 1)
    shown = small.opacity > 0
    np.testing.assert_array_equal(small.colour[shown], large.colour[shown])
    assert small.opacity.sum() / large.opacity.sum() == pytest.approx(0.4, abs=0.05)


@pytest.mark.parametrize("pattern", textures.PATTERNS)
def test_pattern_repeats_and_has_both_dyes(pattern: textures.Pattern) -> None:
    u, v = np.meshgrid(*(np.linspace(-1, 1, 41, dtype=np.float32),) * 2)
    depth = pattern(u, v)
    np.testing.assert_allclose(pattern(u + np.float32(1), v), depth, atol=1e-5)
    np.testing.assert_allclose(pattern(u, v - np.float32(2)), depth, atol=1e-5)
    assert 0.2 < (depth > 0).mean() < 0.6


def test_patterns_are_stripes_checks_and_dots() -> None:
    half = np.array([0.0, 0.5], dtype=np.float32)
    u, v = np.meshgrid(half, half)
    signs = [np.sign(pattern(u, v)).astype(int).tolist() for pattern in textures.PATTERNS]
    assert signs == [[[-1, 1], [-1, 1]], [[1, -1], [-1, 1]], [[1, -1], [-1, -1]]]


def test_patterns_are_grey_on_a_grey_picture_and_vary_with_the_seed() -> None:
    grey = noise_crop("frontal", 48, grey=True)
    overlays = [occluder("checks").draw(grey, 1, np.random.default_rng(seed)) for seed in range(6)]
    for overlay in overlays:
        shown = overlay.colour[overlay.opacity > 0]
        assert not np.ptp(shown, axis=1).any()
        assert np.ptp(shown[:, 0]) > 40
    assert len({overlay.colour.tobytes() for overlay in overlays}) == 6


def test_noise_is_grey_uniform_and_without_neighbours() -> None:
    overlay = drawn("noise-patch", 1)
    assert not np.ptp(overlay.colour, axis=2).any()
    levels = overlay.colour[:, :, 0].astype(float)
    assert levels.mean() == pytest.approx(127.5, abs=5)
    assert levels.std() == pytest.approx(256 / np.sqrt(12), abs=3)
    assert abs(np.corrcoef(levels[:, 1:].ravel(), levels[:, :-1].ravel())[0, 1]) < 0.06


@pytest.mark.parametrize("name", TRANSLUCENT)
@pytest.mark.parametrize("amount", [0.3, 1.0])
def test_the_picture_shows_through(name: str, amount: float) -> None:
    for seed in range(3):
        assert likeness(noise_crop("frontal", 96), name, amount, seed) > 0.1


@pytest.mark.parametrize("name", PATCHES)
def test_the_picture_does_not_show_through_a_patch(name: str) -> None:
    assert abs(likeness(noise_crop("frontal", 96), name, 1, 0)) < 0.06


@pytest.mark.parametrize("name", TRANSLUCENT)
def test_opacity_of_no_pixel_falls_with_the_amount(name: str) -> None:
    before: NDArray[np.float32] = drawn(name, 0.02, 48).opacity
    for amount in np.linspace(0.1, 1, 10):
        opacity = drawn(name, float(amount), 48).opacity
        assert (opacity >= before).all()
        before = opacity


def test_blobs_are_soft_spots_both_dark_and_bright() -> None:
    overlay = drawn("blobs", 1, 128)
    assert np.abs(np.diff(overlay.opacity, axis=0)).max() < 0.25
    strong = overlay.opacity > 0.4
    levels = overlay.colour[:, :, 0][strong]
    assert levels.min() < 60
    assert levels.max() > 200


def test_gauze_lies_over_the_whole_picture_in_proportion_to_the_amount() -> None:
    thin, dense = drawn("gauze", 0.25), drawn("gauze", 1)
    assert dense.opacity.min() >= textures.FABRIC_OPACITY[0] - 1e-6
    assert dense.opacity.max() <= textures.NET_OPACITY + 1e-6
    np.testing.assert_allclose(thin.opacity, 0.25 * dense.opacity, rtol=1e-5)
