"""Learning rates at chosen points, and what optimizers are made of."""

import math

import pytest
import torch
from torch import nn

from ferstudio.errors import UsageError
from ferstudio.models.attention import ChannelAttention
from training.engine.optimizers import LearningRate, build_optimizer
from training.recipes.schedules import Constant, Cosine, Plateau, Schedule, Steps
from training.recipes.settings import Loss, Optimizer


def rate(schedule: Schedule, peak: float = 0.5) -> LearningRate:
    optimizer = torch.optim.SGD(nn.Linear(2, 2).parameters(), lr=peak)
    return LearningRate(optimizer, peak, schedule)


@pytest.mark.parametrize(
    ("schedule", "progress", "expected"),
    [
        (Cosine(warmup_share=0.1, final_ratio=0.2), 0.0, 0.005),
        (Cosine(warmup_share=0.1, final_ratio=0.2), 0.05, 0.25),
        (Cosine(warmup_share=0.1, final_ratio=0.2), 0.1, 0.5),
        (Cosine(warmup_share=0.1, final_ratio=0.2), 0.55, 0.3),
        (Cosine(warmup_share=0.1, final_ratio=0.2), 1.0, 0.1),
        (Cosine(warmup_share=0.0, final_ratio=0.01), 0.0, 0.5),
        (Cosine(warmup_share=0.0, final_ratio=0.01), 1 / 3, 0.5 * (0.01 + 0.99 * 0.75)),
        (Cosine(warmup_share=0.0, final_ratio=0.01), 1.0, 0.005),
        (Steps(shares=(1 / 3, 2 / 3), drop=0.1), 0.0, 0.5),
        (Steps(shares=(1 / 3, 2 / 3), drop=0.1), 0.3333, 0.5),
        (Steps(shares=(1 / 3, 2 / 3), drop=0.1), 1 / 3, 0.05),
        (Steps(shares=(1 / 3, 2 / 3), drop=0.1), 0.6666, 0.05),
        (Steps(shares=(1 / 3, 2 / 3), drop=0.1), 2 / 3, 0.005),
        (Steps(shares=(1 / 3, 2 / 3), drop=0.1), 1.0, 0.005),
        (Constant(), 0.0, 0.5),
        (Constant(), 1.0, 0.5),
        (Plateau(), 0.9, 0.5),
    ],
)
def test_learning_rate_at_a_point(schedule: Schedule, progress: float, expected: float) -> None:
    control = rate(schedule)
    control.before_step(progress)
    control.after_epoch({"train_loss": 1.0, "valid_loss": 1.0})
    assert control.current == pytest.approx(expected)


@pytest.mark.parametrize("steps_per_epoch", [1, 3, 421, 898, 1795])
def test_steps_drop_with_the_first_step_of_an_epoch(steps_per_epoch: int) -> None:
    schedule, total = Steps(shares=(20 / 60, 40 / 60)), 60 * steps_per_epoch
    factors = [schedule.factor(step / total) for step in range(total)]
    first = [factors.index(factor) for factor in sorted(set(factors), reverse=True)]
    assert first == [0, 20 * steps_per_epoch, 40 * steps_per_epoch]


def test_cosine_rises_then_falls() -> None:
    rates = [Cosine().factor(p / 100) for p in range(101)]
    peak = rates.index(max(rates))
    assert peak == math.ceil(100 * Cosine().warmup_share)
    assert rates[:peak] == sorted(rates[:peak])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)
    assert rates[-1] == pytest.approx(Cosine().final_ratio)


def after_each(control: LearningRate, losses: list[float], watch: str) -> list[float]:
    other = {"valid_loss": "train_loss", "train_loss": "valid_loss"}[watch]
    rates = []
    for number, loss in enumerate(losses):
        control.after_epoch({watch: loss, other: float(number)})
        rates.append(round(control.current, 9))
    return rates


@pytest.mark.parametrize("watch", ["valid_loss", "train_loss"])
def test_a_plateau_drops_after_as_many_epochs_without_a_fall(watch: str) -> None:
    control = rate(Plateau(watch=watch, patience=3, drop=0.5), peak=0.8)
    losses = [1.0, 0.9, 0.9, 0.95, 0.8999999, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.5]
    #             best  1    2   best        1    2    3    1    2    3   best
    expected = [0.8] * 7 + [0.4] * 3 + [0.2] * 2
    assert after_each(control, losses, watch) == expected


def test_paper_three_drops_after_thirty_epochs() -> None:
    control = rate(Plateau(watch="valid_loss", patience=30, drop=0.1), peak=0.001)
    rates = after_each(control, [1.0] * 62, "valid_loss")
    assert rates == [0.001] * 30 + [1e-4] * 30 + [1e-5] * 2


def test_a_plateau_goes_on_from_its_state() -> None:
    schedule = Plateau(patience=3, drop=0.5)
    whole, broken = rate(schedule), rate(schedule)
    losses = [1.0, 0.8, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9]
    expected = after_each(whole, losses, "valid_loss")
    first = after_each(broken, losses[:4], "valid_loss")
    resumed = rate(schedule)
    resumed._optimizer.load_state_dict(broken._optimizer.state_dict())
    resumed.load_state_dict(broken.state_dict())
    assert first + after_each(resumed, losses[4:], "valid_loss") == expected
    assert expected[4] == 0.25 and expected[3] == 0.5


def test_only_kernels_decay_unless_all_are_to() -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))
    for everything, expected in ((False, {1: 0.0, 4: 0.1}), (True, {1: 0.1, 4: 0.1})):
        settings = Optimizer(weight_decay=0.1, decay_all=everything)
        optimizer = build_optimizer(network, settings)
        decay = {p.dim(): g["weight_decay"] for g in optimizer.param_groups for p in g["params"]}
        assert decay == expected
        assert sum(len(group["params"]) for group in optimizer.param_groups) == 4


def test_optimizers_are_those_named() -> None:
    network = nn.Linear(2, 2)
    plain = build_optimizer(network, Optimizer(nesterov=False, momentum=0.8, lr=0.3))
    assert isinstance(plain, torch.optim.SGD)
    group = plain.param_groups[0]
    assert (group["lr"], group["momentum"], group["nesterov"]) == (0.3, 0.8, False)
    assert build_optimizer(network, Optimizer()).param_groups[0]["nesterov"]
    adam = build_optimizer(network, Optimizer(kind="adam", lr=0.001))
    assert isinstance(adam, torch.optim.Adam)
    assert adam.param_groups[0]["betas"] == (0.9, 0.999)


def test_nonsense_is_refused() -> None:
    with pytest.raises(UsageError, match="'rmsprop'"):
        Optimizer(kind="rmsprop")
    with pytest.raises(UsageError, match="lr is a number above 0"):
        Optimizer(lr=0)
    with pytest.raises(UsageError, match="'hinge'"):
        Loss(kind="hinge")
    with pytest.raises(UsageError, match="island_weight"):
        Loss(kind="joint", island_weight=0)
    with pytest.raises(UsageError, match="'accuracy'"):
        Plateau(watch="accuracy")
    with pytest.raises(UsageError, match="patience"):
        Plateau(patience=0)


def test_attention_learns_at_a_rate_of_its_own_and_does_not_decay() -> None:
    network = nn.Sequential(nn.Conv2d(3, 8, 3), ChannelAttention(8), nn.Flatten(), nn.LazyLinear(2))
    network(torch.zeros(1, 3, 5, 5))
    settings = Optimizer(lr=0.2, weight_decay=0.01, attention_rate=5.0)
    optimizer = build_optimizer(network, settings)
    control = LearningRate(optimizer, settings.lr, Constant())
    control.before_step(0.5)
    kernels, others, gates = optimizer.param_groups
    assert [group["lr"] for group in (kernels, others, gates)] == [0.2, 0.2, 1.0]
    assert [group["weight_decay"] for group in (kernels, others, gates)] == [0.01, 0.0, 0.0]
    assert {id(p) for p in gates["params"]} == {id(p) for p in network[1].parameters()}
    all_params = [p for group in optimizer.param_groups for p in group["params"]]
    assert len({id(p) for p in all_params}) == len(all_params) == len(list(network.parameters()))
    assert control.current == 0.2


def test_without_a_rate_of_its_own_attention_is_no_group() -> None:
    network = nn.Sequential(nn.Conv2d(3, 8, 3), ChannelAttention(8))
    assert len(build_optimizer(network, Optimizer()).param_groups) == 2


def test_an_attention_rate_is_positive() -> None:
    with pytest.raises(UsageError, match="attention_rate is a number above 0"):
        Optimizer(attention_rate=0.0)
