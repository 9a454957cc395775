"""Where a network is while it is held on a device, and where it is afterwards."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from ferstudio.models import LoadedModel, model_entry
from tests.training.evaluation.brightness import card
from training.data.table import FaceTable
from training.engine.device import on_device
from training.evaluation.evaluate import evaluate_split
from training.evaluation.shown_faces import Protocol
from training.evaluation.teachers import ask

CPU = torch.device("cpu")


class Moved(nn.Module):
    """A network that notes each move of its parameters, and whether it was in inference mode."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(8))
        self.moves: list[tuple[str, bool]] = []

    def to(self, device: torch.device | str) -> "Moved":  # type: ignore[override]
        self.moves.append((str(device), torch.is_inference_mode_enabled()))
        return self

    def forward(self, x: Tensor) -> Tensor:
        return x.mean(dim=(1, 2, 3))[:, None] * self.weight


def held(network: nn.Module) -> LoadedModel:
    return LoadedModel(model_entry("resnet18"), card(), network)


def evaluated(model: LoadedModel, table: FaceTable) -> None:
    evaluate_split(model, table, Protocol(limit=4), split="valid", device=CPU)


def asked(model: LoadedModel, table: FaceTable) -> None:
    ask([model], table.select(np.arange(4)), CPU)


def test_a_network_comes_back_after_an_exception() -> None:
    network = Moved()
    with pytest.raises(ZeroDivisionError), on_device(held(network), torch.device("cuda")):
        raise ZeroDivisionError
    assert network.moves == [("cuda", False), ("cpu", False)]


def test_without_a_device_nothing_moves() -> None:
    network = Moved()
    with on_device(held(network), None) as module:
        assert module is network
    assert network.moves == []


@pytest.mark.parametrize("judge", [evaluated, asked])
def test_no_network_moves_in_inference_mode(
    judge: Callable[[LoadedModel, FaceTable], None], table: FaceTable
) -> None:
    network = Moved()
    judge(held(network), table)
    assert network.moves == [("cpu", False), ("cpu", False)]
