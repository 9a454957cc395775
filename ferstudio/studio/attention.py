"""A network's own attention on one face, and its answer with that attention switched off.

Off means neutral: a gate is replaced by its own mean over channels and places, the shares of
branches by equal shares, a predicted map by its mean. So nothing is told apart any more (neither
where nor which channel), while as much passes in total as before. A gate of 1 would also let more
pass than the following layers and batch norms have learned to expect (four times as much where
gates are near 0.25), and of a network that mixes two maps by gate and 1 - gate it would drop one.
The mean is that of the same pass: behind a switched-off block, the next block sees other features.
"""

import time
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ferstudio.errors import UnknownNameError
from ferstudio.explain.attention_maps import (
    AttentionMap,
    AttentionView,
    attention_views,
    inventory,
    main_map,
)
from ferstudio.explain.face_parts import RegionShare, region_shares
from ferstudio.models import LoadedModel, prediction_from_logits
from ferstudio.models.attention import (
    AttentionRole,
    attention_taps,
    capture_attention,
    replace_attention,
)
from ferstudio.models.black_box import is_black_box
from ferstudio.models.foreign import is_foreign
from ferstudio.preprocess import as_seen, to_pixels, to_tensor
from ferstudio.studio.guidance import guidance_of
from ferstudio.studio.results import Guidance
from ferstudio.types import FaceCrop, Prediction


@dataclass(frozen=True, slots=True)
class AttentionReport:
    """What one network's attention did with one face, all from one forward pass.

    Attributes:
        name: name of the weights.
        title: the network's title.
        prediction: its answer, the same as without looking.
        views: what its blocks weighed, in the order of use; () where it has no attention.
        imported: whether it came from elsewhere, so that it may have attention of its own that
            can't be looked at.
        main: the map among `views` that tells best where it looks; None where none is a map.
        regions: how the main map is spread over the parts of the face; () without one.
        seen: (size, size, 3) uint8 RGB, the picture as the network was given it.
        guidance: what it was shown in training, where its paper guides it; None elsewhere.
        elapsed_s: seconds for the forward pass and the views.
    """

    name: str
    title: str
    prediction: Prediction
    views: tuple[AttentionView, ...]
    main: AttentionMap | None
    regions: tuple[RegionShare, ...]
    seen: NDArray[np.uint8]
    guidance: Guidance | None
    elapsed_s: float
    imported: bool = False


def attention_report(model: LoadedModel, crop: FaceCrop) -> AttentionReport:
    """Return what the attention of `model` does with a face."""
    started = time.perf_counter()
    prediction, views = predict_with_attention(model, crop)
    main = main_map(views)
    regions = () if main is None else region_shares(main.heatmap, crop.landmarks_xy_px, crop.size)
    elapsed_s = time.perf_counter() - started
    return AttentionReport(
        name=model.name,
        title=model.title,
        prediction=prediction,
        views=views,
        main=main,
        regions=regions,
        seen=to_pixels(as_seen(crop, model.card.input)),
        guidance=guidance_of(model, crop),
        elapsed_s=elapsed_s,
        imported=is_black_box(model.entry) or is_foreign(model.entry.name),
    )


def predict_with_attention(
    model: LoadedModel, crop: FaceCrop
) -> tuple[Prediction, tuple[AttentionView, ...]]:
    """Return the answer of `model` and what its attention weighed, from one forward pass."""
    batch = to_tensor(crop, model.card.input)
    with (
        model.exclusive() as module,
        torch.inference_mode(),
        capture_attention(module) as records,
    ):
        logits = module(batch)[0]  # (K,)
        views = attention_views(module, records)
    return prediction_from_logits(logits, model.card.label_names), views


def predict_without_attention(
    model: LoadedModel, crop: FaceCrop, blocks: Collection[str] | None = None
) -> Prediction:
    """Return the answer of `model` with the attention of some blocks switched off.

    Args:
        model: the network.
        crop: the face.
        blocks: qualified names of the blocks; None switches all of them off.

    Raises:
        UnknownNameError: if a block doesn't exist or has no attention.
    """
    known = [block.module for block in inventory(model)]
    for name in blocks or ():
        if name not in known:
            raise UnknownNameError("attention block", name, known)
    batch = to_tensor(crop, model.card.input)
    with model.exclusive() as module, torch.inference_mode():
        roles = {name: tap.role for name, tap in attention_taps(module).items()}

        def switch_off(tap: str, weights: Tensor) -> Tensor:
            if blocks is not None and tap.rpartition(".")[0] not in blocks:
                return weights
            return neutral(roles[tap], weights)

        with replace_attention(module, switch_off):
            logits = module(batch)[0]  # (K,)
    return prediction_from_logits(logits, model.card.label_names)


def neutral(role: AttentionRole, weights: Tensor) -> Tensor:
    """Return weights of the same shape that tell nothing apart.

    Args:
        role: what the weights mean.
        weights: (N, ...) as a network computed them.

    Returns:
        For SCALE 1 / B in each of the B branches; else each picture's mean, everywhere.
    """
    if role is AttentionRole.SCALE:
        return torch.full_like(weights, 1 / weights.shape[1])
    return weights.mean(dim=tuple(range(1, weights.dim())), keepdim=True).expand_as(weights)
