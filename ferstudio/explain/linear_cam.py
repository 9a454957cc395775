"""Exact CAM, for networks that end with global average pooling and one linear layer.

Zhou, Khosla, Lapedriza, Oliva and Torralba, "Learning Deep Features for Discriminative
Localization", CVPR 2016.
"""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ferstudio.explain.cam import Cam, MapOf, activations_of, as_array
from ferstudio.explain.explainer import register_explainer
from ferstudio.models import LoadedModel


@register_explainer("cam")
class LinearCam(Cam):
    """CAM: the last feature maps weighted by the linear layer's weights (Eq. 2 of the paper).

    No estimate: the mean of the raw map over its cells is the logit without its bias, so raw 0
    speaks neither for nor against the emotion, and negative values speak against it.
    """

    name = "cam"
    title = "CAM (exact)"
    summary = (
        "The score itself, place by place, for and against; only for networks that end with an "
        "average and one linear layer."
    )
    needs = "a network that ends with an average and one linear layer"

    def layers(self, model: LoadedModel) -> Mapping[str, int]:
        """Return the layer whose average the classifier gets, where it gets nothing else."""
        pooled = model.entry.head.pools
        return {} if pooled is None else {pooled: model.entry.cam_layers[pooled]}

    def _look(self, model: LoadedModel, batch: Tensor, layer: str) -> tuple[Tensor, MapOf]:
        logits, activations = activations_of(model.module, batch, layer)

        def map_of(index: int) -> NDArray[np.float32]:
            weights = model.module.get_parameter(f"{model.entry.head.classifier}.weight")[index]
            return as_array(torch.einsum("c,chw->hw", weights, activations[0]))

        return logits, map_of
