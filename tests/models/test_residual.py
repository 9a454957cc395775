"""Our ResNets and convolutions against torchvision's: state, initial values, answers, gradients."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
import torchvision
from torch import nn

from ferstudio.models import build_model
from ferstudio.models.convolution import Conv2dNormActivation
from tests.networks import pictures

PAIRS: list[tuple[Callable[[], nn.Module], Callable[[], nn.Module]]] = [
    (partial(build_model, name, 8), partial(getattr(torchvision.models, name), num_classes=8))
    for name in ("resnet18", "resnet50")
]


def seeded(build: Callable[[], nn.Module]) -> nn.Module:
    torch.manual_seed(3)
    return build()


@pytest.mark.parametrize(("own", "reference"), PAIRS, ids=["resnet18", "resnet50"])
@pytest.mark.parametrize("training", [False, True])
def test_a_resnet_is_torchvisions_to_the_last_bit(
    own: Callable[[], nn.Module], reference: Callable[[], nn.Module], training: bool
) -> None:
    ours, theirs = (seeded(build).train(training) for build in (own, reference))
    state, expected = ours.state_dict(), theirs.state_dict()
    assert list(state) == list(expected)
    assert all(torch.equal(state[name], expected[name]) for name in state)
    batch = pictures(2, 48)
    answers = ours(batch), theirs(batch)
    assert torch.equal(*answers)
    for answer in answers:
        answer.logsumexp(dim=1).sum().backward()
    for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert one.grad is not None and other.grad is not None
        assert torch.equal(one.grad, other.grad)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"kernel_size": 1},
        {"stride": 2},
        {"norm_layer": None},
        {"activation_layer": None},
        {"kernel_size": 1, "stride": 2, "activation_layer": None},
    ],
)
def test_a_convolution_with_what_follows_is_torchvisions(options: dict[str, Any]) -> None:
    ours, theirs = (
        seeded(partial(kind, 3, 5, **options))
        for kind in (Conv2dNormActivation, torchvision.ops.Conv2dNormActivation)
    )
    assert [type(layer) for layer in ours.children()] == [type(part) for part in theirs.children()]
    assert all(
        torch.equal(one, other)
        for one, other in zip(ours.parameters(), theirs.parameters(), strict=True)
    )
    batch = pictures(2, 9)
    assert torch.equal(ours(batch), theirs(batch))
