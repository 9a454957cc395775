"""Leakage: how much of a heatmap lies on what covers the face, and how much heat is left."""

import numpy as np
from numpy.typing import NDArray

from ferstudio.errors import UsageError
from ferstudio.explain.explainer import Heatmap


def leakage_share(heatmap: Heatmap, mask: NDArray[np.bool_]) -> float:
    """Return the share of the heat that lies on the occluder, in [0, 1].

    The sum of the positive raw values under `mask` over their sum in the whole map; 0 for a map
    without positive values.

    Args:
        heatmap: a map over the whole crop, (S, S).
        mask: (S, S) bool, True where the occluder is.

    Raises:
        UsageError: if the two differ in shape.
    """
    if mask.shape != heatmap.values.shape:
        raise UsageError(
            f"Mask and heatmap must have one shape, not {mask.shape} and {heatmap.values.shape}."
        )
    heat = _positive(heatmap)
    total = heat.sum()
    return float(heat[mask].sum() / total) if total > 0 else 0.0


def leakage_where_heat(heatmap: Heatmap | None, mask: NDArray[np.bool_]) -> float | None:
    """Return `leakage_share`; None where there is no map, or no heat on it that could lie anywhere.

    Raises:
        UsageError: if the two differ in shape.
    """
    if heatmap is None or heatmap.empty:
        return None
    return leakage_share(heatmap, mask)


def heat_kept(covered: Heatmap, clean: Heatmap) -> float | None:
    """Return how much heat the covered face has, over that of the clean one; None where that is 0.

    Both sums are of the positive raw values: 0.06 where the cover took all but 6 % of the heat, and
    above 1 where heat came. It tells how strong a map is that is drawn on a scale of its own.

    Args:
        covered: a map of the covered face.
        clean: the same model's map, by the same method and of the same emotion, of the clean face.
    """
    before = _positive(clean).mean()
    return float(_positive(covered).mean() / before) if before > 0 else None


def _positive(heatmap: Heatmap) -> NDArray[np.float64]:
    return np.maximum(heatmap.raw(), 0).astype(np.float64)
