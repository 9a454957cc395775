"""Coordinate attention against Eqs. 3-8 of the ACSI-Net paper, written as loops."""

import math

import pytest
import torch
from torch import Tensor

from ferstudio.models.attention import AttentionRole, CoordinateAttention, capture_attention


def block(channels: int, reduction: int = 4, min_channels: int = 3) -> CoordinateAttention:
    """Return a float64 block in eval mode whose batch norm isn't the identity."""
    torch.manual_seed(1)
    attention = CoordinateAttention(channels, reduction, min_channels).double().eval()
    torch.nn.init.normal_(attention.norm.weight)
    torch.nn.init.normal_(attention.norm.bias)
    attention.norm.running_mean = torch.randn_like(attention.norm.bias)
    attention.norm.running_var = torch.rand_like(attention.norm.bias) + 0.5
    return attention.requires_grad_(False)


def sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-value))


def reference(attention: CoordinateAttention, x: Tensor) -> Tensor:
    """Return Eqs. 3-8 for one picture (C, H, W), number by number."""
    norm = attention.norm
    assert norm.running_mean is not None
    assert norm.running_var is not None
    channels, height, width = x.shape
    rows = [[sum(float(x[c, i, j]) for j in range(width)) / width for i in range(height)]
            for c in range(channels)]  # fmt: skip
    columns = [[sum(float(x[c, i, j]) for i in range(height)) / height for j in range(width)]
               for c in range(channels)]  # fmt: skip
    joint = [rows[c] + columns[c] for c in range(channels)]
    squeezed = []
    for k in range(norm.num_features):
        line = []
        for position in range(height + width):
            value = float(attention.squeeze.bias[k]) if attention.squeeze.bias is not None else 0.0
            for c in range(channels):
                value += float(attention.squeeze.weight[k, c, 0, 0]) * joint[c][position]
            value = (value - float(norm.running_mean[k])) / math.sqrt(
                float(norm.running_var[k]) + norm.eps
            )
            line.append(sigmoid(value * float(norm.weight[k]) + float(norm.bias[k])))
        squeezed.append(line)
    out = torch.empty_like(x)
    for c in range(channels):
        gates = []
        for position in range(height + width):
            expand = attention.expand_h if position < height else attention.expand_w
            value = float(expand.bias[c]) if expand.bias is not None else 0.0
            for k in range(norm.num_features):
                value += float(expand.weight[c, k, 0, 0]) * squeezed[k][position]
            gates.append(sigmoid(value))
        for i in range(height):
            for j in range(width):
                out[c, i, j] = x[c, i, j] * gates[i] * gates[height + j]
    return out


@pytest.mark.parametrize(("height", "width"), [(3, 5), (4, 2), (1, 1)])
def test_output_follows_the_equations(height: int, width: int) -> None:
    attention = block(channels=8)
    x = torch.randn(2, 8, height, width, dtype=torch.float64)
    expected = torch.stack([reference(attention, picture) for picture in x])
    torch.testing.assert_close(attention(x), expected, rtol=0, atol=1e-9)


def test_gates_are_one_per_row_and_one_per_column() -> None:
    attention = block(channels=8)
    x = torch.randn(2, 8, 3, 5, dtype=torch.float64)
    with capture_attention(attention) as records:
        out = attention(x)
    gate_h, gate_w = (record.weights for record in records)
    assert [record.tap for record in records] == ["gate_h", "gate_w"]
    assert {record.role for record in records} == {AttentionRole.GATE}
    assert gate_h.shape == (2, 8, 3, 1)
    assert gate_w.shape == (2, 8, 1, 5)
    torch.testing.assert_close(x * gate_h * gate_w, out, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("channels", "squeezed"), [(64, 8), (128, 8), (256, 16), (512, 32)])
def test_channels_are_squeezed_to_a_sixteenth_but_never_below_eight(
    channels: int, squeezed: int
) -> None:
    assert CoordinateAttention(channels).squeeze.out_channels == squeezed
