"""Attention taps: they show what is used, and leave nothing behind."""

import pytest
import torch
from torch import Tensor, nn

from ferstudio.models.attention import (
    AttentionRole,
    AttentionTap,
    attention_taps,
    capture_attention,
    replace_attention,
)
from tests.networks import hook_count


class Gated(nn.Module):
    """Multiplies by a gate of its own mean, and can be told to fail after it."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = AttentionTap(AttentionRole.GATE)
        self.fails = False

    def forward(self, x: Tensor) -> Tensor:
        gate = self.gate(torch.sigmoid(x.mean(dim=(2, 3), keepdim=True)))
        if self.fails:
            raise ArithmeticError("told to fail")
        return x * gate


@pytest.fixture
def stack() -> nn.Sequential:
    shared = Gated()
    return nn.Sequential(Gated(), shared, nn.Sequential(nn.ReLU(), shared))


def test_a_tap_is_the_identity_without_state() -> None:
    tap = AttentionTap(AttentionRole.MAP)
    weights = torch.rand(2, 1, 3, 3)
    assert tap(weights) is weights
    assert tap.state_dict() == {}
    assert "map" in repr(tap)


def test_taps_are_found_by_qualified_name_once_each(stack: nn.Sequential) -> None:
    assert list(attention_taps(stack)) == ["0.gate", "1.gate"]


def test_records_come_in_order_of_use_with_call_numbers(stack: nn.Sequential) -> None:
    with capture_attention(stack) as records:
        stack(torch.rand(2, 3, 4, 4, requires_grad=True))
    assert [(r.module, r.tap, r.role, r.call) for r in records] == [
        ("0", "gate", AttentionRole.GATE, 0),
        ("1", "gate", AttentionRole.GATE, 0),
        ("1", "gate", AttentionRole.GATE, 1),
    ]
    assert all(r.weights.shape == (2, 3, 1, 1) for r in records)
    assert not any(r.weights.requires_grad for r in records)
    assert hook_count(stack) == 0


def test_a_module_that_owns_a_tap_itself_has_an_empty_name() -> None:
    module = Gated()
    with capture_attention(module) as records:
        module(torch.rand(1, 3, 4, 4))
    assert [(r.module, r.tap) for r in records] == [("", "gate")]


def test_what_replaces_the_attention_is_what_is_used(stack: nn.Sequential) -> None:
    x = torch.rand(1, 3, 4, 4)
    with replace_attention(stack, lambda _name, weights: torch.ones_like(weights)):
        assert torch.equal(stack(x), x)
    assert not torch.equal(stack(x), x)
    assert hook_count(stack) == 0


def test_a_record_shows_what_is_used_in_place_of_the_attention(stack: nn.Sequential) -> None:
    x = torch.rand(1, 3, 4, 4)
    with (
        replace_attention(stack, lambda _name, weights: torch.zeros_like(weights)),
        capture_attention(stack) as records,
    ):
        assert hook_count(stack) == 4
        stack(x)
    assert len(records) == 3
    assert not any(record.weights.any() for record in records)


def test_listeners_are_removed_after_an_exception(stack: nn.Sequential) -> None:
    last = stack.get_submodule("1")
    assert isinstance(last, Gated)
    last.fails = True
    with pytest.raises(ArithmeticError), capture_attention(stack) as records:
        stack(torch.rand(1, 3, 4, 4))
    assert len(records) == 2
    assert hook_count(stack) == 0
    with pytest.raises(ArithmeticError), replace_attention(stack, lambda _name, w: w):
        stack(torch.rand(1, 3, 4, 4))
    assert hook_count(stack) == 0
