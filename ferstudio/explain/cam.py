"""Grad-CAM: one forward pass, and a backward pass through the layers behind the CAM layer only.

Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based
Localization", ICCV 2017. The arithmetic is pytorch-grad-cam's
(https://github.com/jacobgil/pytorch-grad-cam). As its documentation uses it, the library costs
about 3.5 forward passes, because gradients flow through the whole network, and scales every map
by its own minimum and maximum, so that no two can be compared. Here it gets the activations and
gradients of the tail, and the map keeps its range.

Which layer: the paper takes the last convolution, whose map has 7 x 7 cells at 224 px. At 112 px
it has 4 x 4, too coarse to tell a mouth from a nose; so the usual layer is the deepest whose map
has at least `MIN_CELLS` cells a side. `layer` asks for another one, and `Heatmap.name` says which
it was.
"""

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ferstudio.errors import UnknownNameError
from ferstudio.explain.explainer import Explanation, Heatmap, register_explainer
from ferstudio.models import LoadedModel, prediction_from_logits
from ferstudio.preprocess import to_tensor
from ferstudio.types import FaceCrop

MIN_CELLS = 6
"""Fewest cells a side that a map needs to show parts of a face."""


@register_explainer("grad-cam")
class GradCam:
    """Grad-CAM of one emotion's logit (Eqs. 1 and 2 of the paper)."""

    name = "grad-cam"
    title = "Grad-CAM"
    summary = (
        "Regions whose features raise the score of the emotion: the network's late feature maps, "
        "each weighted by its mean gradient."
    )

    def __init__(self) -> None:
        """Import the library now: it takes seconds, which no first heatmap should wait for."""
        import pytorch_grad_cam  # noqa: F401

    def supports(self, model: LoadedModel) -> bool:
        """Return whether the network names a layer that a CAM can show."""
        return bool(model.entry.cam_layers)

    def explain(
        self,
        model: LoadedModel,
        crop: FaceCrop,
        target: str | None = None,
        *,
        layer: str | None = None,
    ) -> Explanation:
        """Return why `model` would answer `target` (None: its own answer) for `crop`.

        Args:
            model: a network that this method supports.
            crop: the face, in the framing of the training images.
            target: emotion to explain.
            layer: one of the entry's `cam_layers`; None takes the `usual_layer`.

        Returns:
            One heatmap (S, S) over the whole crop; raw 0 is "no region speaks for the emotion".

        Raises:
            UnknownNameError: if the model doesn't know the emotion or has no such CAM layer.
        """
        started = time.perf_counter()
        labels, layers = model.card.label_names, model.entry.cam_layers
        if target is not None and target not in labels:
            raise UnknownNameError("emotion", target, list(labels))
        if layer is None and layers:
            layer = usual_layer(layers, model.card.input.size)
        if layer is None or layer not in layers:
            raise UnknownNameError("CAM layer", str(layer), list(layers))
        batch = to_tensor(crop, model.card.input)
        with (
            model.exclusive() as module,
            differentiable_behind(module.get_submodule(layer)) as activations,
        ):
            logits = module(batch)[0]  # (K,)
            prediction = prediction_from_logits(logits, labels)
            target = target or prediction.top
            (gradient,) = torch.autograd.grad(logits[labels.index(target)], activations[-1])
            cam = _grad_cam(module, activations[-1].detach(), gradient)
        heatmap = _heatmap(layer, cam, crop.size)
        elapsed_s = time.perf_counter() - started
        return Explanation(self.name, target, prediction, (heatmap,), elapsed_s)


def usual_layer(cam_layers: Mapping[str, int], size_px: int) -> str:
    """Return the deepest layer whose map is fine enough for a picture of `size_px` a side.

    Where none has `MIN_CELLS` cells a side, the shallowest, whose map is the finest.
    """
    names = list(cam_layers)
    fine = [name for name in names if math.ceil(size_px / cam_layers[name]) >= MIN_CELLS]
    return fine[-1] if fine else names[0]


@contextmanager
def differentiable_behind(layer: nn.Module) -> Iterator[list[Tensor]]:
    """Record a graph only behind `layer` in the forward passes made inside the block.

    The forward pass runs without gradients up to the output of `layer`, which becomes the leaf of
    the graph. The hook is removed and the grad mode restored on leaving, also after an exception.
    Use it inside `LoadedModel.exclusive()`: hooks are seen by all threads.

    Yields:
        A list that gets the layer's output (N, C, H, W) as a leaf at each pass.
    """
    leaves: list[Tensor] = []

    def start_graph(_module: nn.Module, _inputs: object, output: Tensor) -> Tensor:
        torch.set_grad_enabled(True)
        leaf = output.detach().requires_grad_()
        leaves.append(leaf)
        return leaf.clone()  # a layer behind may work in place, which a leaf doesn't allow

    with torch.inference_mode(False), torch.no_grad():
        handle = layer.register_forward_hook(start_graph)
        try:
            yield leaves
        finally:
            handle.remove()


def _grad_cam(module: nn.Module, activations: Tensor, gradients: Tensor) -> NDArray[np.float32]:
    from pytorch_grad_cam import GradCAM

    library = GradCAM(model=module, target_layers=[])  # without layers it sets no hooks
    cam = library.get_cam_image(
        input_tensor=None,
        target_layer=None,
        targets=None,
        activations=activations.cpu().numpy(),
        grads=gradients.cpu().numpy(),
    )
    return np.maximum(cam[0], 0).astype(np.float32)  # (H, W)


def _heatmap(name: str, cam: NDArray[np.float32], size_px: int) -> Heatmap:
    highest = float(cam.max())
    shares = cam / np.float32(highest) if highest > 0 else cam
    enlarged = cv2.resize(shares, (size_px, size_px), interpolation=cv2.INTER_LINEAR)
    return Heatmap(
        name=name,
        values=np.clip(enlarged, 0, 1).astype(np.float32),
        native_size=(cam.shape[0], cam.shape[1]),
        raw_range=(0.0, highest),
    )
