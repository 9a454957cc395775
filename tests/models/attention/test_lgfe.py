"""Local-global enhancement against Eqs. 4-8 of the CSINet paper, written as loops."""

import math

import pytest
import torch
from torch import Tensor

from ferstudio.models.attention import AttentionRole, LocalGlobalEnhancement, capture_attention


def sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-value))


def reference(x: Tensor, x_se: Tensor, x_sam: Tensor) -> Tensor:
    """Return Eqs. 4-8 for one picture's (C, H, W) features, number by number."""
    channels, height, width = x.shape
    out = torch.empty_like(x)
    for c in range(channels):
        for i in range(height):
            for j in range(width):
                row = sum(float(x_se[c, i, k]) for k in range(width)) / width
                column = sum(float(x_sam[c, k, j]) for k in range(height)) / height
                out[c, i, j] = float(x[c, i, j]) * sigmoid(row) * sigmoid(column)
    return out


@pytest.mark.parametrize(("height", "width"), [(3, 5), (4, 2), (1, 1)])
def test_output_follows_the_equations(height: int, width: int) -> None:
    torch.manual_seed(11)
    x, x_se, x_sam = 2 * torch.randn(3, 2, 4, height, width, dtype=torch.float64)
    expected = torch.stack([reference(x[n], x_se[n], x_sam[n]) for n in range(2)])
    torch.testing.assert_close(
        LocalGlobalEnhancement()(x, x_se, x_sam), expected, rtol=0, atol=1e-9
    )


def test_gates_are_one_per_row_and_one_per_column() -> None:
    torch.manual_seed(12)
    block = LocalGlobalEnhancement()
    x, x_se, x_sam = torch.randn(3, 2, 8, 3, 5, dtype=torch.float64)
    with capture_attention(block) as records:
        out = block(x, x_se, x_sam)
    assert [record.tap for record in records] == ["gate_h", "gate_w"]
    assert {record.role for record in records} == {AttentionRole.GATE}
    gate_h, gate_w = (record.weights for record in records)
    assert gate_h.shape == (2, 8, 3, 1)
    assert gate_w.shape == (2, 8, 1, 5)
    torch.testing.assert_close(x * gate_h * gate_w, out, rtol=0, atol=1e-12)


def test_there_is_nothing_to_learn() -> None:
    assert LocalGlobalEnhancement().state_dict() == {}
