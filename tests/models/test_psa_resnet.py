"""PSA-ResNet-50 and its comparisons: where attention stands, and what each costs."""

import pytest
import torch
from torch import nn
from torchvision.models.resnet import Bottleneck

from ferstudio.models import build_model
from ferstudio.models.attention import (
    CBAM,
    AttentionalFeatureFusion,
    AttentionRole,
    EfficientChannelAttention,
    PyramidSplitAttention,
    SqueezeExcitation,
    attention_taps,
    capture_attention,
)
from ferstudio.models.counts import count_network
from ferstudio.models.psa_resnet import AttentiveBottleneck
from tests.models.attention.loops import lively
from tests.networks import network

BLOCKS = [
    f"layer{stage}.{block}" for stage, count in enumerate((3, 4, 6, 3), 1) for block in range(count)
]

COUNTS = {
    "resnet50": (25_557_032, 4_089_184_256),
    "psa_resnet50": (21_179_540, 3_366_689_152),
    "resnet50_se": (28_088_024, 4_091_699_200),
    "resnet50_cbam": (28_089_608, 4_095_573_110),
    "resnet50_eca": (25_557_118, 4_089_272_064),
    "resnet50_aff": (30_651_112, 4_502_740_992),
}
"""Parameters and multiply-adds for 1000 classes and one picture of 224 px."""

PLACES = {
    "psa_resnet50": ("conv2", PyramidSplitAttention, [""]),
    "resnet50_se": ("attention", SqueezeExcitation, [""]),
    "resnet50_cbam": ("attention", CBAM, [".channel", ".spatial"]),
    "resnet50_eca": ("attention", EfficientChannelAttention, [""]),
    "resnet50_aff": ("fusion", AttentionalFeatureFusion, [""]),
}
"""The place in each bottleneck, what stands there, and its parts that own a tap."""


def shapes_only(name: str) -> nn.Module:
    """Return an eight-class network in eval mode whose tensors hold no numbers."""
    with torch.device("meta"):
        return build_model(name, num_classes=8).eval()


@pytest.mark.parametrize("name", COUNTS)
def test_counts(name: str) -> None:
    counts = count_network(name, num_classes=1000, size_px=224)
    assert (counts.parameters, counts.multiply_adds) == COUNTS[name]


@pytest.mark.parametrize("name", PLACES)
def test_attention_stands_in_every_bottleneck_where_the_paper_puts_it(name: str) -> None:
    place, kind, parts = PLACES[name]
    module = shapes_only(name)
    with torch.no_grad(), capture_attention(module) as records:
        module(torch.empty(1, 3, 64, 64, device="meta"))
    assert [r.module for r in records] == [f"{b}.{place}{part}" for b in BLOCKS for part in parts]
    role = AttentionRole.SCALE if name == "psa_resnet50" else AttentionRole.GATE
    assert {record.role for record in records} == {role}
    assert all(isinstance(module.get_submodule(f"{block}.{place}"), kind) for block in BLOCKS)


def test_the_plain_baseline_has_no_attention() -> None:
    assert attention_taps(shapes_only("resnet50")) == {}


@pytest.mark.parametrize("name", PLACES)
def test_all_but_the_attention_is_torchvision_s_resnet50(name: str) -> None:
    places = tuple(f"{block}.{PLACES[name][0]}." for block in BLOCKS)
    plain, trunk = (
        {key: value.shape for key, value in state.items() if not key.startswith(places)}
        for state in (shapes_only("resnet50").state_dict(), shapes_only(name).state_dict())
    )
    assert trunk == plain
    assert len(plain) == (304 if name == "psa_resnet50" else 320)


def test_aff_starts_as_the_average_in_every_block() -> None:
    fusions = [m for m in network("resnet50_aff").modules()
               if isinstance(m, AttentionalFeatureFusion)]  # fmt: skip
    assert len(fusions) == 16
    for fusion in fusions:
        for context in (fusion.local_context, fusion.global_context):
            assert not context.get_parameter("4.weight").any()
            assert bool(context.get_parameter("1.weight").eq(1).all())


def bottleneck(kind: type[AttentiveBottleneck], stride: int) -> AttentiveBottleneck:
    """Return a float64 block of 64 to 256 channels whose batch norms aren't the identity."""
    torch.manual_seed(7)
    downsample = nn.Conv2d(64, 256, 1, stride)
    return lively(kind(64, 64, stride, downsample))


class Doubled(nn.Module):
    """Takes the place of any attention and doubles what comes in."""

    def __init__(self, _channels: int) -> None:
        super().__init__()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return 2 * x


class Strided(nn.Module):
    """Takes the place of the 3x3 convolution and picks every `stride`-th place, negated."""

    def __init__(self, in_channels: int, out_channels: int, stride: int) -> None:
        super().__init__()
        assert (in_channels, out_channels) == (64, 64)
        self.stride = stride

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return 1 - x[..., :: self.stride, :: self.stride]


class Difference(nn.Module):
    """Takes the place of the addition and keeps shortcut and residual apart."""

    def __init__(self, _channels: int) -> None:
        super().__init__()

    def forward(self, shortcut: torch.Tensor, residual: torch.Tensor) -> torch.Tensor:
        return shortcut - 3 * residual


class Filled(AttentiveBottleneck):
    convolution_type, attention_type, fusion_type = Strided, Doubled, Difference


@pytest.mark.parametrize("stride", [1, 2])
def test_an_empty_bottleneck_is_torchvision_s(stride: int) -> None:
    block = bottleneck(AttentiveBottleneck, stride)
    plain = Bottleneck(64, 64, stride, nn.Conv2d(64, 256, 1, stride)).double().eval()
    plain.load_state_dict(block.state_dict(), strict=True)
    x = torch.randn(2, 64, 5, 4, dtype=torch.float64)
    with torch.no_grad():
        assert torch.equal(block(x.clone()), plain(x.clone()))


@pytest.mark.parametrize("stride", [1, 2])
def test_a_filled_bottleneck_uses_each_part_in_its_place(stride: int) -> None:
    block = bottleneck(Filled, stride)
    assert block.downsample is not None
    x = torch.randn(2, 64, 5, 4, dtype=torch.float64)
    squeezed = torch.relu(block.bn1(block.conv1(x)))[..., ::stride, ::stride]
    middle = torch.relu(block.bn2(1 - squeezed))
    residual = 2 * block.bn3(block.conv3(middle))
    expected = torch.relu(block.downsample(x) - 3 * residual)
    torch.testing.assert_close(block(x), expected, rtol=0, atol=1e-12)
