"""Answers of a trained network: logits to `Prediction`."""

import torch
from torch import Tensor

from ferstudio.models.loading import LoadedModel
from ferstudio.types import Prediction


def prediction_from_logits(logits: Tensor, labels: tuple[str, ...]) -> Prediction:
    """Return the prediction of one picture: softmax over its logits.

    Args:
        logits: (K,) on any device, of any floating type.
        labels: K emotion names in logit order.

    Raises:
        ValueError: if there isn't one logit per label.
    """
    if logits.shape != (len(labels),):
        raise ValueError(f"{len(labels)} labels need logits of that length, not {logits.shape}")
    values = logits.detach().float().cpu()
    return Prediction(
        labels=labels, probabilities=values.softmax(dim=0).numpy(), logits=values.numpy()
    )


def predict(model: LoadedModel, batch: Tensor) -> list[Prediction]:
    """Return one prediction per picture of a batch (N, 3, H, W), preprocessed as its card says."""
    with model.exclusive() as module, torch.inference_mode():
        logits = module(batch)  # (N, K)
    return [prediction_from_logits(row, model.card.label_names) for row in logits]
