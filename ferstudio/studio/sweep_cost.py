"""What a robustness study costs beside its bare forward passes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ferstudio.errors import UsageError
from ferstudio.explain.benchmark import in_turns
from ferstudio.models import LoadedModel
from ferstudio.preprocess import normalise
from ferstudio.studio.robustness import RobustnessPlan, fixed_things, gallery, robustness
from ferstudio.studio.selection import Selection
from ferstudio.types import FaceCrop

OCCLUDERS = (
    "sunglasses", "surgical-mask", "n95-mask", "hair", "microphone", "middle", "right", "blocks",
    "checks", "gauze", "motion-blur", "darkness",
)  # fmt: skip
"""The covers of the study that is timed, of all kinds; named, so that times can be compared however
many covers there are."""

RUNS = 3
"""Timed studies, unless asked otherwise; one more before them isn't timed."""


@dataclass(frozen=True, slots=True)
class SweepCost:
    """Median seconds of one study: all its models under all its occluders at all its amounts.

    Attributes:
        models: names of weights.
        occluders: how many.
        amounts: how many of each.
        runs: timed runs of each way.
        forward_s: the bare forward passes, on the same batches, which are ready.
        sweep_s: from the clean crop to all answers.
        per_forward: cost of the study in its bare forward passes, median over the rounds.
    """

    models: tuple[str, ...]
    occluders: int
    amounts: int
    runs: int
    forward_s: float
    sweep_s: float
    per_forward: float


def measure_sweep(
    models: Sequence[LoadedModel],
    crop: FaceCrop,
    occluders: Sequence[str] | None = None,
    *,
    runs: int = RUNS,
) -> SweepCost:
    """Return what a study of `models` costs, both ways timed in turns.

    Args:
        models: the networks, at least one.
        crop: the clean face.
        occluders: names of covers; None takes `OCCLUDERS`.
        runs: timed runs of each way.

    Raises:
        UsageError: if `runs` is below 1.
    """
    if runs < 1:
        raise UsageError(f"A benchmark needs at least one run, not {runs}.")
    by_name = {model.name: model for model in models}
    plan = RobustnessPlan(Selection(crop, models=tuple(by_name)), tuple(occluders or OCCLUDERS))
    batches = {model.name: _ready(model, plan) for model in models}
    ways: dict[str, Callable[[], object]] = {
        "forward": lambda: _forward(models, batches),
        "sweep": lambda: list(robustness(plan, by_name.__getitem__)),
    }
    turns = in_turns(ways, runs, warm_up=1)
    return SweepCost(
        models=plan.models,
        occluders=len(plan.occluders),
        amounts=len(plan.amounts),
        runs=runs,
        forward_s=turns.median("forward"),
        sweep_s=turns.median("sweep"),
        per_forward=turns.ratio("sweep", "forward"),
    )


def _ready(model: LoadedModel, plan: RobustnessPlan) -> list[Tensor]:
    pictures, spec = gallery(plan, fixed_things(plan)), model.card.input
    parts = (pictures.seen(part, spec) for part in range(pictures.parts))
    return [normalise(p, spec).contiguous(memory_format=torch.channels_last) for p in parts]


def _forward(models: Sequence[LoadedModel], batches: dict[str, list[Tensor]]) -> None:
    for model in models:
        with model.exclusive() as module, torch.inference_mode():
            for batch in batches[model.name]:
                module(batch)
