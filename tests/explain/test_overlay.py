"""Heat over faces on one scale, and the share of it that leaks onto an occluder."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ferstudio.errors import UsageError
from ferstudio.explain import Heatmap, colour_bar, draw_overlay, leakage_share, shared_scale
from ferstudio.explain.leakage import heat_kept, leakage_where_heat
from ferstudio.explain.overlay import draw_difference
from ferstudio.types import FaceCrop

MakeCrop = Callable[[int, int], FaceCrop]


def heatmap(values: NDArray[np.float64], highest: float = 1.0) -> Heatmap:
    """Return a heatmap of raw values 0 to `highest`."""
    return Heatmap("layer", values.astype(np.float32), values.shape, (0.0, highest))  # type: ignore[arg-type]


def ramp(size_px: int) -> NDArray[np.float64]:
    """Return heat from 0 at the left to 1 at the right."""
    return np.tile(np.linspace(0, 1, size_px), (size_px, 1))


def test_the_scale_is_the_highest_raw_value() -> None:
    maps = [heatmap(ramp(4), highest) for highest in (0.2, 3.0, 1.0)]
    assert shared_scale(maps) == 3.0
    assert shared_scale(maps[:1]) == 0.2
    assert shared_scale([]) == 0.0


@pytest.mark.parametrize("scale_max", [0.0, 1.0])
def test_without_heat_it_is_the_grey_picture(scale_max: float, make_crop: MakeCrop) -> None:
    image = make_crop(32, 0).image
    before = image.copy()
    drawn = draw_overlay(image, heatmap(np.zeros((32, 32)), 0.0), scale_max)
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    np.testing.assert_array_equal(drawn, np.repeat(grey[:, :, None], 3, axis=2))
    assert drawn.shape == (32, 32, 3)
    assert drawn.dtype == np.uint8
    np.testing.assert_array_equal(image, before)


def test_cold_regions_stay_grey_beside_hot_ones(make_crop: MakeCrop) -> None:
    image = make_crop(32, 0).image
    values = np.zeros((32, 32))
    values[:, 16:] = 1
    drawn = draw_overlay(image, heatmap(values), 1.0).astype(int)
    spread = drawn.max(axis=2) - drawn.min(axis=2)
    assert spread[:, :16].max() == 0
    assert spread[:, 16:].min() > 30


def test_heat_goes_from_violet_over_orange_to_yellow() -> None:
    image = np.full((64, 64, 3), 128, np.uint8)
    red, green, blue = draw_overlay(image, heatmap(ramp(64)), 1.0)[0].astype(int).T
    assert blue[16] > green[16]
    assert red[16] > green[16]
    assert red[40] > green[40] > blue[40]
    assert min(red[63], green[63]) > 200
    assert blue[63] < 180


def test_a_fainter_map_is_fainter_on_the_shared_scale() -> None:
    image = np.full((16, 16, 3), 100, np.uint8)
    faint, strong = heatmap(ramp(16), 1.0), heatmap(ramp(16), 4.0)
    scale = shared_scale([faint, strong])
    distances = [
        np.abs(draw_overlay(image, each, scale).astype(int) - 100).sum() for each in (faint, strong)
    ]
    assert 0 < distances[0] < distances[1] / 2
    np.testing.assert_array_equal(draw_overlay(image, faint, 1.0), draw_overlay(image, strong, 4.0))


def test_heat_beyond_the_scale_is_cut() -> None:
    image = np.full((8, 8, 3), 100, np.uint8)
    full = heatmap(np.ones((8, 8)), 1.0)
    np.testing.assert_array_equal(draw_overlay(image, full, 0.25), draw_overlay(image, full, 1.0))


def test_negative_raw_values_are_no_heat() -> None:
    image = np.full((8, 8, 3), 100, np.uint8)
    against = Heatmap("layer", np.zeros((8, 8), np.float32), (8, 8), (-3.0, 1.0))
    np.testing.assert_array_equal(draw_overlay(image, against, 1.0), image)


def test_a_map_of_another_size_is_enlarged() -> None:
    image = np.full((40, 40, 3), 100, np.uint8)
    drawn = draw_overlay(image, heatmap(ramp(10)), 1.0)
    assert drawn.shape == (40, 40, 3)
    assert (np.diff(drawn[0, :, 0].astype(int)) >= 0).all()


def test_the_colour_bar_is_the_overlay_of_a_ramp() -> None:
    bar = colour_bar(64, 6)
    assert bar.shape == (6, 64, 3)
    assert bar.dtype == np.uint8
    np.testing.assert_array_equal(bar[0, 0], [128, 128, 128])
    grey = np.full((64, 64, 3), 128, np.uint8)
    np.testing.assert_array_equal(bar[0], draw_overlay(grey, heatmap(ramp(64)), 1.0)[0])


@pytest.mark.parametrize(
    ("columns", "share"), [(slice(0, 0), 0.0), (slice(0, 2), 0.25), (slice(2, 4), 0.75)]
)
def test_leakage_is_the_share_of_heat_under_the_mask(columns: slice, share: float) -> None:
    values = np.array([[0.5, 0.5, 1.0, 2.0]] * 4) / 2
    mask = np.zeros((4, 4), bool)
    mask[:, columns] = True
    assert leakage_share(heatmap(values, 2.0), mask) == pytest.approx(share)
    assert leakage_share(heatmap(values, 500.0), mask) == pytest.approx(share)


def test_leakage_of_a_map_without_heat_is_zero() -> None:
    everywhere = np.ones((4, 4), bool)
    assert leakage_share(heatmap(np.zeros((4, 4)), 0.0), everywhere) == 0.0
    assert leakage_share(heatmap(ramp(4)), everywhere) == 1.0


def test_without_heat_there_is_no_share_to_tell() -> None:
    everywhere = np.ones((4, 4), bool)
    assert leakage_where_heat(None, everywhere) is None
    assert leakage_where_heat(heatmap(np.zeros((4, 4)), 0.0), everywhere) is None
    assert leakage_where_heat(heatmap(ramp(4)), everywhere) == 1.0


def test_leakage_counts_only_what_speaks_for_the_emotion() -> None:
    values = np.array([[0.0, 1.0], [0.0, 0.0]], np.float32)
    signed = Heatmap("layer", values, (2, 2), (-1.0, 1.0))
    assert leakage_share(signed, values == 0) == 0.0
    assert leakage_share(signed, values == 1) == 1.0


def test_mask_and_map_must_have_one_shape() -> None:
    with pytest.raises(UsageError, match=r"\(3, 3\) and \(4, 4\)"):
        leakage_share(heatmap(ramp(4)), np.ones((3, 3), bool))


def test_heat_that_came_is_red_that_went_blue_and_the_rest_grey() -> None:
    image = np.full((8, 8, 3), 128, np.uint8)
    change = np.zeros((8, 8), np.float32)
    change[0], change[7] = 1, -1
    drawn = draw_difference(image, change).astype(int)
    assert (drawn[3] == 128).all()
    red, _, blue = drawn[0, 0]
    assert red > 128 > blue
    red, _, blue = drawn[7, 0]
    assert red < 128 < blue
    assert draw_difference(image, change[::4, ::4]).shape == image.shape


@pytest.mark.parametrize(
    ("clean", "covered", "kept"),
    [(2.0, 0.12, 0.06), (1.0, 3.0, 3.0), (1.0, 0.0, 0.0), (0.0, 1.0, None)],
)
def test_heat_kept_is_the_covered_map_over_the_clean_one(
    clean: float, covered: float, kept: float | None
) -> None:
    values = np.eye(8)
    found = heat_kept(heatmap(values, covered), heatmap(values, clean))
    assert found == (None if kept is None else pytest.approx(kept))


def test_a_map_is_empty_where_nothing_is_above_zero_or_all_is_the_same() -> None:
    some, none = np.eye(4, dtype=np.float32), np.zeros((4, 4), np.float32)
    ranges = {(0.0, 0.0): True, (-2.0, 0.0): True, (0.5, 0.5): True, (0.0, 0.1): False}
    for limits, empty in ranges.items():
        values = none if limits[0] == limits[1] else some
        assert Heatmap("m", values, (4, 4), limits).empty is empty
