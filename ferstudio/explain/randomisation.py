"""The sanity check of a heatmap: it must change when the network's weights become random."""

import copy
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from ferstudio.errors import UsageError
from ferstudio.explain.explainer import Explainer, Heatmap
from ferstudio.explain.similarity import MapSimilarity, similarity
from ferstudio.models import LoadedModel
from ferstudio.pauses import part, pause
from ferstudio.preprocess import to_tensor
from ferstudio.types import FaceCrop


@dataclass(frozen=True, slots=True)
class RandomisedStage:
    """What is left of a map when a network's last layers have random weights.

    Attributes:
        layer: the foremost layer that is random; all behind it are, too.
        layers: number of random layers.
        similarity: of the map to that of the trained network, each on its own scale.
        heatmap: the map that is left.
    """

    layer: str
    layers: int
    similarity: MapSimilarity
    heatmap: Heatmap


def randomisation_check(
    model: LoadedModel,
    explainer: Explainer,
    crop: FaceCrop,
    target: str | None = None,
    *,
    seed: int = 0,
    stages: int = 6,
) -> tuple[RandomisedStage, ...]:
    """Return what is left of a map as the network's weights become random, from the last layer on.

    Adebayo et al., "Sanity Checks for Saliency Maps", NeurIPS 2018, cascading randomisation:
    a map that stays alike doesn't depend on what the network learned. Here the values of each
    tensor change places at random, where the paper draws new ones: the layers keep their scale,
    which the running statistics of batch norm, themselves unchanged, are made for. The network
    itself isn't touched; a copy is.

    Args:
        model: a model that `explainer` supports, its batch norms not folded away.
        explainer: whose first map is checked.
        crop: the face.
        target: emotion to explain at all stages; None takes the trained network's answer.
        seed: of all randomness.
        stages: how many times a map is made; the first with the last layer alone random, the last
            with all.

    Raises:
        UsageError: if `stages` is below 1.
    """
    if stages < 1:
        raise UsageError(f"The check needs at least one stage, not {stages}.")
    original = explainer.explain(model, crop, target)
    with model.exclusive() as module:
        shuffled = copy.deepcopy(module)
    twin = LoadedModel(model.entry, model.card, shuffled)
    layers = _layers_from_the_last(shuffled, to_tensor(crop, model.card.input))
    generator = torch.Generator().manual_seed(seed)
    found, done = [], 0
    counts = _stage_counts(len(layers), stages)
    for stage, count in enumerate(counts):
        pause(stage / len(counts))
        for _, layer in layers[done:count]:
            _shuffle(layer, generator)
        done = count
        with part(stage / len(counts), (stage + 1) / len(counts)):
            explanation = explainer.explain(twin, crop, original.target)
        left = explanation.heatmaps[0]
        alike = similarity(original.heatmaps[0], left, shared_scale=False)
        found.append(RandomisedStage(layers[count - 1][0], count, alike, left))
    return tuple(found)


def _layers_from_the_last(module: nn.Module, batch: Tensor) -> list[tuple[str, nn.Module]]:
    """Return all modules with parameters of their own, the one that runs last first.

    Those that never run, as their weights are used by another module, come last.
    """
    layers = {
        name: part
        for name, part in module.named_modules()
        if any(True for _ in part.parameters(recurse=False))
    }
    ran: dict[str, None] = {}  # in the order of the first run
    handles = [
        part.register_forward_hook(lambda *_, name=name: ran.setdefault(name))
        for name, part in layers.items()
    ]
    try:
        with torch.inference_mode():
            module(batch)
    finally:
        for handle in handles:
            handle.remove()
    order = [*reversed(ran), *(name for name in layers if name not in ran)]
    return [(name, layers[name]) for name in order]


def _stage_counts(layers: int, stages: int) -> list[int]:
    """Return how many layers are random at each stage: 1 first, then in even steps up to all."""
    counts = np.rint(np.linspace(1, layers, stages)) if stages > 1 else np.array([layers])
    return sorted({int(count) for count in counts})


@torch.no_grad()
def _shuffle(layer: nn.Module, generator: torch.Generator) -> None:
    for parameter in layer.parameters(recurse=False):
        order = torch.randperm(parameter.numel(), generator=generator)
        parameter.copy_(parameter.flatten()[order].view(parameter.shape))
