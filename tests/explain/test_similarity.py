"""Likeness of two maps, against loops over numbers."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from ferstudio.errors import UsageError
from ferstudio.explain import Heatmap
from ferstudio.explain.similarity import difference, similarity, ssim

SIDE = 14


def random_map(seed: int, low: float = 0.0, high: float = 1.0) -> Heatmap:
    values = np.random.default_rng(seed).random((SIDE, SIDE)).round(1)  # with many ties
    spread = (values - values.min()) / np.ptp(values)
    return Heatmap("map", spread.astype(np.float32), (SIDE, SIDE), (low, high))


def pearson_of(one: list[float], other: list[float]) -> float:
    mean_1, mean_2 = sum(one) / len(one), sum(other) / len(other)
    above = sum((a - mean_1) * (b - mean_2) for a, b in zip(one, other, strict=True))
    below = sum((a - mean_1) ** 2 for a in one) * sum((b - mean_2) ** 2 for b in other)
    return above / math.sqrt(below)


def ranks_of(values: list[float]) -> list[float]:
    return [
        sum(other < value for other in values) + (sum(other == value for other in values) + 1) / 2
        for value in values
    ]


def ssim_of(one: NDArray[np.float64], other: NDArray[np.float64], value_range: float) -> float:
    weights = {
        (i, j): math.exp(-(i * i + j * j) / (2 * 1.5**2))
        for i in range(-5, 6)
        for j in range(-5, 6)
    }
    whole = sum(weights.values())
    c1, c2 = (0.01 * value_range) ** 2, (0.03 * value_range) ** 2
    scores = []
    for row in range(5, one.shape[0] - 5):
        for column in range(5, one.shape[1] - 5):
            near = [
                (weight / whole, float(one[row + i, column + j]), float(other[row + i, column + j]))
                for (i, j), weight in weights.items()
            ]
            mean_1 = sum(w * a for w, a, _ in near)
            mean_2 = sum(w * b for w, _, b in near)
            variance_1 = sum(w * (a - mean_1) ** 2 for w, a, _ in near)
            variance_2 = sum(w * (b - mean_2) ** 2 for w, _, b in near)
            covariance = sum(w * (a - mean_1) * (b - mean_2) for w, a, b in near)
            above = (2 * mean_1 * mean_2 + c1) * (2 * covariance + c2)
            below = (mean_1**2 + mean_2**2 + c1) * (variance_1 + variance_2 + c2)
            scores.append(above / below)
    return sum(scores) / len(scores)


def test_both_are_those_of_loops() -> None:
    first, second = random_map(0, 0, 3), random_map(1, -1, 2)
    found = similarity(first, second)
    one, other = (heatmap.raw().astype(np.float64) for heatmap in (first, second))
    flat = one.ravel().tolist(), other.ravel().tolist()
    assert found.spearman == pytest.approx(pearson_of(*map(ranks_of, flat)), abs=1e-9)
    assert found.ssim == pytest.approx(ssim_of(one, other, 4.0), abs=1e-9)
    own = similarity(first, second, shared_scale=False)
    one, other = (heatmap.values.astype(np.float64) for heatmap in (first, second))
    assert own.ssim == pytest.approx(ssim_of(one, other, 1.0), abs=1e-9)
    assert own.spearman == found.spearman


def test_equal_maps_are_alike_and_opposite_ones_are_not() -> None:
    heatmap = random_map(2)
    same = similarity(heatmap, heatmap)
    assert (same.spearman, same.ssim) == pytest.approx((1, 1))
    opposite = Heatmap("map", 1 - heatmap.values, (SIDE, SIDE), (0.0, 1.0))
    other = similarity(heatmap, opposite)
    assert other.spearman == pytest.approx(-1)
    assert other.ssim < 0


def test_only_a_shared_scale_sees_that_a_map_is_faint() -> None:
    strong, faint = random_map(3, 0, 10), random_map(3, 0, 1)
    assert similarity(strong, faint).spearman == pytest.approx(1, abs=1e-6)
    assert similarity(strong, faint).ssim < 0.5
    assert similarity(strong, faint, shared_scale=False).ssim == pytest.approx(1)


def test_flat_maps() -> None:
    flat = Heatmap("map", np.zeros((SIDE, SIDE), np.float32), (SIDE, SIDE), (0.3, 0.3))
    found = similarity(flat, random_map(0))
    assert found.spearman == 0
    nothing = Heatmap("map", np.zeros((SIDE, SIDE), np.float32), (SIDE, SIDE), (0.0, 0.0))
    assert similarity(nothing, nothing).ssim == 1


def test_the_difference_says_where_heat_came_and_went() -> None:
    values = np.zeros((SIDE, SIDE), np.float32)
    values[2, 3] = 1
    clean = Heatmap("map", values, (SIDE, SIDE), (0.0, 4.0))
    covered = Heatmap("map", values.T.copy(), (SIDE, SIDE), (0.0, 1.0))
    found = difference(clean, covered)
    assert (found[2, 3], found[3, 2]) == (-1, 0.25)
    assert np.abs(found).sum() == 1.25
    np.testing.assert_allclose(difference(covered, clean), -found)
    assert found.dtype == np.float32
    nothing = Heatmap("map", np.zeros_like(values), (SIDE, SIDE), (0.0, 0.0))
    assert not difference(nothing, nothing).any()


def test_maps_that_cant_be_compared_are_refused() -> None:
    small = Heatmap("map", np.zeros((9, 9), np.float32), (9, 9), (0.0, 1.0))
    for compare in (similarity, difference):
        with pytest.raises(UsageError, match="one shape"):
            compare(small, random_map(0))
    with pytest.raises(UsageError, match="maps of 11 pixels a side"):
        ssim(np.zeros((9, 20)), np.zeros((9, 20)), 1.0)
