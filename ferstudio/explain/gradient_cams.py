"""CAMs from one forward pass, and a backward pass behind the CAM layer only.

The arithmetic is pytorch-grad-cam's (https://github.com/jacobgil/pytorch-grad-cam).
As its documentation uses it, the library costs about 3.5 forward passes, because gradients flow
through the whole network, and scales every map by its own minimum and maximum, so that no two can
be compared. Here it gets the activations and gradients of the tail, and the map keeps its range.
As in the library, what speaks against the emotion is cut: raw values begin at 0.
"""

import time
from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ferstudio.explain.cam import Cam, MapOf, activations_of, as_array, enlarged
from ferstudio.explain.explainer import Explanation, register_explainer
from ferstudio.explain.forward import differentiable_behind
from ferstudio.models import LoadedModel, prediction_from_logits
from ferstudio.preprocess import to_tensor
from ferstudio.types import FaceCrop


class GradientCam(Cam):
    """A CAM whose cells are weighted by the gradient of the emotion's logit at the CAM layer."""

    library: ClassVar[str]
    """Name of the class in pytorch-grad-cam."""

    @cached_property
    def _library(self) -> Any:
        """The library's own method. Importing it takes seconds, so it waits for the first map."""
        import pytorch_grad_cam

        # Without layers it sets no hooks, and of the network it wants the device only.
        return getattr(pytorch_grad_cam, self.library)(nn.Linear(1, 1), [])

    def explain_together(
        self, model: LoadedModel, crops: Sequence[FaceCrop]
    ) -> tuple[Explanation, ...]:
        """Return why `model` answers the first picture as it does, and where that lies in all.

        All pictures go through the network at once.
        """
        started = time.perf_counter()
        layer, labels = self._layer(model), model.card.label_names
        batch = torch.cat([to_tensor(crop, model.card.input) for crop in crops])
        with model.exclusive():
            logits, maps_of = self._look_at_all(model, batch, layer)
        predictions = [prediction_from_logits(each, labels) for each in logits]
        target = predictions[0].top
        maps = maps_of(labels.index(target))
        elapsed_s = (time.perf_counter() - started) / len(crops)
        return tuple(
            Explanation(self.name, target, said, (enlarged(layer, raw, crop.size),), elapsed_s)
            for crop, said, raw in zip(crops, predictions, maps, strict=True)
        )

    def _look(self, model: LoadedModel, batch: Tensor, layer: str) -> tuple[Tensor, MapOf]:
        logits, maps_of = self._look_at_all(model, batch, layer)
        return logits, lambda index: maps_of(index)[0]

    def _look_at_all(self, model: LoadedModel, batch: Tensor, layer: str) -> tuple[Tensor, MapOf]:
        """Do what `_look` does for N pictures: logits (N, K), and what makes their maps."""
        with differentiable_behind(model.module.get_submodule(layer)) as leaves:
            logits = model.module(batch)

        def maps_of(index: int) -> NDArray[np.float32]:
            with torch.inference_mode(False), torch.enable_grad():
                # no picture's logit depends on another picture
                (gradients,) = torch.autograd.grad(logits[:, index].sum(), leaves[-1])
            maps = self._library.get_cam_image(
                None, None, None, as_array(leaves[-1]), as_array(gradients), False
            )
            return np.maximum(maps, 0).astype(np.float32)

        return logits, maps_of


@register_explainer("grad-cam")
class GradCam(GradientCam):
    """Grad-CAM: feature maps weighted by their mean gradient; raw 0: no region speaks for it.

    Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based
    Localization", ICCV 2017, Eqs. 1 and 2.
    """

    name = "grad-cam"
    title = "Grad-CAM"
    summary = (
        "Regions whose features raise the score of the emotion: the network's late feature maps, "
        "each weighted by its mean gradient."
    )
    library = "GradCAM"


@register_explainer("grad-cam++")
class GradCamPlusPlus(GradientCam):
    """Grad-CAM++: positive gradients only, weighted cell by cell; raw 0: nothing speaks for it.

    Chattopadhay, Sarkar, Howlader and Balasubramanian, "Grad-CAM++: Generalized Gradient-Based
    Visual Explanations for Deep Convolutional Networks", WACV 2018, Eqs. 5, 7 and 19.
    """

    name = "grad-cam++"
    title = "Grad-CAM++"
    summary = (
        "Grad-CAM with the positive gradients alone, each cell weighted by its own, so that "
        "several small regions count as much as one large."
    )
    library = "GradCAMPlusPlus"


@register_explainer("hires-cam")
class HiResCam(GradientCam):
    """HiResCAM: gradient times activation, cell by cell; raw 0: no or negative contribution.

    Draelos and Carin, "Use HiResCAM instead of Grad-CAM for faithful explanations of convolutional
    neural networks", arXiv:2011.08891, 2020, Eq. 2. Where the head is global average pooling and a
    linear layer, the sum over the last layer's cells, before the cut at 0, is the logit without
    its bias.
    """

    name = "hires-cam"
    title = "HiResCAM"
    summary = (
        "Where the features themselves raise the score: each cell's features times its own "
        "gradients, not their mean."
    )
    library = "HiResCAM"


@register_explainer("xgrad-cam")
class XGradCam(GradientCam):
    """XGrad-CAM: gradients averaged by activation; raw 0: no region speaks for it.

    Fu et al., "Axiom-based Grad-CAM: Towards Accurate Visualization and Explanation of CNNs", BMVC
    2020, Eq. 8. A layer that isn't cut at 0, as CSINet's, has maps whose sum, the divisor, is
    close to 0; the raw values grow without bound there.
    """

    name = "xgrad-cam"
    title = "XGrad-CAM"
    summary = (
        "Grad-CAM whose mean gradient is weighted by the activation, so that the map adds up to "
        "the score as closely as it can."
    )
    library = "XGradCAM"


@register_explainer("layer-cam")
class LayerCam(GradientCam):
    """LayerCAM: activations times their own positive gradients; raw 0: nothing speaks for it.

    Jiang, Zhang, Hou, Cheng and Wei, "LayerCAM: Exploring Hierarchical Class Activation Maps for
    Localization", IEEE TIP 30 (2021) 5875-5888, Eqs. 5 and 6. Made for shallow layers, too.
    """

    name = "layer-cam"
    title = "LayerCAM"
    summary = (
        "Each cell's features times its own positive gradients; keeps fine detail in the shallow "
        "layers, where Grad-CAM blurs."
    )
    library = "LayerCAM"


@register_explainer("eigen-cam")
class EigenCam(GradientCam):
    """Eigen-CAM: the activations' first principal component, the same for all emotions.

    Muhammad and Yeasin, "Eigen-CAM: Class Activation Map using Principal Components", IJCNN 2020.
    As in the library the activations are centred first. Raw 0: at or below the mean cell along
    the component, whose sign, and so which end of it is shown, is the decomposition's choice.
    """

    name = "eigen-cam"
    title = "Eigen-CAM"
    summary = (
        "What the features have most in common, whatever the emotion: their first principal "
        "component, without gradients."
    )
    library = "EigenCAM"

    # One picture at a time: the component's sign hangs on the last bits of its features.
    explain_together = Cam.explain_together

    def _look_at_all(self, model: LoadedModel, batch: Tensor, layer: str) -> tuple[Tensor, MapOf]:
        logits, activations = activations_of(model.module, batch, layer)

        def maps_of(_index: int) -> NDArray[np.float32]:
            maps = self._library.get_cam_image(None, None, None, as_array(activations), None, False)
            return np.maximum(maps, 0).astype(np.float32)

        return logits, maps_of
