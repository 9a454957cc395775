"""FullGrad: what the input and every bias of a network contribute to an emotion's logit.

Srinivas and Fleuret, "Full-Gradient Representation for Neural Network Visualization", NeurIPS
2019, Eq. 8. The arithmetic is pytorch-grad-cam's: the biases are those of convolutions and batch
norms, the latter with the running mean that they take away.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ferstudio.explain.cam import Cam, MapOf
from ferstudio.explain.explainer import register_explainer
from ferstudio.explain.forward import outputs_of
from ferstudio.models import LoadedModel
from ferstudio.pauses import pause

INPUT = "input"
"""Names the one map, which is as fine as the network's input."""


@register_explainer("full-grad")
class FullGrad(Cam):
    """FullGrad: gradient times input and gradient times bias of each layer, added up.

    Each channel's map is stretched to [0, 1] before the sum, so the raw unit is channels; raw 0:
    no input and no bias has the least effect there. The absolute value is taken, so what speaks
    against the emotion counts as much as what speaks for it. The library takes the network's
    layers in the order in which they are defined and their gradients in the order in which they
    ran; here each layer keeps its own.
    """

    name = "full-grad"
    title = "FullGrad"
    needs = "layers with biases"
    summary = (
        "Everything that moved the score, for or against: the picture and each layer's biases, "
        "times their gradients, at the picture's own resolution."
    )

    def layers(self, model: LoadedModel) -> dict[str, int]:
        """Return the input as the one layer, where the network has biases to look at."""
        return {INPUT: 1} if _biased(model.module) else {}

    def _look(self, model: LoadedModel, batch: Tensor, layer: str) -> tuple[Tensor, MapOf]:  # noqa: ARG002 - all
        with torch.inference_mode(False), torch.enable_grad():
            picture = batch.clone().requires_grad_()
            with outputs_of(_biased(model.module)) as outputs:
                logits = model.module(picture)

        def map_of(index: int) -> NDArray[np.float32]:
            from pytorch_grad_cam import FullGrad as Library

            library = Library(nn.Linear(1, 1), [])  # a network without such biases: no hooks
            library.bias_data = [
                library.get_bias_data(part).detach().cpu().numpy() for part, _ in outputs
            ]
            wanted = [picture, *(output for _, output in outputs)]
            with torch.inference_mode(False), torch.enable_grad():
                picture.grad, *gradients = torch.autograd.grad(
                    logits[0, index], wanted, materialize_grads=True
                )
            pause()
            library.activations_and_grads.gradients = [each.clone() for each in gradients]
            cam = library.compute_cam_per_layer(picture, None, False)  # (1, 1, H, W)
            return cam[0, 0].astype(np.float32)

        return logits, map_of


def _biased(module: nn.Module) -> list[nn.Module]:
    return [
        part
        for part in module.modules()
        if type(part) in (nn.Conv2d, nn.BatchNorm2d) and part.bias is not None
    ]
