"""What class activation maps share: one forward pass, one layer, and a map that keeps its range.

Which layer: as in the methods' papers the last one, as long as its map has `MIN_CELLS` cells a
side. One picture's pass takes as long as its weights take to read, and half of them and more lie
behind the last finer layer: Grad-CAM there, with attention and features, costs 1.5 to 1.6 forward
passes for the residual networks at 80 to 112 px and 1.3 to 1.4 for VGG's at 64 px; at the last
layer it costs 1.1 to 1.2. By insertion and deletion against random maps the coarse map of the last
layer was no less true: on 60 validation faces, mean gain 0.24 and 0.19 (ACSI-Net at 3 x 3 cells,
ResNet-18 at 4 x 4) against 0.23 and 0.18 at the stage before. `layer` asks for another one, and
`Heatmap.name` says which it was.
"""

import math
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack

import cv2
import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from ferstudio.errors import UnknownNameError
from ferstudio.explain.explainer import Explanation, Heatmap, emotion_index
from ferstudio.explain.forward import outputs_of, without_graph
from ferstudio.models import LoadedModel, prediction_from_logits
from ferstudio.models.attention import capture_attention
from ferstudio.preprocess import to_tensor
from ferstudio.types import FaceCrop

MIN_CELLS = 3
"""Fewest cells a side that a map needs to show parts of a face."""

MapOf = Callable[[int], NDArray[np.float32]]
"""Returns the map (H, W), in the method's own unit, that explains the logit of an index; of N
pictures in one pass the maps (N, H, W)."""


class Cam(ABC):
    """A map of where the network's own features speak for an emotion.

    A method says in `_look` how it runs the network, and what it makes of it.
    """

    name: str
    title: str
    summary: str
    needs = "feature maps of the network's own"
    passes: int = 1

    def layers(self, model: LoadedModel) -> Mapping[str, int]:
        """Return what the method can show of `model`: layers, shallow to deep, with strides."""
        return model.entry.cam_layers

    def supports(self, model: LoadedModel) -> bool:
        """Return whether the network has a layer that the method can show."""
        return bool(self.layers(model))

    def explain(
        self,
        model: LoadedModel,
        crop: FaceCrop,
        target: str | None = None,
        *,
        layer: str | None = None,
        features: bool = False,
        attention: bool = False,
    ) -> Explanation:
        """Return why `model` would answer `target` (None: its own answer) for `crop`.

        Prediction, map, features and attention are of the same forward pass.

        Args:
            model: a network that this method supports.
            crop: the face, in the framing of the training images.
            target: emotion to explain.
            layer: one of `layers(model)`; None takes the `usual_layer`.
            features: whether the feature vector is wanted, too.
            attention: whether the attention tensors are wanted, too.

        Returns:
            One heatmap (S, S) over the whole crop; what raw 0 means is the method's to say.

        Raises:
            UnknownNameError: if the model doesn't know the emotion or has no such layer.
        """
        started = time.perf_counter()
        labels = model.card.label_names
        if target is not None:
            emotion_index(target, labels)  # refused before anything runs
        layer = self._layer(model, layer)
        batch = to_tensor(crop, model.card.input)
        with model.exclusive() as module, ExitStack() as stack:
            read = [module.get_submodule(model.entry.feature_layer)] if features else []
            vectors = stack.enter_context(outputs_of(read))
            records = stack.enter_context(capture_attention(module)) if attention else []
            logits, map_of = self._look(model, batch, layer)
        prediction = prediction_from_logits(logits[0], labels)
        target = target or prediction.top
        heatmap = enlarged(layer, map_of(labels.index(target)), crop.size)
        vector = vectors[-1][1].detach().float().flatten().cpu() if vectors else None
        return Explanation(
            method=self.name,
            target=target,
            prediction=prediction,
            heatmaps=(heatmap,),
            elapsed_s=time.perf_counter() - started,
            features=None if vector is None else vector.numpy().copy(),
            attention=tuple(records),
        )

    def explain_together(
        self, model: LoadedModel, crops: Sequence[FaceCrop]
    ) -> tuple[Explanation, ...]:
        """Return why `model` answers the first picture as it does, and where that lies in all.

        Methods that can ask about all pictures in one pass do so.

        Args:
            model: a network that this method supports.
            crops: one face or more, as `explain` takes it.
        """
        first, *others = crops
        shown = self.explain(model, first)
        return (shown, *(self.explain(model, crop, shown.target) for crop in others))

    def _layer(self, model: LoadedModel, layer: str | None = None) -> str:
        """Return the layer that is shown; None takes the `usual_layer`.

        Raises:
            UnknownNameError: if the method can't show it.
        """
        layers = self.layers(model)
        if layer is None and layers:
            layer = usual_layer(layers, model.card.input.size)
        if layer is None or layer not in layers:
            raise UnknownNameError("CAM layer", str(layer), list(layers))
        return layer

    @abstractmethod
    def _look(self, model: LoadedModel, batch: Tensor, layer: str) -> tuple[Tensor, MapOf]:
        """Run `model.module` once on one picture; return the logits (1, K), and what makes the map.

        Hooks for features and attention are on the network meanwhile. When the map is made the
        network is held no longer: passes that the method needs beyond this one belong there, each
        batch of them held and paused for on its own, as `Asked` does.
        """


class AtLayer:
    """A CAM of one layer: an explainer like any other, named after both."""

    def __init__(self, cam: Cam, layer: str) -> None:
        """Show `layer` of a network by `cam`."""
        self._cam, self._layer = cam, layer
        self.name = f"{cam.name}@{layer}"
        self.title = f"{cam.title} at {layer}"
        self.summary, self.needs = cam.summary, cam.needs
        self.passes = cam.passes

    def supports(self, model: LoadedModel) -> bool:
        """Return whether the network has a layer that the method can show."""
        return self._cam.supports(model)

    def explain(self, model: LoadedModel, crop: FaceCrop, target: str | None = None) -> Explanation:
        """Return why `model` would answer `target` (None: its own answer) for `crop`.

        Raises:
            UnknownNameError: if the model doesn't know the emotion or has no such layer.
        """
        return self._cam.explain(model, crop, target, layer=self._layer)


def usual_layer(cam_layers: Mapping[str, int], size_px: int) -> str:
    """Return the deepest layer whose map is fine enough for a picture of `size_px` a side.

    Where none has `MIN_CELLS` cells a side, the shallowest, whose map is the finest.
    """
    names = list(cam_layers)
    fine = [name for name in names if math.ceil(size_px / cam_layers[name]) >= MIN_CELLS]
    return fine[-1] if fine else names[0]


def activations_of(module: nn.Module, batch: Tensor, layer: str) -> tuple[Tensor, Tensor]:
    """Return logits (1, K) and the output of `layer` (1, C, H, W) from a pass without a graph."""
    with without_graph(), outputs_of([module.get_submodule(layer)]) as outputs:
        logits = module(batch)
    return logits, outputs[-1][1]


def as_array(tensor: Tensor) -> NDArray[np.float32]:
    """Return the tensor as the library takes it: a float32 array, without a graph."""
    return tensor.detach().float().cpu().numpy()


def enlarged(name: str, raw: NDArray[np.floating], size_px: int) -> Heatmap:
    """Return a map (H, W), bilinearly enlarged to `size_px` a side, as a heatmap.

    Its `values` begin at raw 0, or at the lowest raw value if that is negative.
    """
    low, high = min(0.0, float(raw.min())), float(raw.max())
    shares = (raw - low) / (high - low) if high > low else np.zeros_like(raw)
    values = cv2.resize(shares, (size_px, size_px), interpolation=cv2.INTER_LINEAR)
    return Heatmap(
        name=name,
        values=np.minimum(values, 1, dtype=np.float32),  # rounding may lead beyond
        native_size=(raw.shape[0], raw.shape[1]),
        raw_range=(low, high),
    )
