"""Forward passes with hooks: graphs behind a layer, kept outputs, and the tail of a network."""

import pytest
import torch
from torch import Tensor, nn

from ferstudio.explain.forward import Tail, differentiable_behind, outputs_of, without_graph
from ferstudio.models import model_entry
from ferstudio.preprocess import to_tensor
from tests.explain.library import SHIPPED, lively, picture, state


class Branching(nn.Module):
    """A network whose activation serves three times, whose blocks share it, and that skips."""

    def __init__(self) -> None:
        super().__init__()
        self.act = nn.ReLU(inplace=True)
        self.first = nn.Sequential(nn.Conv2d(2, 3, 1), self.act)
        self.middle = nn.Conv2d(3, 3, 1)
        self.last = nn.Conv2d(3, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        skipped = self.first(x)
        y = self.act(self.middle(skipped))
        return self.act(self.last(y + 2 * skipped)).sum(dim=(2, 3))


def branching() -> tuple[Branching, Tensor]:
    torch.manual_seed(0)
    return Branching().requires_grad_(False), torch.randn(1, 2, 5, 5)


def test_gradients_flow_through_the_tail_only() -> None:
    head, tail = nn.Linear(3, 4), nn.Linear(4, 2)
    module = nn.Sequential(head, nn.Identity(), nn.ReLU(inplace=True), tail)
    with differentiable_behind(module[1]) as leaves:
        logits = module(torch.randn(5, 3))
        (gradient,) = torch.autograd.grad(logits[:, 0].sum(), leaves[0])
    assert leaves[0].is_leaf
    assert (leaves[0] < 0).any(), "the ReLU behind changed the recorded activations"
    expected = torch.where(leaves[0] > 0, tail.weight[0], 0.0)
    torch.testing.assert_close(gradient, expected)
    assert head.weight.grad is None


def test_kept_outputs_are_not_changed_in_place() -> None:
    module, x = branching()
    with without_graph(), outputs_of([module.middle, module.last]) as outputs:
        answer = module(x)
    assert [layer for layer, _ in outputs] == [module.middle, module.last]
    assert all((output < 0).any() for _, output in outputs)
    torch.testing.assert_close(answer, module(x))


@pytest.mark.parametrize("layer", ["first", "middle", "last"])
def test_a_tail_answers_as_the_network_does(layer: str) -> None:
    module, x = branching()
    tail = Tail(module)
    before = state(module)
    with without_graph(), tail.recording(module.get_submodule(layer)):
        answer = module(x)
    torch.testing.assert_close(answer, module(x))
    torch.testing.assert_close(tail(tail.activations), answer)
    others = torch.randn(3, *tail.activations.shape[1:])
    found = tail(others)
    for index in range(3):
        each = others[index : index + 1]
        handle = module.get_submodule(layer).register_forward_hook(
            lambda *_, each=each: each.clone()
        )
        torch.testing.assert_close(found[index : index + 1], module(x))
        handle.remove()
    assert state(module) == before


def test_a_tail_runs_nothing_before_its_layer() -> None:
    module, x = branching()
    tail = Tail(module)
    with without_graph(), tail.recording(module.middle):
        module(x)
    with outputs_of([*module.first, module.first, module.middle, module.last]) as outputs:
        tail(tail.activations)
    ran = [layer for layer, _ in outputs]
    answered_from_memory, run = ran[:2], ran[2:]
    assert answered_from_memory == [module.first, module.middle]
    assert run == [module.act, module.last, module.act]


def test_a_tail_leaves_nothing_behind_after_an_exception() -> None:
    module, x = branching()
    tail = Tail(module)
    before = state(module)
    with without_graph(), tail.recording(module.middle):
        module(x)
    with pytest.raises(RuntimeError):
        tail(torch.randn(1, 7, 5, 5))
    assert state(module) == before
    with pytest.raises(RuntimeError), tail.recording(module.middle):
        module(torch.randn(1, 9, 5, 5))
    assert state(module) == before


@pytest.mark.parametrize("name", SHIPPED)
def test_the_tails_of_the_networks(name: str) -> None:
    model = lively(name, 32, short=True)
    batch = to_tensor(picture(32, 0), model.card.input)
    for layer in model_entry(name).cam_layers:
        with model.exclusive() as module, without_graph():
            tail = Tail(module)
            with tail.recording(module.get_submodule(layer)):
                logits = module(batch)
            again = tail(tail.activations.repeat(3, 1, 1, 1))
        torch.testing.assert_close(again, logits.expand(3, -1), rtol=1e-4, atol=1e-4)
