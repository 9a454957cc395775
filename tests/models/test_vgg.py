"""VGG16 against torchvision's: the same features, layers and counts, but for what is declared."""

import pytest
import torch
from torch import Tensor, nn
from torchvision.models import vgg as reference

from ferstudio.errors import UsageError
from ferstudio.models.vgg import CAM_LAYERS, VGG16, ConvBlock, VGG16Backbone
from tests.networks import pictures


def randomise(module: nn.Module) -> None:
    """Give biases and batch norms values that aren't those of a fresh network."""
    generator = torch.Generator().manual_seed(3)
    for part in module.modules():
        if isinstance(part, (nn.Conv2d, nn.BatchNorm2d)) and part.bias is not None:
            part.bias.data.normal_(std=0.2, generator=generator)
        if isinstance(part, nn.BatchNorm2d):
            assert part.running_mean is not None
            assert part.running_var is not None
            part.weight.data.uniform_(0.5, 1.5, generator=generator)
            part.running_mean.normal_(std=0.2, generator=generator)
            part.running_var.uniform_(0.5, 1.5, generator=generator)


def copy_features(source: nn.Module, target: VGG16Backbone) -> None:
    """Copy torchvision's `features`, layer by layer in order.

    Here a convolution before a batch norm has no bias; subtracting it from the running mean is
    the same.
    """
    layers = (nn.Conv2d, nn.BatchNorm2d)
    theirs = [part for part in source.modules() if isinstance(part, layers)]
    ours = [part for part in target.modules() if isinstance(part, layers)]
    bias: Tensor | None = None
    for one, other in zip(theirs, ours, strict=True):
        state = one.state_dict()
        if isinstance(one, nn.BatchNorm2d):
            assert bias is not None
            state["running_mean"] = state["running_mean"] - bias
        elif other.bias is None:
            bias = state.pop("bias")
        other.load_state_dict(state, strict=True)


@pytest.mark.parametrize("batch_norm", [True, False])
def test_features_are_torchvisions(batch_norm: bool) -> None:
    torch.manual_seed(0)
    features = reference.make_layers(reference.cfgs["D"], batch_norm=batch_norm).eval()
    randomise(features)
    network = VGG16(8, batch_norm=batch_norm).eval()
    copy_features(features, network.backbone)
    x = pictures(2, 64)
    with torch.no_grad():
        expected = features(x)
        torch.testing.assert_close(
            network.pool5(network.backbone(x)[-1]), expected, rtol=1e-4, atol=1e-5
        )
        logits = network.classifier(expected.mean(dim=(2, 3)))
        torch.testing.assert_close(network(x), logits, rtol=1e-4, atol=1e-5)
    assert expected.std() > 0.01


def layers(module: nn.Module) -> list[str]:
    """Return a network's layers in order, but for pooling, without the word on their biases."""
    kinds = (nn.Conv2d, nn.BatchNorm2d, nn.ReLU, nn.Linear, nn.Dropout)
    return [
        repr(part).replace(", bias=False", "").replace("inplace=True", "")
        for part in module.modules()
        if isinstance(part, kinds)
    ]


@pytest.mark.parametrize(
    ("batch_norm", "parameters", "biases"), [(False, 138_357_544, 0), (True, 138_361_768, 4_224)]
)
def test_the_full_head_makes_it_torchvisions_vgg16(
    batch_norm: bool, parameters: int, biases: int
) -> None:
    with torch.device("meta"):
        ours = VGG16(1000, batch_norm=batch_norm, head="fc")
        theirs = (reference.vgg16_bn if batch_norm else reference.vgg16)(weights=None)
    assert layers(ours) == layers(theirs)
    assert sum(parameter.numel() for parameter in ours.parameters()) == parameters
    in_theirs = sum(parameter.numel() for parameter in theirs.parameters())
    assert in_theirs - parameters == biases  # those of convolutions before a batch norm


def test_each_block_halves_the_map_of_the_one_before() -> None:
    backbone = VGG16Backbone().eval()
    with torch.no_grad():
        outputs = backbone(pictures(1, 64))
    assert [tuple(output.shape[1:]) for output in outputs] == [
        (64, 64, 64),
        (128, 32, 32),
        (256, 16, 16),
        (512, 8, 8),
        (512, 4, 4),
    ]
    assert backbone.channels == tuple(output.shape[1] for output in outputs)
    assert list(CAM_LAYERS.items()) == [
        (f"backbone.block{i}", 64 // outputs[i - 1].shape[-1]) for i in (2, 3, 4, 5)
    ]


@pytest.mark.parametrize(("head", "cells"), [("gap", (1, 1)), ("fc", (7, 14))])
def test_without_the_last_pooling_the_head_sees_block_5_as_it_is(
    head: str, cells: tuple[int, int]
) -> None:
    with torch.device("meta"):  # shapes only: the full head has half a billion weights
        pooled, fine = VGG16(8, head=head), VGG16(8, head=head, last_pool=False)
        picture = torch.empty(1, 3, 224, 224)
    sides: list[tuple[int, int]] = []
    for network in (pooled, fine):
        network.avgpool.register_forward_hook(
            lambda _module, inputs, output: sides.append((inputs[0].shape[-1], output.shape[-1]))
        )
        assert network(picture).shape == (1, 8)
    assert sides == [(7, cells[0]), (14, cells[1])]


def test_attention_ends_its_block_before_the_pooling() -> None:
    class Doubling(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return 2 * x

    torch.manual_seed(0)
    plain = VGG16Backbone().eval()
    attentive = VGG16Backbone(attention={2: Doubling(), 5: Doubling()}).eval()
    attentive.load_state_dict(plain.state_dict(), strict=True)
    x = pictures(1, 64)
    with torch.no_grad():
        first, second, third, *_ = plain(x)
        outputs = attentive(x)
        last = attentive.get_submodule("block5").get_submodule("convs")(plain.pool(outputs[3]))
        block3 = plain.get_submodule("block3")(plain.pool(2 * second))
    torch.testing.assert_close(outputs[0], first)
    torch.testing.assert_close(outputs[1], 2 * second)
    torch.testing.assert_close(outputs[2], block3)
    torch.testing.assert_close(outputs[4], 2 * last)
    assert not torch.allclose(outputs[2], third)


def test_a_block_without_batch_norm_has_biases_and_no_norm() -> None:
    plain, normed = ConvBlock(3, (4, 5), batch_norm=False), ConvBlock(3, (4, 5))
    assert [tuple(p.shape) for p in plain.parameters()] == [(4, 3, 3, 3), (4,), (5, 4, 3, 3), (5,)]
    assert [tuple(p.shape) for p in normed.parameters()] == [
        (4, 3, 3, 3),
        (4,),
        (4,),
        (5, 4, 3, 3),
        (5,),
        (5,),
    ]


def test_an_unknown_head_is_refused_by_name() -> None:
    with pytest.raises(UsageError, match="no head 'vgg'; choose from: gap, fc"):
        VGG16(8, head="vgg")


def test_initial_weights_are_he_normal_and_the_head_narrow() -> None:
    torch.manual_seed(0)
    network = VGG16(512, attention={5: nn.Conv2d(512, 512, kernel_size=1)})
    attention = network.get_submodule("backbone.block5.attention").get_parameter("weight")
    assert float(attention.detach().std()) == pytest.approx((3 * 512) ** -0.5, rel=0.05)  # torch's
    for name, parameter in network.requires_grad_(False).named_parameters():
        if ".attention." in name:
            continue
        if parameter.dim() == 4:  # a kernel (out, in, height, width)
            expected = (2 / (parameter.shape[0] * parameter[0, 0].numel())) ** 0.5
            assert float(parameter.std()) == pytest.approx(expected, rel=0.05), name
        elif parameter.dim() == 2:
            assert float(parameter.std()) == pytest.approx(0.01, rel=0.05), name
        elif name.endswith("bias"):
            assert not parameter.any(), name
        else:
            assert (parameter == 1).all(), name  # a batch norm's factor
