"""Layers as loops over numbers: what equations of attention are tested against."""

import math
from typing import TypeVar

import torch
from torch import Tensor, nn

from ferstudio.models.attention import ChannelWeights

Maps = list[list[list[float]]]
"""Numbers by channel, row and column."""

Module = TypeVar("Module", bound=nn.Module)


def randomise(module: nn.Module) -> None:
    """Draw all weights and the batch norms' statistics, so that no layer is the identity.

    Batch norms add something positive, so that the ReLUs behind them are mostly open.
    """
    for parameter in module.parameters():
        nn.init.normal_(parameter, std=0.5)
    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d):
            nn.init.uniform_(part.bias, 0.5, 1.5)
            part.running_mean = torch.randn_like(part.bias)
            part.running_var = torch.rand_like(part.bias) + 0.5


def lively(module: Module) -> Module:
    """Return the module in float64 and eval mode, with batch norms that aren't the identity."""
    for part in module.double().eval().modules():
        if isinstance(part, nn.BatchNorm2d):
            nn.init.normal_(part.weight)
            nn.init.normal_(part.bias)
            part.running_mean = torch.randn_like(part.bias)
            part.running_var = torch.rand_like(part.bias) + 0.5
    return module.requires_grad_(False)


def sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-value))


def product(*factors: Maps) -> Maps:
    """Return the elementwise product of maps of the same shape."""
    return [
        [[math.prod(values) for values in zip(*rows, strict=True)] for rows in zip(*c, strict=True)]
        for c in zip(*factors, strict=True)
    ]


def convolved(layer: nn.Module, maps: Maps) -> Maps:
    """Return an ungrouped convolution with an odd kernel, zero-padded to keep the size."""
    assert isinstance(layer, nn.Conv2d)
    kernels: list[Maps] = layer.weight.tolist()
    bias = [0.0] * len(kernels) if layer.bias is None else layer.bias.tolist()
    reach = len(kernels[0][0]) // 2
    height, width = len(maps[0]), len(maps[0][0])
    out: Maps = [[[bias[k]] * width for _ in range(height)] for k in range(len(kernels))]
    for k, kernel in enumerate(kernels):
        for i in range(height):
            for j in range(width):
                for c, weights in enumerate(kernel):
                    for u, row in enumerate(weights, start=i - reach):
                        for v, weight in enumerate(row, start=j - reach):
                            if 0 <= u < height and 0 <= v < width:
                                out[k][i][j] += weight * maps[c][u][v]
    return out


def normalised(layer: nn.Module, maps: Maps) -> Maps:
    """Return a batch norm in evaluation."""
    assert isinstance(layer, nn.BatchNorm2d)
    assert layer.running_mean is not None
    assert layer.running_var is not None
    out: Maps = []
    for c, rows in enumerate(maps):
        scale = float(layer.weight[c]) / math.sqrt(float(layer.running_var[c]) + layer.eps)
        shift = float(layer.bias[c]) - float(layer.running_mean[c]) * scale
        out.append([[value * scale + shift for value in row] for row in rows])
    return out


def conv_norm(module: nn.Module, maps: Maps, *, relu: bool = False) -> Maps:
    """Return a convolution with batch norm, and a ReLU where there has to be one."""
    conv, norm, *rest = module.children()
    assert [type(part) for part in rest] == [nn.ReLU] * relu
    out = normalised(norm, convolved(conv, maps))
    return [[[max(0.0, value) for value in row] for row in rows] for rows in out] if relu else out


def resized(maps: Maps, like: Maps) -> Maps:
    """Return maps resized bilinearly: cell centres keep their place, edges are continued."""
    height, width = len(like[0]), len(like[0][0])
    rows, columns = len(maps[0]), len(maps[0][0])
    out: Maps = []
    for c in range(len(maps)):
        out.append([])
        for i in range(height):
            y = min(max((i + 0.5) * rows / height - 0.5, 0), rows - 1)
            top = math.floor(y)
            low = min(top + 1, rows - 1)
            out[c].append([])
            for j in range(width):
                x = min(max((j + 0.5) * columns / width - 0.5, 0), columns - 1)
                left = math.floor(x)
                right = min(left + 1, columns - 1)
                over = maps[c][top][left] * (left + 1 - x) + maps[c][top][right] * (x - left)
                under = maps[c][low][left] * (left + 1 - x) + maps[c][low][right] * (x - left)
                out[c][i].append(over * (top + 1 - y) + under * (y - top))
    return out


def tensor(maps: Maps) -> Tensor:
    """Return maps as (C, H, W) float64."""
    return torch.tensor(maps, dtype=torch.float64)


def channel_weights(layer: ChannelWeights, x: Tensor) -> list[float]:
    """Return sigmoid(W1 relu(W0 mean(x))) of one picture (C, H, W), number by number."""
    squeeze, excite = layer.squeeze, layer.excite
    assert squeeze.bias is not None
    assert excite.bias is not None
    channels, height, width = x.shape
    means = [
        sum(float(x[c, i, j]) for i in range(height) for j in range(width)) / (height * width)
        for c in range(channels)
    ]
    hidden = []
    for k in range(squeeze.out_channels):
        value = float(squeeze.bias[k])
        for c in range(channels):
            value += float(squeeze.weight[k, c, 0, 0]) * means[c]
        hidden.append(max(0.0, value))
    weights = []
    for c in range(channels):
        value = float(excite.bias[c])
        for k in range(len(hidden)):
            value += float(excite.weight[c, k, 0, 0]) * hidden[k]
        weights.append(sigmoid(value))
    return weights
