"""How alike two heatmaps are, as numbers and as a map of their difference."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ferstudio.errors import UsageError
from ferstudio.explain.explainer import Heatmap, check_shapes

SSIM_WINDOW_PX, SSIM_SIGMA_PX = 11, 1.5
"""Side and standard deviation of SSIM's Gaussian window (Wang et al. 2004, section III-C)."""


@dataclass(frozen=True, slots=True)
class MapSimilarity:
    """How alike two maps are: each 1 for equal maps and about 0 for unrelated ones, in [-1, 1].

    Attributes:
        spearman: correlation of the values' ranks, ties averaged; 0 where a map is flat.
        ssim: mean structural similarity.
    """

    spearman: float
    ssim: float


def similarity(first: Heatmap, second: Heatmap, *, shared_scale: bool = True) -> MapSimilarity:
    """Return how alike two maps are, as of one face clean and covered.

    Spearman's rank correlation, and the mean SSIM (Wang et al., "Image
    Quality Assessment: From Error Visibility to Structural Similarity", IEEE TIP 2004, Eq. 13).
    The correlation doesn't see how strong a map is; SSIM on a shared scale does.

    Args:
        first: a map.
        second: another one of the same model and size.
        shared_scale: whether SSIM compares raw values; otherwise each map on its own scale.

    Raises:
        UsageError: if the two differ in shape.
    """
    from scipy.stats import rankdata  # it takes a second to import

    check_shapes(first.values, second.values)
    one, other = (heatmap.raw().astype(np.float64) for heatmap in (first, second))
    if shared_scale:
        peak = max(one.max(), other.max(), 0.0) - min(one.min(), other.min(), 0.0)
        structural = ssim(one, other, peak)
    else:
        structural = ssim(first.values.astype(np.float64), second.values.astype(np.float64), 1.0)
    ranks = (rankdata(values).reshape(values.shape) for values in (one, other))
    return MapSimilarity(_correlation(*ranks), structural)


def ssim(first: NDArray[np.float64], second: NDArray[np.float64], value_range: float) -> float:
    """Return the mean structural similarity of two maps, in [-1, 1] (Wang et al. 2004, Eq. 13).

    Over all places where the whole window fits, with K1 = 0.01 and K2 = 0.03.

    Args:
        first: (H, W) float64, both sides at least `SSIM_WINDOW_PX`.
        second: (H, W) float64.
        value_range: what the values span, L of the paper; where it is 0 both are 0 and alike.

    Raises:
        UsageError: if a side is too short for the window.
    """
    if min(first.shape) < SSIM_WINDOW_PX:
        raise UsageError(f"SSIM needs maps of {SSIM_WINDOW_PX} pixels a side, not {first.shape}.")
    if value_range == 0:
        return 1.0
    mean_1, mean_2 = _windowed(first), _windowed(second)
    variance_1 = _windowed(first**2) - mean_1**2
    variance_2 = _windowed(second**2) - mean_2**2
    covariance = _windowed(first * second) - mean_1 * mean_2
    c1, c2 = (0.01 * value_range) ** 2, (0.03 * value_range) ** 2
    above = (2 * mean_1 * mean_2 + c1) * (2 * covariance + c2)
    below = (mean_1**2 + mean_2**2 + c1) * (variance_1 + variance_2 + c2)
    return float((above / below).mean())


def difference(clean: Heatmap, covered: Heatmap) -> NDArray[np.float32]:
    """Return where heat came (above 0) and went (below 0): (H, W) float32 in [-1, 1].

    Raw values of the covered face minus those of the clean one, over the largest absolute value of
    both; 0 everywhere where both maps are.

    Raises:
        UsageError: if the two differ in shape.
    """
    check_shapes(clean.values, covered.values)
    before, after = clean.raw(), covered.raw()
    scale = max(float(np.abs(before).max()), float(np.abs(after).max()))
    if scale == 0:
        return np.zeros_like(before)
    return np.clip((after - before) / np.float32(scale), -1, 1)


def _correlation(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return 0.0
    return float(np.corrcoef(first.ravel(), second.ravel())[0, 1])


def _windowed(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the Gaussian-weighted mean around each pixel whose whole window lies inside."""
    side, edge = SSIM_WINDOW_PX, SSIM_WINDOW_PX // 2
    means = cv2.GaussianBlur(values, (side, side), SSIM_SIGMA_PX)
    return np.asarray(means[edge : means.shape[0] - edge, edge : means.shape[1] - edge])
