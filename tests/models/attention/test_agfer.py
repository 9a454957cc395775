"""AGFER's attention block against section 2.2.3 of its paper, written as loops."""

import math

import pytest
import torch
from torch import Tensor, nn

from ferstudio.models.attention import AGFER, AttentionRole, capture_attention, replace_attention
from tests.models.attention.loops import channel_weights, sigmoid


def block(channels: int = 6, num_classes: int = 4, reduction: int = 3) -> AGFER:
    """Return a float64 block with weights wide enough for gates far from their middle."""
    torch.manual_seed(1)
    attention = AGFER(channels, num_classes, reduction=reduction).double()
    for parameter in attention.parameters():
        nn.init.normal_(parameter)
    return attention.requires_grad_(False)


def convolved(conv: nn.Conv2d, maps: list[list[list[float]]], i: int, j: int, k: int) -> float:
    """Return filter `k` of a 3x3 convolution at (i, j), with zeros beyond the map's edge."""
    assert conv.bias is not None
    value = float(conv.bias[k])
    for c, plane in enumerate(maps):
        for u in (-1, 0, 1):
            for v in (-1, 0, 1):
                if 0 <= i + u < len(plane) and 0 <= j + v < len(plane[0]):
                    value += float(conv.weight[k, c, u + 1, v + 1]) * plane[i + u][j + v]
    return value


def place_weights(attention: AGFER, x: Tensor) -> list[list[float]]:
    """Return mean over channels -> conv3 -> ReLU -> conv3 -> sigmoid of one picture (C, H, W)."""
    spread, merge = attention.spatial.spread, attention.spatial.merge
    channels, height, width = x.shape
    places = [(i, j) for i in range(height) for j in range(width)]
    mean = [[0.0] * width for _ in range(height)]
    hidden = [[[0.0] * width for _ in range(height)] for _ in range(spread.out_channels)]
    weights = [[0.0] * width for _ in range(height)]
    for i, j in places:
        mean[i][j] = sum(float(x[c, i, j]) for c in range(channels)) / channels
    for i, j in places:
        for k in range(spread.out_channels):
            hidden[k][i][j] = max(0.0, convolved(spread, [mean], i, j, k))
    for i, j in places:
        weights[i][j] = sigmoid(convolved(merge, hidden, i, j, 0))
    return weights


@pytest.mark.parametrize(("height", "width"), [(3, 5), (4, 2), (1, 1)])
def test_output_follows_the_paper(height: int, width: int) -> None:
    attention = block()
    x = torch.randn(2, 6, height, width, dtype=torch.float64)
    expected = torch.empty_like(x)
    for n, picture in enumerate(x):
        channel, place = (
            channel_weights(attention.channel.weights, picture),
            place_weights(attention, picture),
        )
        for c in range(6):
            for i in range(height):
                for j in range(width):
                    gate = sigmoid(channel[c] * place[i][j])
                    expected[n, c, i, j] = picture[c, i, j] * gate
    torch.testing.assert_close(attention(x), expected, rtol=0, atol=1e-9)


def test_both_branches_and_their_product_can_be_seen() -> None:
    attention = block()
    x = torch.randn(2, 6, 3, 5, dtype=torch.float64)
    with capture_attention(attention) as records:
        out = attention(x)
    seen = {(record.module, record.tap): record.weights for record in records}
    channel, place, gate = (seen[owner, "gate"] for owner in ("channel", "spatial", ""))
    assert len(records) == len(seen) == 3
    assert {record.role for record in records} == {AttentionRole.GATE}
    assert channel.shape == (2, 6, 1, 1)
    assert place.shape == (2, 1, 3, 5)
    assert gate.shape == x.shape
    torch.testing.assert_close(gate, torch.sigmoid(channel * place), rtol=0, atol=1e-12)
    torch.testing.assert_close(out, x * gate, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("branches", "gate"), [(0.0, 0.5), (1.0, 1 / (1 + math.exp(-1)))])
def test_the_gates_ends_are_the_sigmoids_of_nought_and_one(branches: float, gate: float) -> None:
    attention = block()
    x = torch.randn(1, 6, 3, 5, dtype=torch.float64)

    def extreme(tap: str, weights: Tensor) -> Tensor:
        return weights if tap == "gate" else torch.full_like(weights, branches)

    with replace_attention(attention, extreme):
        torch.testing.assert_close(attention(x), x * gate, rtol=0, atol=1e-12)


def test_the_gate_keeps_between_its_ends_and_reaches_both() -> None:
    attention = block()
    x = 100 * torch.randn(8, 6, 5, 5, dtype=torch.float64)
    with capture_attention(attention) as records:
        attention(x)
    gate = records[-1].weights
    assert 0.5 <= gate.min() < 0.5001
    assert 0.7309 < gate.max() < 0.7311


@pytest.mark.parametrize(("channels", "squeezed"), [(128, 8), (256, 16), (512, 32)])
def test_sizes_are_those_of_the_paper(channels: int, squeezed: int) -> None:
    attention = AGFER(channels, num_classes=7)
    assert attention.channel.weights.squeeze.out_channels == squeezed
    assert attention.spatial.spread.out_channels == 8  # one map per class and one more
    assert attention.spatial.merge.out_channels == 1
