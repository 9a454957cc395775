"""Leakage: how much of a heatmap lies on what covers the face."""

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
    heat = np.maximum(heatmap.raw(), 0).astype(np.float64)
    total = heat.sum()
    return float(heat[mask].sum() / total) if total > 0 else 0.0
