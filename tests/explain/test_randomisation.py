"""The sanity check: layers become random from the last on, on a copy alone."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from ferstudio.errors import UsageError
from ferstudio.explain import Explanation, Heatmap
from ferstudio.explain.randomisation import randomisation_check
from ferstudio.explain.sensitivity import OcclusionSensitivity
from ferstudio.explain.similarity import similarity
from ferstudio.models import LoadedModel, model_entry
from ferstudio.preprocess import to_tensor
from ferstudio.types import FaceCrop
from tests.networks import card, hook_count, predict

MakeCrop = Callable[[int, int], FaceCrop]
FROM_THE_LAST = ["last", "norm", "middle", "first", "unused"]


class Stack(nn.Module):
    """Three layers and a batch norm, not registered in the order in which they run."""

    def __init__(self) -> None:
        super().__init__()
        self.unused = nn.Linear(4, 4)
        self.last = nn.Linear(12, 8)
        self.first = nn.Conv2d(3, 8, 5, stride=4, padding=2)
        self.middle = nn.Conv2d(8, 12, 3, stride=2)
        self.norm = nn.BatchNorm2d(12)

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm(self.middle(self.first(x).relu())).relu()
        return self.last(x.mean(dim=(2, 3)))


@pytest.fixture
def model() -> LoadedModel:
    with torch.random.fork_rng():
        torch.manual_seed(2)
        module = Stack()
        nn.init.normal_(module.last.weight, std=3.0)
        nn.init.uniform_(module.norm.weight, 0.5, 2.0)
        nn.init.normal_(module.norm.bias)
    return LoadedModel(model_entry("resnet18"), card("resnet18"), module.eval())


class Spy:
    """Keeps the weights of every network it is asked to explain; its map is always the same."""

    name, title, summary = "spy", "Spy", "Looks."
    needs, passes = "nothing", 1

    def __init__(self) -> None:
        self.seen: list[dict[str, Tensor]] = []
        self.modules: list[nn.Module] = []
        self.targets: list[str | None] = []

    def supports(self, model: LoadedModel) -> bool:
        return True

    def explain(self, model: LoadedModel, crop: FaceCrop, target: str | None = None) -> Explanation:
        (prediction,) = predict(model, to_tensor(crop, model.card.input))
        self.seen.append({k: v.clone() for k, v in model.module.state_dict().items()})
        self.modules.append(model.module)
        self.targets.append(target)
        ramp = np.tile(np.linspace(0, 1, crop.size, dtype=np.float32), (crop.size, 1))
        heatmap = Heatmap("ramp", ramp, (crop.size, crop.size), (0.0, 1.0))
        return Explanation(self.name, target or prediction.top, prediction, (heatmap,), 0.0)


def test_layers_become_random_from_the_last_on(model: LoadedModel, make_crop: MakeCrop) -> None:
    spy = Spy()
    found = randomisation_check(model, spy, make_crop(64, 0), stages=5)
    assert [stage.layer for stage in found] == FROM_THE_LAST
    assert [stage.layers for stage in found] == [1, 2, 3, 4, 5]
    trained, previous = spy.seen[0], spy.seen[0]
    for count, state in enumerate(spy.seen[1:], start=1):
        for name, value in state.items():
            layer, _, kind = name.partition(".")
            random = layer in FROM_THE_LAST[:count] and kind in {"weight", "bias"}
            assert torch.equal(value, trained[name]) != random, name
            same = torch.equal(value.flatten().sort().values, trained[name].flatten().sort().values)
            assert same, f"{name} has other values now"
            if layer in FROM_THE_LAST[: count - 1]:
                assert torch.equal(value, previous[name]), f"{name} was shuffled twice"
        previous = state
    assert spy.targets == [None] + [spy.targets[1]] * 5
    assert spy.targets[1] is not None


def test_a_map_that_ignores_the_network_is_unmasked(
    model: LoadedModel, make_crop: MakeCrop
) -> None:
    for stage in randomisation_check(model, Spy(), make_crop(64, 0)):
        assert stage.similarity.spearman == pytest.approx(1)
        assert stage.similarity.ssim == pytest.approx(1)


def test_a_map_that_follows_the_network_changes(model: LoadedModel, make_crop: MakeCrop) -> None:
    crop, method = make_crop(64, 1), OcclusionSensitivity()
    found = randomisation_check(model, method, crop, "fear", stages=3)
    assert [stage.layers for stage in found] == [1, 3, 5]
    assert found[-1].similarity.spearman < 0.9
    assert found[-1].similarity.ssim < 0.9
    again = randomisation_check(model, method, crop, "fear", stages=3)
    other = randomisation_check(model, method, crop, "fear", seed=1, stages=3)
    alike = [stage.similarity for stage in found]
    assert alike == [stage.similarity for stage in again]
    assert alike != [stage.similarity for stage in other]


def test_a_stage_keeps_the_map_that_its_numbers_are_of(
    model: LoadedModel, make_crop: MakeCrop
) -> None:
    crop, method = make_crop(64, 1), OcclusionSensitivity()
    trained = method.explain(model, crop, "fear").heatmaps[0]
    for stage in randomisation_check(model, method, crop, "fear", stages=2):
        assert similarity(trained, stage.heatmap, shared_scale=False) == stage.similarity


def test_the_trained_network_is_not_touched(model: LoadedModel, make_crop: MakeCrop) -> None:
    before = {name: value.clone() for name, value in model.module.state_dict().items()}
    model.module.train().requires_grad_(True)
    spy = Spy()
    randomisation_check(model, spy, make_crop(64, 0), stages=2)
    assert all(torch.equal(v, before[k]) for k, v in model.module.state_dict().items())
    assert spy.modules[0] is model.module
    assert all(module is not model.module for module in spy.modules[1:])
    assert hook_count(model.module) == hook_count(spy.modules[1]) == 0
    assert all(part.training for part in model.module.modules())
    assert not any(part.training for part in spy.modules[1].modules())
    assert all(p.requires_grad and p.grad is None for p in model.module.parameters())


@pytest.mark.parametrize(("stages", "counts"), [(1, [5]), (2, [1, 5]), (9, [1, 2, 3, 4, 5])])
def test_stages(stages: int, counts: list[int], model: LoadedModel, make_crop: MakeCrop) -> None:
    found = randomisation_check(model, Spy(), make_crop(64, 0), stages=stages)
    assert [stage.layers for stage in found] == counts


def test_no_stage_is_refused(model: LoadedModel, make_crop: MakeCrop) -> None:
    with pytest.raises(UsageError, match="at least one stage, not 0"):
        randomisation_check(model, Spy(), make_crop(64, 0), stages=0)
