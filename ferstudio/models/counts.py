"""How big a network is: parameters and multiply-adds, counted without computing anything."""

from dataclasses import dataclass

import torch
from torch.utils.flop_counter import FlopCounterMode

from ferstudio.models.registry import build_model


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


def count_network(name: str, *, num_classes: int = 8, size_px: int = 224) -> NetworkCounts:
    """Return the size of the network called `name` for one picture of `size_px` a side.

    Raises:
        UnknownNameError: if there is no such network.
    """
    with torch.device("meta"):  # shapes only: no memory, no time
        module = build_model(name, num_classes=num_classes).eval()
        picture = torch.empty(1, 3, size_px, size_px)
    parameters = sum(parameter.numel() for parameter in module.parameters())
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        module(picture)
    return NetworkCounts(parameters, counter.get_total_flops() // 2)
