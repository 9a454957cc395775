"""The interval of a share against published values, of a difference, and both as text."""

import numpy as np
import pytest

from ferstudio.intervals import interval_text, paired_interval, wilson_interval, with_interval


def test_wilson_interval_against_known_values() -> None:
    low, high = wilson_interval(81, 263)  # Newcombe 1998, table I: 0.2553 to 0.3662
    assert low == pytest.approx(0.2553, abs=5e-5) and high == pytest.approx(0.3662, abs=5e-5)
    assert wilson_interval(0, 0) == (0.0, 1.0)
    assert wilson_interval(5, 5)[1] == 1


def test_the_interval_comes_from_the_faces_that_differ() -> None:
    first = np.array([True] * 60 + [False] * 40)
    second = np.array([True] * 50 + [False] * 50)
    low, high = paired_interval(first, second)
    half = 1.959964 * ((0.1 - 0.01) / 100) ** 0.5
    assert (low, high) == pytest.approx((0.1 - half, 0.1 + half))
    assert paired_interval(first, first) == (0, 0)


def test_shares_are_written_in_per_cent() -> None:
    assert interval_text((0.8214, 0.8456)) == "82.1 to 84.6"
    assert with_interval(0.8336, [0.8214, 0.8456]) == "83.4 (82.1 to 84.6)"
    assert with_interval(0.8336, (0.8214, 0.8), digits=2, unit=" %") == "83.36 % (82.14 to 80.00)"
