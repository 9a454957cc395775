"""CAMs without gradients: each channel is tried out, by forward passes with it alone or without.

The arithmetic is pytorch-grad-cam's. Both ask as many times as the layer has channels, so they
take seconds where Grad-CAM takes milliseconds.
"""

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from ferstudio.explain.cam import Cam, MapOf, activations_of, as_array
from ferstudio.explain.explainer import register_explainer
from ferstudio.explain.forward import Asked, Tail, without_graph
from ferstudio.models import LoadedModel


@register_explainer("score-cam")
class ScoreCam(Cam):
    """Score-CAM: feature maps weighted by the logit of the picture seen through each of them.

    Wang et al., "Score-CAM: Score-Weighted Visual Explanations for Convolutional Neural Networks",
    CVPR Workshops 2020, Eqs. 3 to 5, with the softmax over channels of its algorithm 1 and, as in
    the library, without the score of an empty picture, which that softmax cancels. Weights are
    positive and sum to 1, so the raw unit is the features'; raw 0: the features there are 0.
    """

    name = "score-cam"
    title = "Score-CAM"
    summary = (
        "Feature maps weighted by how well the emotion is still seen through each of them alone; "
        "needs no gradients, but seconds."
    )

    def _look(self, model: LoadedModel, batch: Tensor, layer: str) -> tuple[Tensor, MapOf]:
        from pytorch_grad_cam import ScoreCAM
        from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

        _without_progress_bars()
        logits, activations = activations_of(model.module, batch, layer)

        def map_of(index: int) -> NDArray[np.float32]:
            count = activations.shape[1]
            library = ScoreCAM(Asked(model, count), [])  # without layers it sets no hooks
            with without_graph():
                cam = library.get_cam_image(
                    batch, None, [ClassifierOutputTarget(index)], as_array(activations), None
                )
            return np.maximum(cam[0], 0).astype(np.float32)

        return logits, map_of


@register_explainer("ablation-cam")
class AblationCam(Cam):
    """Ablation-CAM: feature maps weighted by the share of the logit that is lost without them.

    Desai and Ramaswamy, "Ablation-CAM: Visual Explanations for Deep Convolutional Network via
    Gradient-free Localization", WACV 2020, Eqs. 2 and 4. Only the layers behind the CAM layer run
    again. Raw 0: no region speaks for the emotion. The weights are divided by the logit, so where
    that is negative they, and the map, mean the opposite.

    A channel that is switched off is 0, as in the paper. For layers with negative values, such as
    CSINet's, the library would put -1e7 there, one more for each channel of a batch, so that the
    map depends on the order of the channels; its own `ablation_layer` parameter prevents that.
    """

    name = "ablation-cam"
    title = "Ablation-CAM"
    summary = (
        "Feature maps weighted by how far the score falls when each of them is switched off; "
        "needs no gradients, but seconds."
    )

    def _look(self, model: LoadedModel, batch: Tensor, layer: str) -> tuple[Tensor, MapOf]:
        from pytorch_grad_cam import AblationCAM
        from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

        _without_progress_bars()
        tail = Tail(model.module)
        with without_graph(), tail.recording(model.module.get_submodule(layer)):
            logits = model.module(batch)

        def map_of(index: int) -> NDArray[np.float32]:
            targets, activations = [ClassifierOutputTarget(index)], tail.activations
            # The library swaps the layer of the network that it is given: here the first.
            asked = Asked(model, 1 + activations.shape[1], tail)
            library = AblationCAM(asked, [], ablation_layer=zeroing_layer())
            with without_graph():
                cam = library.get_cam_image(
                    activations, asked.start, targets, as_array(activations), None
                )
            return np.maximum(cam[0], 0).astype(np.float32)

        return logits, map_of


def zeroing_layer() -> nn.Module:
    """Return a stand-in for a layer that sets one channel after another to 0, for the library."""
    from pytorch_grad_cam.ablation_layer import AblationLayer

    class ZeroingLayer(AblationLayer):
        def __call__(self, _x: Tensor) -> Tensor:
            pictures = range(len(self.activations))  # one channel is off in each
            self.activations[pictures, self.indices[: len(pictures)]] = 0
            return self.activations

    return ZeroingLayer()


def _without_progress_bars() -> None:
    """Take away the progress bars of both methods in the library."""
    from pytorch_grad_cam import ablation_cam, score_cam

    for module in (ablation_cam, score_cam):
        module.tqdm = _NoProgress


class _NoProgress:
    """Stands in for the module `tqdm`."""

    @staticmethod
    def tqdm(steps: range) -> range:
        return steps
