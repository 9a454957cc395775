"""What every registered network must keep to; a new one is tested the day it is registered."""

from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor

from ferstudio.models import build_model, list_models, model_entry
from ferstudio.models.attention import (
    AttentionRole,
    attention_taps,
    capture_attention,
    replace_attention,
)
from tests.networks import hook_count, network, pictures

pytestmark = pytest.mark.parametrize("name", list_models())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size_px", "batch", "training"),
    [
        (56, 1, False),
        (56, 2, True),
        (64, 1, False),
        (64, 2, True),
        pytest.param(112, 1, False, marks=pytest.mark.slow),
        pytest.param(112, 2, True, marks=pytest.mark.slow),
        pytest.param(224, 1, False, marks=pytest.mark.slow),
    ],
)
def test_forward_and_backward_at_usual_sizes(
    name: str, size_px: int, batch: int, training: bool
) -> None:
    module = network(name).train(training)
    logits = module(pictures(batch, size_px))
    assert logits.shape == (batch, 8)
    logits.logsumexp(dim=1).sum().backward()
    gradients = {key: parameter.grad for key, parameter in module.named_parameters()}
    unused = [key for key, gradient in gradients.items() if gradient is None]
    assert unused == []
    assert all(bool(g.isfinite().all()) for g in gradients.values() if g is not None)


def test_output_is_determined_by_input_and_weights(name: str) -> None:
    module = network(name).eval()
    batch = pictures(2, 64)
    with torch.no_grad():
        first, again, alone = module(batch), module(batch), module(batch[1:])
    assert torch.equal(first, again)
    torch.testing.assert_close(alone, first[1:], rtol=1e-4, atol=1e-4 * float(first.abs().max()))


def test_state_round_trips_strictly(name: str) -> None:
    module = network(name)
    other = build_model(name, num_classes=8)
    other.load_state_dict(module.state_dict(), strict=True)
    batch = pictures(1, 64)
    with torch.no_grad():
        assert torch.equal(other.eval()(batch), module.eval()(batch))


def test_no_tensor_is_stored_twice(name: str) -> None:
    tensors = network(name).state_dict().values()
    places = [tensor.data_ptr() for tensor in tensors if tensor.numel()]
    assert len(set(places)) == len(places)


def test_a_copy_answers_alike_and_shares_nothing(name: str) -> None:
    module = network(name)  # a deep copy
    other = network(name)
    batch = pictures(1, 64)
    with torch.no_grad():
        before = module.eval()(batch)
        for parameter in other.parameters():
            parameter.zero_()
        assert torch.equal(module(batch), before)
        assert not torch.equal(other.eval()(batch), before)


def test_number_of_classes_is_that_of_the_labels(name: str) -> None:
    module = build_model(name, num_classes=7).eval()
    with torch.no_grad():
        assert module(pictures(1, 64)).shape == (1, 7)


def test_cam_layers_and_feature_layer_give_maps_and_vectors(name: str) -> None:
    entry = model_entry(name)
    module = network(name).eval()
    outputs: dict[str, Tensor] = {}
    for layer in (*entry.cam_layers, entry.feature_layer):
        module.get_submodule(layer).register_forward_hook(
            lambda _module, _inputs, output, layer=layer: outputs.update({layer: output})
        )
    with torch.no_grad():
        module(pictures(2, 64))
    for layer in entry.cam_layers:
        assert outputs[layer].dim() == 4, f"{layer} gives {tuple(outputs[layer].shape)}"
        assert outputs[layer].shape[0] == 2
    features = outputs[entry.feature_layer].flatten(1)
    assert features.shape[0] == 2
    assert 8 <= features.shape[1] <= 4096
    sides = {layer: outputs[layer].shape[-1] for layer in entry.cam_layers}
    assert sides == {layer: 64 // stride for layer, stride in entry.cam_layers.items()}
    strides = list(entry.cam_layers.values())
    assert strides == sorted(strides), "CAM layers must run from shallow to deep"


def test_taps_leave_no_trace_in_the_state(name: str) -> None:
    module = network(name)
    taps = attention_taps(module)
    assert not [key for key in module.state_dict() for tap in taps if key.startswith(f"{tap}.")]


def test_attention_is_of_its_role_and_recording_changes_nothing(name: str) -> None:
    module = network(name).eval()
    batch = pictures(2, 64)
    with torch.no_grad():
        bare = module(batch)
        with capture_attention(module) as records:
            assert torch.equal(module(batch), bare)
    assert hook_count(module) == 0
    passed = {f"{record.module}.{record.tap}".removeprefix(".") for record in records}
    assert passed == set(attention_taps(module))
    for record in records:
        weights = record.weights
        assert weights.shape[0] == 2
        if record.role is AttentionRole.MAP:
            assert weights.dim() == 4
            assert weights.shape[1] == 1
            continue
        assert weights.min() >= 0
        assert weights.max() <= 1
        if record.role is AttentionRole.SCALE:
            total = weights.sum(dim=1)
            torch.testing.assert_close(total, torch.ones_like(total))


def test_every_tap_is_where_its_attention_is_used(name: str) -> None:
    module = network(name).eval()
    batch = pictures(1, 64)
    with torch.no_grad():
        before = module(batch)
        for tap in attention_taps(module):
            with replace_attention(module, partial(_zeroed, tap)):
                assert not torch.allclose(module(batch), before), f"{tap} has no effect"
        assert torch.equal(module(batch), before)
    assert hook_count(module) == 0


def _zeroed(tap: str, at: str, weights: Tensor) -> Tensor:
    return weights * 0 if at == tap else weights


@pytest.mark.slow
def test_it_can_be_exported(name: str) -> None:
    module = network(name).eval()
    batch = pictures(1, 64)
    program: Any = torch.export.export(module, (batch,))
    with torch.no_grad():
        torch.testing.assert_close(program.module()(batch), module(batch))
