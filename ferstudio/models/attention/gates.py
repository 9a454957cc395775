"""Which layers of a network make attention weights.

A block all of whose parameters make attention weights derives from `GateLayers` as well. Training
can then let these layers learn at a rate of their own, and start them where the weights differ.
"""

from collections.abc import Iterator

from torch import nn


class GateLayers(nn.Module):
    """A module all of whose parameters make attention weights."""

    def logit_layers(self) -> tuple[nn.Module, ...]:
        """Return the layers whose outputs, alone or added up, are what a sigmoid gets."""
        raise NotImplementedError


def gate_layers(network: nn.Module) -> Iterator[GateLayers]:
    """Yield the blocks of `network` that make attention weights, in the order it lists them."""
    for module in network.modules():
        if isinstance(module, GateLayers):
            yield module


def gate_parameters(network: nn.Module) -> list[nn.Parameter]:
    """Return the parameters of `network` that make attention weights, each once."""
    each = (parameter for block in gate_layers(network) for parameter in block.parameters())
    return list(dict.fromkeys(each))
