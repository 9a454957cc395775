"""The moving average of weights, step by step."""

from collections.abc import Iterator

import pytest
import torch
from torch import nn

from training.engine.averaging import moving_average, restart_average


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(1, 1), nn.BatchNorm1d(1))


def steps(model: nn.Module, count: int) -> Iterator[int]:
    """Yield the number of each step, once the weight is that number."""
    for step in range(count):
        with torch.no_grad():
            model.get_parameter("0.weight").fill_(float(step))
        yield step


def test_the_decay_rises_to_its_final_value() -> None:
    model = network()
    averaged = moving_average(model, 0.5)
    expected = 0.0
    for step in steps(model, 20):
        averaged.update_parameters(model)
        decay = min(0.5, (1 + step) / (10 + step))
        expected = float(step) if step == 0 else decay * expected + (1 - decay) * step
        assert averaged.module.get_parameter("0.weight").item() == pytest.approx(expected)


def test_a_loaded_average_goes_on_where_it_was() -> None:
    model = network()
    first, second = moving_average(model, 0.999), moving_average(model, 0.999)
    for step in steps(model, 6):
        if step == 3:
            second.load_state_dict(first.state_dict())
        first.update_parameters(model)
        if step >= 3:
            second.update_parameters(model)
    for name, value in first.state_dict().items():
        assert torch.equal(second.state_dict()[name], value), name


def test_counts_are_copied_and_statistics_averaged() -> None:
    model = network()
    averaged = moving_average(model, 0.9)
    for _ in range(3):
        model(torch.randn(8, 1))
        averaged.update_parameters(model)
    norm = averaged.module.get_submodule("1")
    assert norm.get_buffer("num_batches_tracked").item() == 3
    ours, theirs = (
        norm.get_buffer("running_mean"),
        model.get_submodule("1").get_buffer("running_mean"),
    )
    assert not torch.equal(ours, theirs)


def test_a_restarted_average_forgets_and_counts_anew() -> None:
    model = network()
    first, fresh = moving_average(model, 0.999), moving_average(model, 0.999)
    for step in steps(model, 6):
        if step == 3:
            restart_average(first)
        first.update_parameters(model)
        if step >= 3:
            fresh.update_parameters(model)
    for name, value in first.state_dict().items():
        assert torch.equal(fresh.state_dict()[name], value), name
