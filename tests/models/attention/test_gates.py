"""Which parameters make attention weights, over the whole registry."""

import pytest
import torch
from torch import nn

from ferstudio.models import build_model, list_models
from ferstudio.models.attention import AttentionRole, attention_taps
from ferstudio.models.attention.gates import gate_layers, gate_parameters

NETWORKS = [name for name in list_models() if name != "ensemble"]


def meta(name: str) -> nn.Module:
    with torch.device("meta"):
        return build_model(name, num_classes=8)


@pytest.mark.parametrize("name", NETWORKS)
def test_gates_are_a_small_part_of_a_network(name: str) -> None:
    module = meta(name)
    gates, count = gate_parameters(module), sum(p.numel() for p in module.parameters())
    assert len({id(p) for p in gates}) == len(gates)
    assert sum(p.numel() for p in gates) < 0.2 * count
    taps = attention_taps(module).values()
    gated = any(tap.role is not AttentionRole.MAP for tap in taps)
    assert bool(gates) == gated


@pytest.mark.parametrize("name", NETWORKS)
def test_every_layer_before_a_sigmoid_belongs_to_its_block_and_can_be_shifted(name: str) -> None:
    for block in gate_layers(meta(name)):
        own = {id(layer) for layer in block.modules()}
        for layer in block.logit_layers():
            assert id(layer) in own
            assert isinstance(layer, nn.Conv2d)
            assert layer.bias is not None
