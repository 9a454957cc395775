"""Gates that differ from the start, and what else such a start leaves as it was."""

import pytest
import torch
from torch import nn

from ferstudio.models.attention import capture_attention
from ferstudio.models.attention.cbam import ChannelAttention
from ferstudio.models.attention.gates import gate_layers
from tests.networks import hook_count, network, pictures
from training.engine.gates import LARGEST_SCALE, spread_gates

NETWORKS = ("acsinet", "csinet", "psa_resnet50")


@pytest.mark.parametrize("spread", [0.5, 2.0])
@pytest.mark.parametrize("shared", [True, False])
def test_what_the_sigmoid_gets_is_spread_around_zero(spread: float, shared: bool) -> None:
    torch.manual_seed(0)
    block = ChannelAttention(32, shared=shared)
    features = torch.randn(64, 32, 4, 4) * 3 + 1
    spread_gates(block, features, spread)
    with capture_attention(block) as records, torch.no_grad():
        block(features)
    logits = records[0].weights.logit()  # (64, 32, 1, 1)
    wanted = spread if shared else spread * 2**0.5  # of two layers' sum, where they differ
    assert logits.mean(dim=0).abs().max() < 1e-3
    assert logits.std(dim=0).mean() == pytest.approx(wanted, rel=0.25)


@pytest.mark.parametrize("name", NETWORKS)
def test_gates_of_a_network_differ_from_face_to_face(name: str) -> None:
    module, images = network(name), pictures(24, 48)

    def variation() -> float:
        with capture_attention(module.train()) as records, torch.no_grad():
            module(images)
        return sum(float(r.weights.float().std(dim=0).mean()) for r in records) / len(records)

    before = variation()
    layers = [layer for block in gate_layers(module) for layer in block.logit_layers()]
    assert spread_gates(module, images, 1.0) == len(layers) > 0
    assert variation() > 2 * before


def test_mode_statistics_and_hooks_stay() -> None:
    module = network("acsinet").eval()
    buffers = {name: value.clone() for name, value in module.named_buffers()}
    spread_gates(module, pictures(8, 48), 1.0)
    assert not module.training
    assert hook_count(module) == 0
    for name, value in module.named_buffers():
        assert torch.equal(value, buffers[name]), name


def test_only_the_layers_before_sigmoids_change() -> None:
    module = network("acsinet")
    names = {id(parameter): name for name, parameter in module.named_parameters()}
    layers = [layer for block in gate_layers(module) for layer in block.logit_layers()]
    allowed = {names[id(p)] for layer in layers for p in layer.parameters()}
    before = {name: value.detach().clone() for name, value in module.named_parameters()}
    spread_gates(module, pictures(8, 48), 1.0)
    after = dict(module.named_parameters())
    assert {name for name in before if not torch.equal(before[name], after[name])} == allowed


def test_a_layer_whose_outputs_hardly_differ_is_scaled_within_bounds() -> None:
    block = ChannelAttention(8)
    last = block.logit_layers()[0]
    assert isinstance(last, nn.Conv2d)
    before = last.weight.detach().clone()
    spread_gates(block, torch.ones(4, 8, 2, 2), 1.0)
    assert (last.weight.abs() <= LARGEST_SCALE * before.abs() + 1e-6).all()
    assert torch.isfinite(last.bias).all() if last.bias is not None else True


@pytest.mark.parametrize("name", NETWORKS)
def test_trained_gates_stay_as_they_are(name: str) -> None:
    module, images = network(name).eval(), pictures(8, 48)
    with torch.no_grad():
        before = module(images)
        assert spread_gates(module, images, 1.0, trained=module.state_dict().keys()) == 0
        assert torch.equal(module(images), before)
    layers = [layer for block in gate_layers(module) for layer in block.logit_layers()]
    names = {layer: name for name, layer in module.named_modules()}
    drawn = f"{names[layers[-1]]}.weight"
    assert spread_gates(module, images, 1.0, trained=module.state_dict().keys() - {drawn}) == 1
