"""Why a model answered what it answered. Importing this package registers every explainer."""

from ferstudio.explain import cam
from ferstudio.explain.explainer import (
    Explainer,
    Explanation,
    Heatmap,
    explainer,
    list_explainers,
    register_explainer,
)
from ferstudio.explain.overlay import colour_bar, draw_overlay, leakage_share, shared_scale

__all__ = [
    "Explainer",
    "Explanation",
    "Heatmap",
    "cam",
    "colour_bar",
    "draw_overlay",
    "explainer",
    "leakage_share",
    "list_explainers",
    "register_explainer",
    "shared_scale",
]
