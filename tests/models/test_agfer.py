"""AGFER, SEFER and CBAMFER: what stands where, what it costs, and the paper's exact form."""

import pytest
import torch
from torch import nn

from ferstudio.models import build_model, model_entry
from ferstudio.models.agfer import agfer, cbamfer, sefer
from ferstudio.models.attention import AGFER, CBAM, SqueezeExcitation, capture_attention
from ferstudio.models.counts import count_network
from ferstudio.models.registry import ModelBuilder
from ferstudio.models.vgg import VGG16
from tests.networks import network, pictures

OWNERS = {
    "vgg16": [],
    "vgg16_nopool5": [],
    "agfer_stride32": ["attention.channel", "attention.spatial", "attention"],
    "agfer": ["attention.channel", "attention.spatial", "attention"],
    "sefer": ["attention"],
    "cbamfer": ["attention.channel", "attention.spatial"],
}
"""Modules of a block that gate its features, in order of use."""


@pytest.mark.parametrize("name", OWNERS)
def test_attention_ends_blocks_2_3_and_4(name: str) -> None:
    module = network(name).eval()
    with torch.no_grad(), capture_attention(module) as records:
        module(pictures(1, 64))
    assert [record.module for record in records] == [
        f"backbone.block{block}.{owner}" for block in (2, 3, 4) for owner in OWNERS[name]
    ]


@pytest.mark.parametrize("name", ["agfer", "cbamfer"])
def test_places_are_weighted_before_the_pooling(name: str) -> None:
    module = network(name).eval()
    with torch.no_grad(), capture_attention(module) as records:
        module(pictures(1, 64))
    spatial = [tuple(r.weights.shape) for r in records if r.module.endswith(".spatial")]
    assert spatial == [(1, 1, 32, 32), (1, 1, 16, 16), (1, 1, 8, 8)]


@pytest.mark.parametrize(
    ("name", "side"),
    [("agfer", 4), ("sefer", 4), ("cbamfer", 4), ("vgg16_nopool5", 4), ("agfer_stride32", 2)],
)
def test_block_5_is_pooled_at_stride_32_alone(name: str, side: int) -> None:
    module = network(name).eval()
    sides: list[int] = []
    module.get_submodule("avgpool").register_forward_hook(
        lambda _module, inputs, _output: sides.append(inputs[0].shape[-1])
    )
    with torch.no_grad():
        module(pictures(1, 64))
    assert sides == [side]
    assert model_entry(name).cam_layers["backbone.block5"] == 16


def modules_at(name: str, num_classes: int = 8) -> list[tuple[int, nn.Module]]:
    """Return the attention of blocks 2, 3 and 4, each with the block's number of channels."""
    with torch.device("meta"):
        module = build_model(name, num_classes)
    channels = (128, 256, 512)
    found = [module.get_submodule(f"backbone.block{block}.attention") for block in (2, 3, 4)]
    return list(zip(channels, found, strict=True))


@pytest.mark.parametrize("num_classes", [7, 8])
def test_agfer_has_a_hidden_map_per_class_and_one_more(num_classes: int) -> None:
    for channels, attention in modules_at("agfer", num_classes):
        assert isinstance(attention, AGFER)
        assert attention.channel.weights.squeeze.out_channels == channels // 16
        assert attention.channel.weights.excite.out_channels == channels
        assert attention.spatial.spread.out_channels == num_classes + 1


def test_sefer_squeezes_to_a_sixteenth() -> None:
    for channels, attention in modules_at("sefer"):
        assert isinstance(attention, SqueezeExcitation)
        assert attention.weights.squeeze.out_channels == channels // 16


def test_cbamfers_mean_and_maximum_have_layers_of_their_own() -> None:
    for channels, attention in modules_at("cbamfer"):
        assert isinstance(attention, CBAM)
        assert attention.channel.max_layers is not None
        mean, highest = attention.channel.mean_layers, attention.channel.max_layers
        assert not {id(part) for part in mean.parameters()} & {id(p) for p in highest.parameters()}
        for layers in (mean, highest):
            shapes = [tuple(p.shape[:2]) for p in layers.parameters() if p.dim() == 4]
            assert shapes == [(channels // 16, channels), (channels, channels // 16)]
        assert attention.spatial.conv.kernel_size == (7, 7)


def parameters(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


@pytest.mark.parametrize(
    ("name", "weights", "multiply_adds"),
    [
        ("vgg16", 14_723_016, 15_346_634_752),
        ("vgg16_nopool5", 14_723_016, 15_346_634_752),
        ("agfer", 14_767_492, 15_349_344_928),
        ("agfer_stride32", 14_767_492, 15_349_344_928),
        ("sefer", 14_766_976, 15_346_677_760),
        ("cbamfer", 14_811_233, 15_348_334_240),
    ],
)
def test_counts_with_eight_classes(name: str, weights: int, multiply_adds: int) -> None:
    counts = count_network(name, num_classes=8, size_px=224)
    assert (counts.parameters, counts.multiply_adds) == (weights, multiply_adds)


@pytest.mark.parametrize("classes", [7, 8])
def test_agfer_adds_what_its_branches_hold(classes: int) -> None:
    with torch.device("meta"):
        attentive, plain = agfer(classes), VGG16(classes)
    two_layers = sum(2 * c * c // 16 + c // 16 + c for c in (128, 256, 512))
    two_convs = (9 + 1) * (classes + 1) + 9 * (classes + 1) + 1
    assert parameters(attentive) - parameters(plain) == two_layers + 3 * two_convs


def test_the_papers_exact_form_can_be_built() -> None:
    with torch.device("meta"):  # half a billion weights, none of them held
        module = agfer(num_classes=7, batch_norm=False, head="fc")
        logits = module(torch.empty(2, 3, 224, 224))
    parts = list(module.modules())
    assert logits.shape == (2, 7)
    assert not [part for part in parts if isinstance(part, nn.BatchNorm2d)]
    assert [part.out_features for part in parts if isinstance(part, nn.Linear)] == [4096, 4096, 7]
    assert parameters(module.get_submodule("classifier")) == 427_855_879
    assert parameters(module) == 442_614_986


@pytest.mark.parametrize("build", [agfer, sefer, cbamfer])
def test_each_of_the_three_takes_the_options(build: ModelBuilder) -> None:
    with torch.device("meta"):
        module = build(8, batch_norm=False)
        full = build(8, head="fc")
    assert not [part for part in module.modules() if isinstance(part, nn.BatchNorm2d)]
    assert len([part for part in full.modules() if isinstance(part, nn.BatchNorm2d)]) == 13
    assert parameters(full.get_submodule("classifier")) > 100_000_000
