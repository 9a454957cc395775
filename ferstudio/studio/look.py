"""One model on one face or more: its answers, where it looks, what its own attention weighs."""

from collections.abc import Sequence

import torch

from ferstudio.explain.attention_maps import attention_views
from ferstudio.explain.cam import Cam
from ferstudio.explain.explainer import Explainer
from ferstudio.models import LoadedModel, prediction_from_logits
from ferstudio.preprocess import as_seen, to_pixels, to_tensor
from ferstudio.studio.attention import predict_with_attention
from ferstudio.studio.results import View
from ferstudio.types import FaceCrop


def look(
    model: LoadedModel, crop: FaceCrop, method: Explainer | None, target: str | None = None
) -> View:
    """Return what a network says about a face, and where it looks.

    Args:
        model: the network.
        crop: the face.
        method: the heatmap method; None for no map.
        target: emotion to explain; None takes the network's own answer.

    Raises:
        UnknownNameError: if the network doesn't know the emotion.
    """
    pixels = to_pixels(as_seen(crop, model.card.input))
    if method is None or not method.supports(model):
        prediction, attention = predict_with_attention(model, crop)
        return View(prediction, None, pixels, attention)
    if isinstance(method, Cam):
        explanation = method.explain(model, crop, target, attention=True)
        attention = attention_views(model.module, explanation.attention)
    else:
        explanation = method.explain(model, crop, target)
        _, attention = predict_with_attention(model, crop)
    return View(explanation.prediction, explanation.heatmaps[0], pixels, attention)


def look_together(
    model: LoadedModel, crops: Sequence[FaceCrop], method: Explainer | None
) -> tuple[View, ...]:
    """Return what a network says about several pictures, asked at once where it can be.

    All maps explain its answer to the first picture. What its own attention weighs isn't asked.

    Args:
        model: the network.
        crops: one face or more.
        method: the heatmap method; None for no map.
    """
    seen = [to_pixels(as_seen(crop, model.card.input)) for crop in crops]
    if method is None or not method.supports(model):
        batch = torch.cat([to_tensor(crop, model.card.input) for crop in crops])
        with model.exclusive() as module, torch.inference_mode():
            logits = module(batch)  # (N, K)
        labels = model.card.label_names
        said = [prediction_from_logits(each, labels) for each in logits]
        return tuple(View(each, None, face) for each, face in zip(said, seen, strict=True))
    if isinstance(method, Cam):
        explained = method.explain_together(model, crops)
    else:
        first = method.explain(model, crops[0])
        explained = (first, *(method.explain(model, crop, first.target) for crop in crops[1:]))
    return tuple(
        View(each.prediction, each.heatmaps[0], face)
        for each, face in zip(explained, seen, strict=True)
    )
