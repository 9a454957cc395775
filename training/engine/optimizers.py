"""Optimizers and learning rates as recipes describe them."""

from typing import Any

import torch
from torch import nn
from torch.optim.lr_scheduler import ReduceLROnPlateau

from ferstudio.models.attention.gates import gate_parameters
from training.recipes.schedules import Plateau, Schedule
from training.recipes.settings import Optimizer


def build_optimizer(network: nn.Module, settings: Optimizer) -> torch.optim.Optimizer:
    """Return the optimizer of a network's parameters that `settings` describe."""
    apart = gate_parameters(network) if settings.attention_rate != 1 else []
    gates = {id(parameter) for parameter in apart}
    rest = [p for p in network.parameters() if id(p) not in gates]
    groups: list[dict[str, Any]] = [
        {
            "params": [p for p in rest if p.dim() > 1],
            "weight_decay": settings.weight_decay,
            "rate": 1.0,
        },
        {
            "params": [p for p in rest if p.dim() <= 1],
            "weight_decay": settings.weight_decay * settings.decay_all,
            "rate": 1.0,
        },
    ]
    if apart:
        groups.append({"params": apart, "weight_decay": 0.0, "rate": settings.attention_rate})
    if settings.kind == "adam":
        return torch.optim.Adam(groups, lr=settings.lr)
    return torch.optim.SGD(
        groups,
        lr=settings.lr,
        momentum=settings.momentum,
        nesterov=settings.nesterov,
        fused=True,  # many small tensors: one call instead of several for each
    )


class LearningRate:
    """Sets an optimizer's learning rate as a schedule says."""

    def __init__(self, optimizer: torch.optim.Optimizer, peak: float, schedule: Schedule) -> None:
        """Take charge of `optimizer`, whose highest learning rate is `peak`."""
        self._optimizer = optimizer
        self._peak = peak
        self._schedule = schedule
        self._plateau: ReduceLROnPlateau | None = None
        if isinstance(schedule, Plateau):  # torch drops after patience + 1 epochs
            self._plateau = ReduceLROnPlateau(
                optimizer, factor=schedule.drop, patience=schedule.patience - 1, threshold=0.0
            )

    @property
    def current(self) -> float:
        """The learning rate of the next step."""
        return float(self._optimizer.param_groups[0]["lr"])

    def before_step(self, progress: float) -> None:
        """Set the learning rate for a step at `progress` in [0, 1] of the training."""
        if isinstance(self._schedule, Plateau):
            return
        for group in self._optimizer.param_groups:
            group["lr"] = self._peak * group.get("rate", 1.0) * self._schedule.factor(progress)

    def after_epoch(self, losses: dict[str, float]) -> None:
        """Let a plateau see an epoch's "train_loss" and "valid_loss"."""
        if self._plateau is not None and isinstance(self._schedule, Plateau):
            self._plateau.step(losses[self._schedule.watch])

    def state_dict(self) -> dict[str, Any]:
        """Return what a plateau has seen; empty for the other schedules."""
        return {} if self._plateau is None else self._plateau.state_dict()

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from what `state_dict` gave."""
        if self._plateau is not None:
            self._plateau.load_state_dict(state)
