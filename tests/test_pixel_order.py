import numpy as np
import pytest
from scipy.fft import dctn

from ferstudio.pixel_order import ranks, surrogate


def test_ranks_against_a_slow_count() -> None:
    heat = np.random.default_rng(0).integers(0, 6, (7, 7)).astype(np.float32)
    found = ranks(heat, 7)
    flat = heat.ravel()
    for place, own in enumerate(flat):
        before = sum(other > own for other in flat) + sum(other == own for other in flat[:place])
        assert found.ravel()[place] == before


def test_a_map_of_another_size_is_brought_to_the_picture() -> None:
    heat = np.array([[0, 1], [2, 3]], np.float32)
    large = ranks(heat, 8)
    assert sorted(large.ravel()) == list(range(64))
    assert large[6:, 6:].max() == 3 and large[:2, :2].min() == 60
    fine = np.kron(heat, np.ones((4, 4), np.float32))
    np.testing.assert_array_equal(ranks(fine, 2), [[3, 2], [1, 0]])


def test_surrogate_against_written_out_cosines() -> None:
    side = 5
    heat = np.random.default_rng(3).normal(size=(side, side))

    def wave(k: int, x: int) -> float:
        scale = np.sqrt((1 if k == 0 else 2) / side)
        return float(scale * np.cos(np.pi * (2 * x + 1) * k / (2 * side)))

    signs = np.random.default_rng(9).choice([-1.0, 1.0], (side, side))
    expected = np.zeros((side, side))
    places = [(a, b) for a in range(side) for b in range(side)]
    for i, j in places:
        power = sum(heat[y, x] * wave(i, y) * wave(j, x) for y, x in places)
        for y, x in places:
            expected[y, x] += signs[i, j] * power * wave(i, y) * wave(j, x)
    found = surrogate(heat, np.random.default_rng(9))
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_surrogate_keeps_the_power_of_every_frequency_and_follows_its_seed() -> None:
    heat = np.random.default_rng(1).normal(size=(16, 24)).astype(np.float32)
    first, again, other = (surrogate(heat, np.random.default_rng(seed)) for seed in (5, 5, 6))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 0.1
    np.testing.assert_allclose(np.abs(dctn(first)), np.abs(dctn(heat.astype(float))), atol=1e-9)
    assert np.square(first).sum() == pytest.approx(float(np.square(heat.astype(float)).sum()))
