"""Measures of a heatmap, against networks of which is known where they look, and against loops."""

import math
from collections.abc import Callable

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.fft import dctn

from ferstudio.errors import UnknownNameError, UsageError
from ferstudio.explain import Heatmap, leakage_share
from ferstudio.explain.face_parts import grown, part_masks
from ferstudio.explain.faithfulness import (
    FOCUS_PARTS,
    Curve,
    against_random,
    deletion,
    focus,
    insertion,
    pointing_hit,
    random_map,
)
from ferstudio.explain.perturbation import filled
from ferstudio.preprocess import as_seen
from ferstudio.regions import region_masks
from ferstudio.types import FaceCrop
from tests.explain.watcher import (
    SIZE_PX,
    WATCHED,
    grey_crop,
    lit_crop,
    probability,
    region_watcher,
    watcher,
)
from tests.networks import INPUT, hook_count, loaded

MakeCrop = Callable[[int, int], FaceCrop]
MOUTH = region_masks(None, SIZE_PX)["mouth"]


def heatmap_of(values: NDArray[np.generic], high: float = 1.0) -> Heatmap:
    """Return a map with given values in [0, 1] and raw values from 0 to `high`."""
    height, width = values.shape
    return Heatmap("map", values.astype(np.float32), (height, width), (0.0, high))


def smooth_map(size_px: int, seed: int, cells: int = 6) -> Heatmap:
    """Return a random map that was enlarged from few cells."""
    raw = np.random.default_rng(seed).random((cells, cells)).astype(np.float32)
    values = cv2.resize(raw, (size_px, size_px))
    return Heatmap("map", np.asarray(values, np.float32), (cells, cells), (0.0, 2.5))


def exchanged(
    before: NDArray[np.floating],
    after: NDArray[np.floating],
    heat: NDArray[np.floating],
    weights: NDArray[np.floating],
    steps: int,
) -> list[float]:
    """Return a watcher's probabilities as pixels go from `before` to `after`, one by one."""
    places = [(i, j) for i in range(SIZE_PX) for j in range(SIZE_PX)]
    places.sort(key=lambda place: -float(heat[place]))  # keeps the order of equal ones
    logit = sum(float(before[place]) * float(weights[place]) for place in places)
    probabilities, done = [], 0
    for step in range(steps + 1):
        for place in places[done : round(step * len(places) / steps)]:
            logit += (float(after[place]) - float(before[place])) * float(weights[place])
        done = round(step * len(places) / steps)
        probabilities.append(probability(logit))
    return probabilities


@pytest.mark.parametrize("steps", [1, 7, 16])
def test_curves_are_those_of_a_loop_over_pixels(steps: int) -> None:
    rng = np.random.default_rng(3)
    weights = rng.normal(0, 0.03, (SIZE_PX, SIZE_PX))
    crop, heatmap = grey_crop(rng.integers(0, 256, weights.shape)), smooth_map(SIZE_PX, 4)
    heatmap.values[10:20] = 0  # a plateau
    model, picture = watcher(weights), crop.image[:, :, 0] / 255
    blurred = filled(as_seen(crop, INPUT), "blur", INPUT)[0, 0].numpy()
    grey, heat = np.full_like(picture, INPUT.mean[0]), heatmap.values
    taken = deletion(model, crop, heatmap, WATCHED, steps=steps)
    given = insertion(model, crop, heatmap, WATCHED, steps=steps)
    by_loop = exchanged(picture, grey, heat, weights, steps)
    np.testing.assert_allclose(taken.probabilities, by_loop, atol=1e-6)
    by_loop = exchanged(blurred, picture, heat, weights, steps)
    np.testing.assert_allclose(given.probabilities, by_loop, atol=1e-6)
    np.testing.assert_allclose(given.shares, [step / steps for step in range(steps + 1)])
    assert given.probabilities[-1] == pytest.approx(taken.probabilities[0])
    mean = deletion(model, crop, heatmap, WATCHED, steps=steps, fill="mean")
    assert mean.probabilities[-1] == pytest.approx(
        probability(float(picture.mean() * weights.sum())), abs=1e-6
    )


def test_a_linear_network_on_an_even_picture_has_a_known_curve() -> None:
    weights = np.full((SIZE_PX, SIZE_PX), 6 / SIZE_PX**2)
    white = grey_crop(np.full((SIZE_PX, SIZE_PX), 255))
    curve = deletion(watcher(weights), white, smooth_map(SIZE_PX, 0), WATCHED, steps=400)
    expected = [probability(6 * (1 - share / 2)) for share in curve.shares]
    np.testing.assert_allclose(curve.probabilities, expected, atol=2e-4)  # whole pixels go
    # ∫ e^u / (e^u + 7) du = log(e^u + 7), and u falls from 6 to 3
    area = (math.log(math.exp(6) + 7) - math.log(math.exp(3) + 7)) / 3
    assert curve.area == pytest.approx(area, abs=1e-4)


def test_an_area_is_that_under_straight_lines() -> None:
    values = [0.9, 0.4, 0.1]
    curve = Curve(np.array([0, 0.5, 1.0]), np.array(values))
    assert curve.area == pytest.approx(0.5 * (0.9 + 0.4) / 2 + 0.5 * (0.4 + 0.1) / 2)
    assert Curve(np.array([0, 1.0]), np.array([1.0, 1.0])).area == 1
    assert Curve(np.array([0, 1.0]), np.array([1.0, 0.0])).area == 0.5


def test_a_true_map_beats_chance_and_a_false_one_loses() -> None:
    model, crop = region_watcher(MOUTH), lit_crop(MOUTH)
    blurred = cv2.GaussianBlur(MOUTH.astype(np.float32), (0, 0), 5)
    true, false = heatmap_of(blurred / blurred.max()), heatmap_of(1 - blurred / blurred.max())
    for heatmap, sign in ((true, 1), (false, -1)):
        found = [
            against_random(model, crop, heatmap, WATCHED, rng=np.random.default_rng(seed))
            for seed in range(8)
        ]
        assert {each.target for each in found} == {WATCHED}
        for gains in (
            [sign * each.deletion_gain for each in found],
            [sign * each.insertion_gain for each in found],
            [sign * each.gain for each in found],
        ):
            assert min(gains) > 0
            assert np.mean(gains) > 0.2


def test_a_comparison_holds_the_curves_of_both_maps(make_crop: MakeCrop) -> None:
    model, crop, heatmap = loaded("resnet18"), make_crop(90, 1), smooth_map(90, 2)
    found = against_random(model, crop, heatmap, "fear", rng=np.random.default_rng(5), steps=3)
    noise = random_map(heatmap, np.random.default_rng(5))
    for curve, of, measure in (
        (found.deletion, heatmap, deletion),
        (found.insertion, heatmap, insertion),
        (found.random_deletion, noise, deletion),
        (found.random_insertion, noise, insertion),
    ):
        alone = measure(model, crop, of, "fear", steps=3)
        np.testing.assert_allclose(curve.probabilities, alone.probabilities, atol=1e-6)
    assert found.deletion_gain == found.random_deletion.area - found.deletion.area
    assert found.insertion_gain == found.insertion.area - found.random_insertion.area
    assert found.gain == pytest.approx(found.deletion_gain + found.insertion_gain)


@pytest.mark.parametrize("measure", [deletion, insertion])
def test_impossible_curves_are_refused(measure: Callable[..., Curve], make_crop: MakeCrop) -> None:
    model, crop, heatmap = region_watcher(MOUTH), make_crop(64, 0), smooth_map(64, 0)
    with pytest.raises(UnknownNameError, match=r"no emotion named 'joy'.*happiness"):
        measure(model, crop, heatmap, "joy")
    with pytest.raises(UsageError, match="at least one step, not 0"):
        measure(model, crop, heatmap, WATCHED, steps=0)


@pytest.mark.parametrize("cells", [3, 6, 64])
def test_a_random_map_is_exactly_as_smooth(cells: int) -> None:
    heatmap = smooth_map(64, 1, cells)
    noise = random_map(heatmap, np.random.default_rng(2))
    assert noise.values.shape == heatmap.values.shape
    assert (noise.values.min(), noise.values.max()) == (0, 1)
    assert noise.native_size == heatmap.native_size
    power = np.abs(dctn(heatmap.values.astype(np.float64), norm="ortho"))
    kept = np.abs(dctn(noise.raw().astype(np.float64), norm="ortho"))
    np.testing.assert_allclose(kept, power, atol=1e-4)
    steps = [np.square(np.diff(each)).mean() for each in (heatmap.values, noise.raw())]
    assert steps[1] == pytest.approx(steps[0], rel=0.2)


def test_random_maps_follow_their_seed_and_know_nothing_of_the_map() -> None:
    heatmap = smooth_map(64, 1)
    maps = [random_map(heatmap, np.random.default_rng(seed)).values for seed in (0, 0, *range(60))]
    np.testing.assert_array_equal(maps[0], maps[1])
    assert len({values.tobytes() for values in maps}) == 60
    likeness = [np.corrcoef(values.ravel(), heatmap.values.ravel())[0, 1] for values in maps[2:]]
    assert abs(np.mean(likeness)) < 0.15 < np.std(likeness)


def test_a_flat_map_stays_flat() -> None:
    noise = random_map(heatmap_of(np.zeros((64, 64))), np.random.default_rng(0))
    assert not noise.values.any()


def spot(row: int, column: int, size_px: int = 96) -> Heatmap:
    """Return a map with one bump."""
    y, x = np.mgrid[:size_px, :size_px]
    return heatmap_of(np.exp(-((y - row) ** 2 + (x - column) ** 2) / (2 * 4.0**2)))


@pytest.mark.parametrize("part", FOCUS_PARTS)
def test_a_map_that_lies_on_one_part_says_so(part: str) -> None:
    mask = part_masks(None, 96)[part]
    _, labels = cv2.connectedComponents(mask.astype(np.uint8))
    row, column = (int(indices.mean()) for indices in np.nonzero(labels == 1))
    by_part = {found.part: found for found in focus(spot(row, column), None)}
    assert tuple(by_part) == FOCUS_PARTS
    assert by_part[part].hit
    assert by_part[part].energy == max(found.energy for found in by_part.values())
    assert by_part[part].lift == by_part[part].energy / by_part[part].area > 4
    far = {"brows": "mouth", "eyes": "mouth", "nose": "brows", "mouth": "eyes"}[part]
    assert not by_part[far].hit


def test_energy_is_the_share_of_positive_heat_and_that_of_an_even_map_is_the_area() -> None:
    for found in focus(heatmap_of(np.ones((96, 96))), None):
        assert found.energy == pytest.approx(found.area)
        assert found.lift == pytest.approx(1)
        assert found.area == pytest.approx(part_masks(None, 96)[found.part].mean())
    values = np.random.default_rng(0).random((96, 96))
    signed = Heatmap("map", values.astype(np.float32), (96, 96), (-0.5, 0.5))
    mask = part_masks(None, 96)["mouth"]
    inside = total = 0.0
    for row in range(96):
        for column in range(96):
            heat = max(0.0, float(values[row, column]) - 0.5)
            total += heat
            inside += heat * bool(mask[row, column])
    mouth = next(found for found in focus(signed, None) if found.part == "mouth")
    assert mouth.energy == pytest.approx(inside / total, abs=1e-6) == leakage_share(signed, mask)


def test_pointing_beside_a_region_counts_within_the_tolerance() -> None:
    mask = np.zeros((100, 100), bool)
    mask[40:50, 40:50] = True
    for away_px, hit in ((1, True), (3, True), (4, False), (9, False)):
        heatmap = spot(45, 49 + away_px, 100)
        assert pointing_hit(heatmap, mask) == hit
        assert pointing_hit(heatmap, mask, tolerance_share=0) is False
        assert pointing_hit(heatmap, mask, tolerance_share=0.1) is True
    np.testing.assert_array_equal(grown(mask, 0), mask)


def test_a_map_without_heat_points_nowhere() -> None:
    everywhere = np.ones((64, 64), bool)
    assert not pointing_hit(heatmap_of(np.zeros((64, 64)), high=0.0), everywhere)
    cold = Heatmap("map", spot(30, 30, 64).values, (64, 64), (-2.0, 0.0))
    assert not pointing_hit(cold, everywhere)
    with pytest.raises(UsageError, match="one shape"):
        pointing_hit(spot(30, 30, 64), everywhere[:32])


def test_nothing_is_left_on_the_network(make_crop: MakeCrop) -> None:
    model = loaded("resnet18")
    module = model.module.train().requires_grad_(True)
    before = {name: value.clone() for name, value in module.state_dict().items()}
    rng = np.random.default_rng(0)
    against_random(model, make_crop(64, 0), smooth_map(64, 0), WATCHED, rng=rng, steps=2)
    assert hook_count(module) == 0
    assert all(part.training for part in module.modules())
    assert all(p.requires_grad and p.grad is None for p in module.parameters())
    assert torch.is_grad_enabled()
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())
