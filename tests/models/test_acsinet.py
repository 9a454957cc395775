"""ACSI-Net's contextual convolution, and where each of its variants has attention."""

import pytest
import torch
from torch import Tensor, nn

from ferstudio.models.acsinet import CONTEXT_WIDTHS, ContextualConv2d
from ferstudio.models.attention import attention_taps, capture_attention
from tests.networks import network, pictures


def reference(layer: ContextualConv2d, x: Tensor, stride: int) -> Tensor:
    """Return the parallel dilated convolutions of one picture (C, H, W) as loops, zero-padded."""
    height, width = x.shape[-2:]
    rows, columns = -(-height // stride), -(-width // stride)
    maps = []
    for dilation, branch in enumerate(layer.branches, start=1):
        kernels = branch.get_parameter("weight")
        for kernel in kernels:
            out = torch.zeros(rows, columns, dtype=x.dtype)
            for i in range(rows):
                for j in range(columns):
                    for u in range(3):
                        for v in range(3):
                            y = i * stride + (u - 1) * dilation
                            z = j * stride + (v - 1) * dilation
                            if 0 <= y < height and 0 <= z < width:
                                out[i, j] += (kernel[:, u, v] * x[:, y, z]).sum()
            maps.append(out)
    return torch.stack(maps)


@pytest.mark.parametrize(("stride", "height", "width"), [(1, 6, 5), (2, 6, 5), (2, 4, 4)])
def test_contextual_convolution_is_dilated_branches_side_by_side(
    stride: int, height: int, width: int
) -> None:
    torch.manual_seed(2)
    layer = ContextualConv2d(3, (2, 1, 2), stride).double().requires_grad_(False)
    x = torch.randn(2, 3, height, width, dtype=torch.float64)
    expected = torch.stack([reference(layer, picture, stride) for picture in x])
    torch.testing.assert_close(layer(x), expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize(("width", "widths"), CONTEXT_WIDTHS.items())
def test_contextual_convolution_costs_what_the_standard_one_does(
    width: int, widths: tuple[int, ...]
) -> None:
    standard = nn.Conv2d(64, width, 3, bias=False)
    contextual = ContextualConv2d(64, widths)
    assert sum(widths) == width
    assert sum(p.numel() for p in contextual.parameters()) == standard.weight.numel()


BLOCKS = [f"layer{stage}.{block}.attention" for stage in (1, 2, 3) for block in (0, 1)]


@pytest.mark.parametrize(
    ("name", "owners"),
    [
        ("resnet18", []),
        ("coresnet18", []),
        ("coresnet18_ca_a", BLOCKS),
        ("coresnet18_ca_b", ["final_attention"]),
        ("acsinet", [*BLOCKS, "final_attention"]),
    ],
)
def test_attention_stands_where_the_paper_puts_it(name: str, owners: list[str]) -> None:
    module = network(name).eval()
    with torch.no_grad(), capture_attention(module) as records:
        module(pictures(1, 64))
    assert list(dict.fromkeys(record.module for record in records)) == owners
    assert len(records) == 2 * len(owners) == len(attention_taps(module))
