"""Squeeze and excitation against its equations, written as loops."""

import pytest
import torch

from ferstudio.models.attention import (
    AttentionRole,
    ChannelWeights,
    SqueezeExcitation,
    attention_taps,
    capture_attention,
)
from tests.models.attention.loops import channel_weights


@pytest.mark.parametrize(("height", "width"), [(3, 5), (4, 2), (1, 1)])
def test_weights_follow_the_equations(height: int, width: int) -> None:
    torch.manual_seed(3)
    layer = ChannelWeights(8, reduction=2).double().requires_grad_(False)
    x = 3 * torch.randn(2, 8, height, width, dtype=torch.float64)
    expected = torch.tensor([channel_weights(layer, picture) for picture in x], dtype=torch.float64)
    torch.testing.assert_close(layer(x), expected[:, :, None, None], rtol=0, atol=1e-9)
    assert not attention_taps(layer)


def test_each_channel_is_multiplied_by_its_weight() -> None:
    torch.manual_seed(4)
    block = SqueezeExcitation(6, reduction=3).double().requires_grad_(False)
    x = 3 * torch.randn(2, 6, 3, 4, dtype=torch.float64)
    expected = torch.empty_like(x)
    for n in range(2):
        for c, weight in enumerate(channel_weights(block.weights, x[n])):
            for i in range(3):
                for j in range(4):
                    expected[n, c, i, j] = float(x[n, c, i, j]) * weight
    torch.testing.assert_close(block(x), expected, rtol=0, atol=1e-9)


def test_the_gate_is_one_number_per_channel() -> None:
    torch.manual_seed(5)
    block = SqueezeExcitation(8, reduction=2)
    x = torch.randn(2, 8, 3, 5)
    with torch.no_grad(), capture_attention(block) as records:
        out = block(x)
    (record,) = records
    assert (record.module, record.tap, record.role) == ("", "gate", AttentionRole.GATE)
    assert record.weights.shape == (2, 8, 1, 1)
    assert torch.equal(x * record.weights, out)


@pytest.mark.parametrize(
    ("channels", "reduction", "squeezed"), [(512, 16, 32), (64, 16, 4), (8, 16, 1), (8, 3, 2)]
)
def test_channels_are_squeezed_but_never_to_none(
    channels: int, reduction: int, squeezed: int
) -> None:
    assert ChannelWeights(channels, reduction).squeeze.out_channels == squeezed
