"""CBAM and its two halves against Eqs. 2 and 3 of its paper, written as loops."""

import math

import pytest
import torch
from torch import Tensor, nn

from ferstudio.models.attention import (
    CBAM,
    AttentionRole,
    ChannelAttention,
    SpatialAttention,
    attention_taps,
    capture_attention,
)


def sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-value))


def two_layers(layers: nn.Sequential, features: list[float]) -> list[float]:
    """Return W1 relu(W0 features + b0) + b1, number by number."""
    first, last = layers[0], layers[2]
    assert isinstance(first, nn.Conv2d)
    assert isinstance(last, nn.Conv2d)
    assert first.bias is not None
    assert last.bias is not None
    hidden = []
    for k in range(first.out_channels):
        value = float(first.bias[k])
        for c in range(first.in_channels):
            value += float(first.weight[k, c, 0, 0]) * features[c]
        hidden.append(max(0.0, value))
    out = []
    for c in range(last.out_channels):
        value = float(last.bias[c])
        for k in range(last.in_channels):
            value += float(last.weight[c, k, 0, 0]) * hidden[k]
        out.append(value)
    return out


def by_channel(block: ChannelAttention, x: Tensor) -> Tensor:
    """Return Eq. 2 applied to one picture (C, H, W)."""
    channels, height, width = x.shape
    values = [
        [float(x[c, i, j]) for i in range(height) for j in range(width)] for c in range(channels)
    ]
    mean = two_layers(block.mean_layers, [sum(v) / (height * width) for v in values])
    max_layers = block.mean_layers if block.max_layers is None else block.max_layers
    highest = two_layers(max_layers, [max(v) for v in values])
    out = torch.empty_like(x)
    for c in range(channels):
        gate = sigmoid(mean[c] + highest[c])
        for i in range(height):
            for j in range(width):
                out[c, i, j] = float(x[c, i, j]) * gate
    return out


def by_place(block: SpatialAttention, x: Tensor) -> Tensor:
    """Return Eq. 3 applied to one picture (C, H, W), zero-padded."""
    assert block.conv.bias is not None
    channels, height, width = x.shape
    maps = [
        [[sum(float(x[c, i, j]) for c in range(channels)) / channels for j in range(width)]
         for i in range(height)],
        [[max(float(x[c, i, j]) for c in range(channels)) for j in range(width)]
         for i in range(height)],
    ]  # fmt: skip
    side = block.conv.weight.shape[-1]
    out = torch.empty_like(x)
    for i in range(height):
        for j in range(width):
            value = float(block.conv.bias[0])
            for k in range(2):
                for u in range(side):
                    for v in range(side):
                        y, z = i + u - side // 2, j + v - side // 2
                        if 0 <= y < height and 0 <= z < width:
                            value += float(block.conv.weight[0, k, u, v]) * maps[k][y][z]
            for c in range(channels):
                out[c, i, j] = float(x[c, i, j]) * sigmoid(value)
    return out


SIZES = pytest.mark.parametrize(("height", "width"), [(3, 5), (9, 4), (1, 1)])


@pytest.mark.parametrize("shared", [True, False])
@SIZES
def test_channel_half_follows_equation_2(height: int, width: int, shared: bool) -> None:
    torch.manual_seed(6)
    block = ChannelAttention(8, reduction=2, shared=shared).double().requires_grad_(False)
    x = 2 * torch.randn(2, 8, height, width, dtype=torch.float64)
    expected = torch.stack([by_channel(block, picture) for picture in x])
    torch.testing.assert_close(block(x), expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize("kernel_size", [3, 7])
@SIZES
def test_spatial_half_follows_equation_3(height: int, width: int, kernel_size: int) -> None:
    torch.manual_seed(7)
    block = SpatialAttention(kernel_size).double().requires_grad_(False)
    x = 2 * torch.randn(2, 4, height, width, dtype=torch.float64)
    expected = torch.stack([by_place(block, picture) for picture in x])
    torch.testing.assert_close(block(x), expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize("shared", [True, False])
def test_cbam_weighs_channels_first_and_places_next(shared: bool) -> None:
    torch.manual_seed(8)
    block = CBAM(6, reduction=2, shared=shared).double().requires_grad_(False)
    x = 2 * torch.randn(2, 6, 5, 4, dtype=torch.float64)
    expected = torch.stack([by_place(block.spatial, by_channel(block.channel, p)) for p in x])
    torch.testing.assert_close(block(x), expected, rtol=0, atol=1e-9)
    turned = torch.stack([by_channel(block.channel, by_place(block.spatial, p)) for p in x])
    assert not torch.allclose(expected, turned, atol=1e-3), "the order can't be seen"


def test_gates_are_one_per_channel_and_one_per_place() -> None:
    torch.manual_seed(9)
    block = CBAM(8, reduction=2)
    x = torch.randn(2, 8, 3, 5)
    with torch.no_grad(), capture_attention(block) as records:
        out = block(x)
    assert [(record.module, record.tap) for record in records] == [
        ("channel", "gate"),
        ("spatial", "gate"),
    ]
    assert {record.role for record in records} == {AttentionRole.GATE}
    channel, place = (record.weights for record in records)
    assert channel.shape == (2, 8, 1, 1)
    assert place.shape == (2, 1, 3, 5)
    torch.testing.assert_close(x * channel * place, out)
    assert list(attention_taps(block)) == ["channel.gate", "spatial.gate"]


@pytest.mark.parametrize(("shared", "layers"), [(True, 1), (False, 2)])
def test_unshared_layers_cost_twice_as_much(shared: bool, layers: int) -> None:
    block = ChannelAttention(64, reduction=16, shared=shared)
    expected = layers * ((64 * 4 + 4) + (4 * 64 + 64))
    assert sum(values.numel() for values in block.state_dict().values()) == expected


@pytest.mark.parametrize(("channels", "hidden"), [(512, 32), (64, 4), (8, 1)])
def test_channels_are_squeezed_but_never_to_none(channels: int, hidden: int) -> None:
    first = CBAM(channels).channel.mean_layers[0]
    assert isinstance(first, nn.Conv2d)
    assert first.out_channels == hidden
