"""Channel-spatial fusion against Eq. 3 of the CSINet paper, written as loops."""

import pytest
import torch
from torch import Tensor

from ferstudio.models.attention import ChannelSpatialFusion


def reference(block: ChannelSpatialFusion, parts: list[Tensor]) -> Tensor:
    """Return conv3(relu(concat(parts))) of one picture's (C, H, W) parts, zero-padded."""
    assert block.conv.bias is not None
    channels, height, width = parts[0].shape
    out = torch.empty_like(parts[0])
    for k in range(channels):
        for i in range(height):
            for j in range(width):
                value = float(block.conv.bias[k])
                for p, part in enumerate(parts):
                    for c in range(channels):
                        kernel = block.conv.weight[k, p * channels + c]
                        for u in range(3):
                            for v in range(3):
                                y, z = i + u - 1, j + v - 1
                                if 0 <= y < height and 0 <= z < width:
                                    value += float(kernel[u, v]) * max(0.0, float(part[c, y, z]))
                out[k, i, j] = value
    return out


@pytest.mark.parametrize(("height", "width"), [(3, 4), (2, 1), (1, 1)])
def test_output_follows_the_equation(height: int, width: int) -> None:
    torch.manual_seed(10)
    block = ChannelSpatialFusion(3).double().requires_grad_(False)
    x, x_se, x_sam = torch.randn(3, 2, 3, height, width, dtype=torch.float64)
    expected = torch.stack([reference(block, [x[n], x_se[n], x_sam[n]]) for n in range(2)])
    torch.testing.assert_close(block(x, x_se, x_sam), expected, rtol=0, atol=1e-9)


def test_it_mixes_three_times_the_channels_into_as_many_as_came() -> None:
    block = ChannelSpatialFusion(8)
    assert block.conv.weight.shape == (8, 24, 3, 3)
    assert sum(parameter.numel() for parameter in block.parameters()) == 8 * 24 * 9 + 8
