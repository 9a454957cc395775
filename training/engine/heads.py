"""A network's last layer: which one it is, and the part of it that answers one label set."""

from functools import cache

import torch
from torch import Tensor, nn

from ferstudio.errors import UsageError
from ferstudio.models import build_model


@cache
def class_tensors(model: str) -> tuple[str, ...]:
    """Return the names of a network's tensors whose shapes depend on the number of classes."""
    with torch.device("meta"):
        few, more = (build_model(model, num_classes=count).state_dict() for count in (2, 3))
    return tuple(name for name, tensor in few.items() if tensor.shape != more[name].shape)


def output_layer(model: str) -> str:
    """Return the qualified name of the linear layer whose output is the logits.

    It is the last linear layer that depends on the number of classes.

    Raises:
        UsageError: if there is none with a bias.
    """
    with torch.device("meta"):
        network = build_model(model, num_classes=2)
    sized = {name.rpartition(".")[0] for name in class_tensors(model)}
    linear = [
        name
        for name, module in network.named_modules()
        if name in sized and isinstance(module, nn.Linear) and module.bias is not None
    ]
    if not linear:
        raise UsageError(f"{model} doesn't end with a linear layer that has a bias.")
    return linear[-1]


def check_separable(model: str) -> None:
    """Refuse a network that can't be cut into one per label set.

    Raises:
        UsageError: if more than its last layer depends on the number of classes.
    """
    layer = output_layer(model)
    others = [name for name in class_tensors(model) if name.rpartition(".")[0] != layer]
    if others:
        raise UsageError(
            f"{model} can't learn two label sets at once: the number of classes changes "
            f"{others[0]}, too, so no network of one set can be cut out of it; train it on one."
        )


def with_outputs(state: dict[str, Tensor], layer: str, columns: slice) -> dict[str, Tensor]:
    """Return a state whose network gives only some of the logits.

    Args:
        state: state dict of the whole network.
        layer: name of its linear output layer.
        columns: the logits to keep.
    """
    cut = {f"{layer}.{part}": state[f"{layer}.{part}"][columns] for part in ("weight", "bias")}
    return {**state, **cut}
