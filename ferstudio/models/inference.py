"""Answers of a trained network: logits to `Prediction`, and the features behind them."""

import torch
from torch import Tensor

from ferstudio.errors import UsageError
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


def answers_and_features(model: LoadedModel, batch: Tensor) -> tuple[Tensor, Tensor]:
    """Return logits (N, K) and feature vectors (N, D) of one forward pass, float32 on the CPU.

    The feature vector is the output of the entry's `feature_layer`, flattened.

    Args:
        model: the network.
        batch: (N, 3, H, W), preprocessed as its card says.

    Raises:
        UsageError: if the network names no layer of features, as an ensemble doesn't.
    """
    if not model.entry.feature_layer:
        raise UsageError(f"{model.name} has no feature vector of its own.")
    outputs: list[Tensor] = []
    with model.exclusive() as module, torch.inference_mode():
        layer = module.get_submodule(model.entry.feature_layer)
        handle = layer.register_forward_hook(
            lambda _module, _inputs, output: outputs.append(output.flatten(1).float().cpu().clone())
        )
        try:
            logits = module(batch)
        finally:
            handle.remove()
    return logits.float().cpu(), outputs[-1]
