"""How big a network is: parameters and multiply-adds, counted without computing anything."""

from dataclasses import dataclass

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from ferstudio.models.registry import AS_REGISTERED, Options, build_model


@dataclass(frozen=True, slots=True)
class NetworkCounts:
    """The size of a network.

    Attributes:
        parameters: number of trained parameters.
        multiply_adds: multiplications with an addition in convolutions and linear layers, for one
            RGB picture; papers often call them FLOPs, though each is two operations.
    """

    parameters: int
    multiply_adds: int


def count_parameters(name: str, *, num_classes: int = 8, options: Options = AS_REGISTERED) -> int:
    """Return the number of parameters of the network called `name`, built with `options`.

    Raises:
        UnknownNameError: if there is no such network.
    """
    return _parameters(_shapes_only(name, num_classes, options))


def count_network(
    name: str, *, num_classes: int = 8, size_px: int = 224, options: Options = AS_REGISTERED
) -> NetworkCounts:
    """Return the size of the network called `name` for one picture of `size_px` a side.

    Raises:
        UnknownNameError: if there is no such network.
    """
    module = _shapes_only(name, num_classes, options)
    picture = torch.empty(1, 3, size_px, size_px, device="meta")
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        module(picture)
    return NetworkCounts(_parameters(module), counter.get_total_flops() // 2)


def _shapes_only(name: str, num_classes: int, options: Options) -> nn.Module:
    with torch.device("meta"):  # no memory, no time
        return build_model(name, num_classes, options).eval()


def _parameters(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())
