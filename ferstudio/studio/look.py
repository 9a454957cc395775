"""One model on one face: its answer, where it looks, and what its own attention weighs."""

from ferstudio.explain.attention_maps import attention_views
from ferstudio.explain.cam import Cam
from ferstudio.explain.explainer import Explainer
from ferstudio.models import LoadedModel
from ferstudio.preprocess import as_seen, to_pixels
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
