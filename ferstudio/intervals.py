"""How sure a measured share is."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Z = 1.959964
"""Standard deviations to either side that hold 95 % of a normal distribution."""


def wilson_interval(correct: int, n: int, z: float = Z) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927); (0, 1) for n = 0."""
    if n == 0:
        return 0.0, 1.0
    share = correct / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, centre - half), min(1.0, centre + half)


def paired_interval(
    first: NDArray[np.bool_], second: NDArray[np.bool_], z: float = Z
) -> tuple[float, float]:
    """Return the 95 % interval of the difference of two shares on the same faces, (N,) each.

    McNemar, "Note on the sampling error of the difference between correlated proportions or
    percentages", Psychometrika 12 (1947).
    """
    n, difference = len(first), float(first.mean() - second.mean())
    differing = float((first != second).mean())
    half = z * math.sqrt(max(0.0, differing - difference**2) / n)
    return difference - half, difference + half


def interval_text(ci95: Sequence[float], *, digits: int = 1) -> str:
    """Return an interval of shares in per cent, as "82.1 to 84.6"."""
    low, high = (f"{100 * bound:.{digits}f}" for bound in ci95)
    return f"{low} to {high}"


def with_interval(share: float, ci95: Sequence[float], *, digits: int = 1, unit: str = "") -> str:
    """Return a share and its interval in per cent, as "83.4 (82.1 to 84.6)".

    Args:
        share: in [0, 1].
        ci95: its interval.
        digits: behind the point.
        unit: what follows the share, as " %".
    """
    return f"{100 * share:.{digits}f}{unit} ({interval_text(ci95, digits=digits)})"
