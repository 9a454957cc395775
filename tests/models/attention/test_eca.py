"""Efficient channel attention against ECA-Net's equations, written as loops."""

import math

import pytest
import torch
from torch import Tensor

from ferstudio.models.attention import (
    AttentionRole,
    EfficientChannelAttention,
    capture_attention,
)
from ferstudio.models.attention.eca import kernel_size


def reference(attention: EfficientChannelAttention, x: Tensor, size: int) -> Tensor:
    """Return one picture (C, H, W) scaled by channel, number by number."""
    channels, height, width = x.shape
    kernel = attention.conv.weight[0, 0].tolist()
    assert len(kernel) == size
    means = [float(sum(map(sum, x[c].tolist()))) / (height * width) for c in range(channels)]
    out = torch.empty_like(x)
    for c in range(channels):
        value = 0.0
        for k in range(size):
            neighbour = c + k - size // 2
            if 0 <= neighbour < channels:
                value += kernel[k] * means[neighbour]
        for i in range(height):
            for j in range(width):
                out[c, i, j] = x[c, i, j] / (1 + math.exp(-value))
    return out


def block(channels: int) -> EfficientChannelAttention:
    torch.manual_seed(4)
    return EfficientChannelAttention(channels).double().requires_grad_(False)


@pytest.mark.parametrize(
    ("channels", "size", "height", "width"), [(8, 3, 3, 4), (64, 3, 2, 3), (128, 5, 1, 1)]
)
def test_output_follows_the_equations(channels: int, size: int, height: int, width: int) -> None:
    attention = block(channels)
    x = 3 * torch.randn(2, channels, height, width, dtype=torch.float64)
    expected = torch.stack([reference(attention, picture, size) for picture in x])
    torch.testing.assert_close(attention(x), expected, rtol=0, atol=1e-9)


def test_gate_is_one_factor_per_channel() -> None:
    attention = block(16)
    x = torch.randn(2, 16, 3, 4, dtype=torch.float64)
    with capture_attention(attention) as records:
        out = attention(x)
    (record,) = records
    assert record.role is AttentionRole.GATE
    assert record.weights.shape == (2, 16, 1, 1)
    torch.testing.assert_close(x * record.weights, out, rtol=0, atol=0)


@pytest.mark.parametrize(
    ("channels", "size"), [(64, 3), (128, 5), (256, 5), (512, 5), (1024, 5), (2048, 7)]
)
def test_kernel_grows_with_the_logarithm_of_the_channels(channels: int, size: int) -> None:
    assert kernel_size(channels) == size
    conv = EfficientChannelAttention(channels).conv
    assert conv.weight.shape == (1, 1, size)
    assert conv.bias is None


@pytest.mark.parametrize("channels", [1, 2, 3, 24, 96, 700, 4096])
def test_kernel_is_the_nearest_odd_number(channels: int) -> None:
    exact = (math.log2(channels) + 1) / 2
    size = kernel_size(channels)
    assert size % 2 == 1
    assert abs(size - exact) <= 1
