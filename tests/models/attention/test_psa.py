"""Pyramid split attention against Eqs. 1-6 of the PSA-ResNet paper, written as loops."""

import math

import pytest
import torch
from torch import Tensor

from ferstudio.models.attention import (
    AttentionRole,
    PyramidSplitAttention,
    capture_attention,
    replace_attention,
)

BRANCHES = [(3, 2), (5, 4), (7, 8), (9, 16)]
"""Kernel size and groups of each branch (Eqs. 1, 2)."""


def block(
    in_channels: int = 16, out_channels: int = 64, stride: int = 1, reduction: int = 8
) -> PyramidSplitAttention:
    """Return a float64 block; its SE layers are drawn so wide that the scales differ clearly."""
    torch.manual_seed(3)
    attention = PyramidSplitAttention(in_channels, out_channels, stride, reduction).double()
    for parameter in attention.weights.parameters():
        torch.nn.init.normal_(parameter)
    return attention.requires_grad_(False)


def grouped_convolution(
    kernels: Tensor, x: Tensor, size: int, groups: int, stride: int
) -> list[list[list[float]]]:
    """Return a zero-padded, grouped convolution of one picture (C, H, W), number by number."""
    picture, weights = x.tolist(), kernels.tolist()
    height, width = x.shape[-2:]
    rows, columns = -(-height // stride), -(-width // stride)
    group_in, group_out = len(picture) // groups, len(weights) // groups
    maps = [[[0.0] * columns for _ in range(rows)] for _ in weights]
    for o, kernel in enumerate(weights):
        first = o // group_out * group_in
        for i in range(rows):
            for j in range(columns):
                total = 0.0
                for u in range(size):
                    for v in range(size):
                        y, z = i * stride + u - size // 2, j * stride + v - size // 2
                        if 0 <= y < height and 0 <= z < width:
                            for c in range(group_in):
                                total += kernel[c][u][v] * picture[first + c][y][z]
                maps[o][i][j] = total
    return maps


def squeezed_and_excited(
    attention: PyramidSplitAttention, branch: int, maps: list[list[list[float]]]
) -> list[float]:
    """Return one branch's channel weights (Eqs. 5, 6)."""
    layers = {key: value.tolist() for key, value in attention.weights[branch].state_dict().items()}
    means = [sum(map(sum, rows)) / (len(rows) * len(rows[0])) for rows in maps]
    hidden = []
    for kernel, bias in zip(layers["squeeze.weight"], layers["squeeze.bias"], strict=True):
        value = bias + sum(kernel[c][0][0] * mean for c, mean in enumerate(means))
        hidden.append(max(0.0, value))
    weights = []
    for kernel, bias in zip(layers["excite.weight"], layers["excite.bias"], strict=True):
        value = bias + sum(kernel[k][0][0] * h for k, h in enumerate(hidden))
        weights.append(1 / (1 + math.exp(-value)))
    return weights


def reference(attention: PyramidSplitAttention, x: Tensor, stride: int) -> tuple[Tensor, Tensor]:
    """Return output (C, H', W') and scale weights (4, C / 4) of one picture (C, H, W)."""
    maps, weights = [], []
    for number, (size, groups) in enumerate(BRANCHES):
        kernels = attention.branches[number].get_parameter("weight")
        maps.append(grouped_convolution(kernels, x, size, groups, stride))
        weights.append(squeezed_and_excited(attention, number, maps[-1]))
    out, shares = [], [[0.0] * len(weights[0]) for _ in BRANCHES]
    for branch, channels in enumerate(maps):
        for c, channel in enumerate(channels):
            total = sum(math.exp(weights[other][c]) for other in range(4))
            shares[branch][c] = math.exp(weights[branch][c]) / total
            out.append([[shares[branch][c] * value for value in row] for row in channel])
    return torch.tensor(out, dtype=torch.float64), torch.tensor(shares, dtype=torch.float64)


@pytest.mark.parametrize(
    ("in_channels", "stride", "height", "width"),
    [(16, 1, 3, 3), (32, 1, 5, 4), (16, 2, 5, 4), (32, 2, 4, 4), (16, 1, 1, 1)],
)
def test_output_follows_the_equations(
    in_channels: int, stride: int, height: int, width: int
) -> None:
    attention = block(in_channels, stride=stride)
    x = torch.randn(2, in_channels, height, width, dtype=torch.float64)
    with capture_attention(attention) as records:
        out = attention(x)
    (record,) = records
    assert record.role is AttentionRole.SCALE
    assert record.weights.shape == (2, 4, 16, 1, 1)
    for number, picture in enumerate(x):
        expected, shares = reference(attention, picture, stride)
        torch.testing.assert_close(out[number], expected, rtol=0, atol=1e-9)
        torch.testing.assert_close(record.weights[number, :, :, 0, 0], shares, rtol=0, atol=1e-9)


def test_scale_weights_sum_to_one_and_differ() -> None:
    attention = block()
    with capture_attention(attention) as records:
        attention(torch.randn(3, 16, 5, 4, dtype=torch.float64))
    weights = records[0].weights
    total = weights.sum(dim=1)
    torch.testing.assert_close(total, torch.ones_like(total), rtol=0, atol=1e-12)
    assert float(weights.min()) > math.exp(0) / (math.exp(0) + 3 * math.exp(1))
    assert float(weights.max()) < math.exp(1) / (math.exp(1) + 3 * math.exp(0))
    assert float((weights - 0.25).abs().max()) > 0.1


@pytest.mark.parametrize("branch", range(4))
def test_the_scale_weights_are_what_is_used(branch: int) -> None:
    attention = block()
    x = torch.randn(2, 16, 5, 4, dtype=torch.float64)
    whole = attention(x)

    def only(_tap: str, weights: Tensor) -> Tensor:
        kept = torch.zeros_like(weights)
        kept[:, branch] = weights[:, branch]
        return kept

    with replace_attention(attention, only):
        alone = attention(x)
    own = slice(16 * branch, 16 * branch + 16)
    torch.testing.assert_close(alone[:, own], whole[:, own])
    assert float(alone.abs().sum()) == float(alone[:, own].abs().sum()) > 0


def test_branches_have_the_paper_s_kernels_and_weights_of_their_own() -> None:
    attention = PyramidSplitAttention(64, 128, stride=2)
    shapes = [branch.get_parameter("weight").shape for branch in attention.branches]
    assert shapes == [(32, 64 // groups, size, size) for size, groups in BRANCHES]
    assert all("bias" not in dict(branch.named_parameters()) for branch in attention.branches)
    squeezes = {id(part.get_parameter("squeeze.weight")) for part in attention.weights}
    assert len(squeezes) == 4
    assert attention.weights[0].get_parameter("squeeze.weight").shape == (2, 32, 1, 1)
