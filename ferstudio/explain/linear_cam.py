"""Exact CAM, for networks that end with global average pooling and one linear layer.

Zhou, Khosla, Lapedriza, Oliva and Torralba, "Learning Deep Features for Discriminative
Localization", CVPR 2016.
"""

from collections.abc import Mapping
from weakref import WeakKeyDictionary

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ferstudio.explain.cam import Cam, MapOf, activations_of, as_array
from ferstudio.explain.explainer import register_explainer
from ferstudio.explain.forward import without_graph
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

    def layers(self, model: LoadedModel) -> Mapping[str, int]:
        """Return the last CAM layer, where nothing but pooling and a linear layer follow it."""
        if linear_head(model) is None:
            return {}
        last = list(model.entry.cam_layers)[-1]
        return {last: model.entry.cam_layers[last]}

    def _look(self, module: nn.Module, batch: Tensor, layer: str) -> tuple[Tensor, MapOf]:
        logits, activations = activations_of(module, batch, layer)

        def map_of(index: int) -> NDArray[np.float32]:
            head = _heads[module]
            assert head is not None
            return as_array(torch.einsum("c,chw->hw", head.weight[index], activations[0]))

        return logits, map_of


def linear_head(model: LoadedModel) -> nn.Linear | None:
    """Return the linear layer that the average over the last CAM layer's cells goes into, if any.

    It is looked for by its shape and found by trial: with random numbers in the place of the
    last CAM layer's output, the network must answer what pooling and that layer answer.
    """
    if not model.entry.cam_layers:
        return None
    with model.exclusive() as module:
        if module not in _heads:
            _heads[module] = _find_head(model, module)
        return _heads[module]


_heads: WeakKeyDictionary[nn.Module, nn.Linear | None] = WeakKeyDictionary()


def _find_head(model: LoadedModel, module: nn.Module) -> nn.Linear | None:
    layer = module.get_submodule(list(model.entry.cam_layers)[-1])
    made: list[Tensor] = []

    def replace_output(_layer: nn.Module, _inputs: object, output: Tensor) -> Tensor:
        numbers = torch.randn(output.shape, generator=torch.Generator().manual_seed(0))
        made.append(numbers.to(output))
        return made[-1].clone()

    handle = layer.register_forward_hook(replace_output)
    try:
        with without_graph():
            size_px = model.card.input.size
            logits = module(next(module.parameters()).new_zeros(1, 3, size_px, size_px))
    finally:
        handle.remove()
    pooled = made[-1].mean(dim=(2, 3))  # (1, C)
    shape = (pooled.shape[1], logits.shape[1])
    for head in module.modules():
        if isinstance(head, nn.Linear) and (head.in_features, head.out_features) == shape:
            with without_graph():
                answer = head(pooled)
            if torch.allclose(answer, logits, rtol=1e-3, atol=1e-5):
                return head
    return None
