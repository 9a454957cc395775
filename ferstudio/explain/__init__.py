"""Why a model answered what it answered. Importing this package registers every explainer."""

from ferstudio.explain import gradient_cams

# isort: split
from ferstudio.explain import gradient_free_cam

# isort: split
from ferstudio.explain import fullgrad, linear_cam

# isort: split
from ferstudio.explain import sensitivity
from ferstudio.explain.explainer import (
    Explainer,
    Explanation,
    Heatmap,
    explainer,
    list_explainers,
    register_explainer,
)
from ferstudio.explain.leakage import leakage_share
from ferstudio.explain.overlay import colour_bar, draw_overlay, shared_scale

__all__ = [
    "Explainer",
    "Explanation",
    "Heatmap",
    "colour_bar",
    "draw_overlay",
    "explainer",
    "fullgrad",
    "gradient_cams",
    "gradient_free_cam",
    "leakage_share",
    "linear_cam",
    "list_explainers",
    "register_explainer",
    "sensitivity",
    "shared_scale",
]
