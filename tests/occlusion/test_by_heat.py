"""What a heatmap hides: exactly so many pixels, in the stated order."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from ferstudio.errors import UnknownNameError, UsageError
from ferstudio.occlusion.by_heat import CHANCE, COLDEST, GREY, HEAT, HOTTEST, heat_occluder
from ferstudio.occlusion.occluder import Occluded, covered_share
from ferstudio.pixel_order import surrogate
from ferstudio.types import FaceCrop
from tests.occlusion.crops import noise_crop

SIZE_PX = 24
SHARES = (0.0, 0.001, 0.1, 0.34, 0.5, 0.999, 1.0)

every_order = pytest.mark.parametrize("order", HEAT)


def heat(levels: int = 9) -> NDArray[np.float32]:
    """Return a map with many ties."""
    rng = np.random.default_rng(4)
    return rng.integers(0, levels, (SIZE_PX, SIZE_PX)).astype(np.float32)


def hide_in(
    crop: FaceCrop, values: NDArray[np.float32], share: float, order: str, seed: int = 0
) -> Occluded:
    return heat_occluder(order, values).occlude(crop, share, np.random.default_rng(seed))


def hide(share: float, order: str, seed: int = 0) -> Occluded:
    return hide_in(noise_crop("frontal", SIZE_PX), heat(), share, order, seed)


def slowly_hidden(values: NDArray[np.floating], count: int, sign: int) -> set[int]:
    """Return the places of the `count` greatest `sign · value`, the first ones among equals."""
    left = [sign * float(value) for value in values.ravel()]
    hidden: set[int] = set()
    for _ in range(count):
        best = None
        for place, value in enumerate(left):
            if place not in hidden and (best is None or value > left[best]):
                best = place
        assert best is not None
        hidden.add(best)
    return hidden


@every_order
@pytest.mark.parametrize("share", SHARES)
def test_hidden_pixels_against_a_slow_loop(order: str, share: float) -> None:
    values: NDArray[np.floating] = heat()
    if order == CHANCE:
        values = surrogate(values, np.random.default_rng(0))
    count = round(share * SIZE_PX**2)
    expected = slowly_hidden(values, count, -1 if order == COLDEST else 1)
    result = hide(share, order)
    assert set(np.flatnonzero(result.mask)) == expected
    assert result.mask.sum() == count


@every_order
def test_hidden_pixels_are_grey_and_the_others_untouched(order: str) -> None:
    crop = noise_crop("frontal", SIZE_PX)
    before = crop.image.copy()
    result = hide_in(crop, heat(), 0.4, order)
    assert (result.crop.image[result.mask] == GREY).all()
    np.testing.assert_array_equal(result.crop.image[~result.mask], before[~result.mask])
    np.testing.assert_array_equal(crop.image, before)
    assert result.share == covered_share(result.mask, crop)
    assert result.crop.landmarks_xy_px is crop.landmarks_xy_px


@every_order
def test_a_larger_share_hides_all_that_a_smaller_one_does(order: str) -> None:
    masks = [hide(share, order).mask for share in SHARES]
    for smaller, larger in pairwise(masks):
        assert not (smaller & ~larger).any()


def test_hottest_and_coldest_share_nothing_up_to_one_half_of_untied_heat() -> None:
    crop = noise_crop("frontal", SIZE_PX)
    values = np.random.default_rng(8).permutation(SIZE_PX**2).reshape(SIZE_PX, SIZE_PX)
    hot, cold = (
        hide_in(crop, values.astype(np.float32), 0.5, order).mask for order in (HOTTEST, COLDEST)
    )
    np.testing.assert_array_equal(hot, ~cold)


def test_chance_follows_the_seed_and_knows_nothing_of_the_heat() -> None:
    np.testing.assert_array_equal(hide(0.3, CHANCE, 1).mask, hide(0.3, CHANCE, 1).mask)
    hottest = hide(0.3, HOTTEST).mask
    masks = [hide(0.3, CHANCE, seed).mask for seed in range(80)]
    assert len({mask.tobytes() for mask in masks}) == 80
    assert np.mean([(mask & hottest).mean() for mask in masks]) == pytest.approx(0.09, abs=0.01)


def test_heat_of_another_size_is_brought_to_the_crop() -> None:
    crop = noise_crop("frontal", SIZE_PX)
    quarter = np.array([[0, 1], [0, 0]], np.float32)
    mask = hide_in(crop, quarter, 0.05, HOTTEST).mask
    assert mask[: SIZE_PX // 2, SIZE_PX // 2 :].sum() == mask.sum() == round(0.05 * SIZE_PX**2)


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_shares_out_of_range_are_refused(share: float) -> None:
    with pytest.raises(UsageError, match=r"in \[0, 1\]"):
        hide(share, HOTTEST)


def test_other_orders_and_shapes_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="'warmest'"):
        heat_occluder("warmest", heat())
    for shape in ((4,), (4, 4, 1), (0, 4)):
        with pytest.raises(UsageError, match=r"\(H, W\)"):
            heat_occluder(HOTTEST, np.zeros(shape, np.float32))
