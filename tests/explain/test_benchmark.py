import dataclasses
from collections.abc import Callable

import pytest

from ferstudio.errors import UsageError
from ferstudio.explain.benchmark import in_turns, measure_cost
from ferstudio.models import LoadedModel
from ferstudio.models.registry import Head
from ferstudio.types import FaceCrop
from tests.networks import hook_count, loaded

MakeCrop = Callable[[int, int], FaceCrop]


@pytest.fixture(scope="module")
def model() -> LoadedModel:
    return loaded("acsinet")


def test_everything_is_timed_and_nothing_stays(model: LoadedModel, make_crop: MakeCrop) -> None:
    wanted = [parameter.requires_grad for parameter in model.module.parameters()]
    cost = measure_cost(model, make_crop(64, 0), runs=2)
    assert (cost.weights, cost.runs, cost.size_px) == (model.name, 2, model.card.input.size)
    assert min(cost.forward_s, cost.ours_s, cost.grad_cam_s) > 0
    assert min(cost.ours_per_forward, cost.grad_cam_per_forward, cost.speed_up) > 0
    assert cost.layer in model.entry.cam_layers
    assert hook_count(model.module) == 0 and not model.module.training
    assert [parameter.requires_grad for parameter in model.module.parameters()] == wanted
    assert all(parameter.grad is None for parameter in model.module.parameters())


def test_ways_take_turns_and_the_median_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    now, called = [0.0], list[str]()
    durations = {"a": iter([9.0, 9, 1, 5, 2]), "b": iter([9.0, 9, 4, 3, 100])}

    def way(name: str) -> None:
        called.append(name)
        now[0] += next(durations[name])

    monkeypatch.setattr("ferstudio.explain.benchmark.time.perf_counter", lambda: now[0])
    turns = in_turns({"a": lambda: way("a"), "b": lambda: way("b")}, runs=3)
    assert (turns.median("a"), turns.median("b")) == (2, 4)
    assert (turns.ratio("b", "a"), turns.ratio("a", "b")) == (4, 0.25)
    assert called == ["a", "b"] * 5


def test_what_cant_be_timed_is_refused(model: LoadedModel, make_crop: MakeCrop) -> None:
    with pytest.raises(UsageError, match="at least one run"):
        measure_cost(model, make_crop(64, 0), runs=0)
    entry = dataclasses.replace(model.entry, cam_layers={}, head=Head("fc"))
    blind = dataclasses.replace(model, entry=entry)
    with pytest.raises(UsageError, match="no layer"):
        measure_cost(blind, make_crop(64, 0))
