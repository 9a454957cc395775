"""Attention gates that differ from the start.

Drawn as torch draws its layers, the last layer before a gate's sigmoid hardly changes from face to
face, so all gates begin near one half, and what is the same everywhere is learned by the layers
behind it. Here each such layer is scaled and shifted until, over some faces, each of its outputs
has a mean of 0 and the standard deviation asked for: layer-sequential unit variance (Mishkin and
Matas, "All you need is a good init", ICLR 2016), applied to gates alone. The networks' equations
stay as they are.
"""

from collections.abc import Iterator, Set
from contextlib import ExitStack, contextmanager

import torch
from torch import Tensor, nn

from ferstudio.models.attention.gates import GateLayers, gate_layers

LARGEST_SCALE = 100.0
"""A layer whose outputs hardly differ is scaled no further."""


@torch.no_grad()
def spread_gates(
    network: nn.Module, images: Tensor, spread: float, *, trained: Set[str] = frozenset()
) -> int:
    """Scale the layers before a network's gates so that the gates differ over `images`.

    Layers that were trained before stay as they are: what lies behind them relies on their scale.

    One forward pass is enough: each block is started just before it is used, with the features
    that the blocks before it let pass by then.

    Args:
        network: changed in place; its mode, and the statistics of its norms, stay.
        images: (N, 3, S, S) normalised input, some dozens of faces.
        spread: standard deviation of what each sigmoid gets, over faces and places.
        trained: names of the network's tensors that aren't as they were drawn.

    Returns:
        How many layers were changed.
    """
    changed: set[nn.Module] = set()
    kept = {layer for name, layer in network.named_modules() if f"{name}.weight" in trained}

    def start(block: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        assert isinstance(block, GateLayers)
        for layer in block.logit_layers():
            if layer in kept:
                continue
            _standardise(layer, _outputs(block, layer, inputs), spread)
            changed.add(layer)

    with _measuring(network), ExitStack() as stack:
        for block in gate_layers(network):
            stack.callback(block.register_forward_pre_hook(start).remove)
        network(images)
    return len(changed)


@contextmanager
def _measuring(network: nn.Module) -> Iterator[None]:
    """Let norms use the batch's own statistics, and give them their own back."""
    training = network.training
    buffers = {name: buffer.clone() for name, buffer in network.named_buffers()}
    network.train()
    try:
        yield
    finally:
        for name, buffer in network.named_buffers():
            buffer.copy_(buffers[name])
        network.train(training)


def _outputs(block: nn.Module, layer: nn.Module, inputs: tuple[Tensor, ...]) -> list[Tensor]:
    """Return what `layer` gives where its block gets `inputs`, once for each time it is used."""
    given: list[Tensor] = []
    hook = layer.register_forward_hook(lambda _module, _inputs, output: given.append(output))
    try:
        block.forward(*inputs)
    finally:
        hook.remove()
    return given


def _standardise(layer: nn.Module, given: list[Tensor], spread: float) -> None:
    """Scale and shift a convolution until the sum of its outputs is spread around 0."""
    total = torch.stack(given).float().sum(dim=0).transpose(0, 1).flatten(1)  # (C, N * cells)
    std, mean = torch.std_mean(total, dim=1, correction=0)  # (C,)
    scale = (spread / std.clamp_min(1e-12)).clamp(max=LARGEST_SCALE)
    weight = layer.get_parameter("weight")
    weight.mul_(scale.view(-1, *[1] * (weight.dim() - 1)))
    bias = layer.get_parameter("bias")
    bias.copy_((bias - mean / len(given)) * scale)
