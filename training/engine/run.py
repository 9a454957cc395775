"""A training run: its state, and its folder, from which it goes on after a stop.

The folder holds `recipe.json`, `log.csv` (a row per epoch) and `last.pt` (written after each
epoch, whole or not at all).
"""

import csv
import io
import json
import math
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel

from ferstudio.distributed import is_main_process
from ferstudio.errors import DataError
from ferstudio.files import write_whole
from ferstudio.models.card import WeightsCard, read_card
from training.data.targets import label_columns
from training.engine.averaging import moving_average
from training.engine.checkpoint import CHECKPOINT, read_checkpoint
from training.engine.heads import check_separable
from training.engine.losses import Criterion, build_criterion
from training.engine.optimizers import LearningRate, build_optimizer
from training.engine.transfer import Head, begin_with
from training.recipes import Recipe

LOG_FILE, RECIPE_FILE = "log.csv", "recipe.json"
LOG_COLUMNS = (
    "epoch",
    "progress",
    "size_px",
    "lr",
    "loss",
    "valid_loss",
    "valid_accuracy",
    "images_per_s",
    "peak_share",
    "elapsed_s",
    "train_accuracy",
)
"""Later ones are last, so that logs begun without them stay readable: there they are nan."""


@dataclass(slots=True)
class Run:
    """The state of a training run; everything of it but the folder is in the checkpoint.

    Attributes:
        out: folder of the run.
        recipe: what is trained.
        device: where.
        model: the network that is stepped.
        averaged: its moving average; None where the recipe wants none.
        criterion: what is minimised, with class centres where it has some.
        optimizer: what steps it.
        rate: its learning rate.
        epoch: epochs finished.
        step: steps finished.
        elapsed_s: seconds trained, over all resumptions.
        max_s: seconds after which the schedule has to have ended; infinite for none.
        command: the command line that starts this run anew.
        earlier: the command lines that made the weights it began with, the first one first.
        trained: names of the tensors that it began with, before its first step.
        commit: revision of the code that began it.
        resumed_by: other revisions that went on with it, in order.
        data: what is learned from, for the card.
        log: rows of the log so far.
    """

    out: Path
    recipe: Recipe
    device: torch.device
    model: nn.Module
    averaged: AveragedModel | None
    criterion: Criterion
    optimizer: torch.optim.Optimizer
    rate: LearningRate
    epoch: int = 0
    step: int = 0
    elapsed_s: float = 0.0
    max_s: float = math.inf
    command: str = ""
    earlier: tuple[str, ...] = ()
    trained: frozenset[str] = frozenset()
    commit: str = "unknown"
    resumed_by: tuple[str, ...] = ()
    data: str = ""
    log: list[dict[str, float]] = field(default_factory=list)

    @property
    def shipped(self) -> nn.Module:
        """The network that is judged and shipped: the moving average where there is one."""
        return self.model if self.averaged is None else self.averaged.module

    @property
    def feature_layer(self) -> str:
        """Name of the module whose output is the feature vector."""
        return self.recipe.entry.feature_layer

    def progress(self, total_steps: int) -> float:
        """Return how far the schedule is, in [0, 1]: by steps or by time, whichever is more."""
        return min(1.0, max(self.step / total_steps, self.elapsed_s / self.max_s))


def start_run(
    recipe: Recipe,
    out: Path,
    device: torch.device,
    *,
    max_minutes: float | None = None,
    command: str = "",
    start_from: Path | None = None,
) -> Run:
    """Return a fresh run of `recipe` in the folder `out`.

    Args:
        recipe: what is trained.
        out: folder of the run.
        device: where.
        max_minutes: minutes after which the schedule has to have ended; None for no limit.
        command: the command line that starts this run anew.
        start_from: folder of weights whose tensors it begins with where they fit; None for none.

    Raises:
        WeightsError: if the weights that it starts from can't be read.
        UsageError: if it learns two label sets and its network can't be cut into one for each, or
            if nothing of those weights fits.
    """
    if len(recipe.label_sets) > 1:
        check_separable(recipe.entry)
    torch.manual_seed(recipe.seed)
    classes = sum(recipe.label_counts)
    model = recipe.entry.build(num_classes=classes)
    earlier: tuple[str, ...] = ()
    trained = frozenset[str]()
    if start_from is not None:
        head = Head(recipe.entry.head.classifier, label_columns(recipe))
        trained = begin_with(model, start_from, head)
        earlier = commands_of(read_card(start_from))
        recipe = recipe.changed(start_from=start_from.name)
    model = model.to(device).to(memory_format=torch.channels_last)
    averaged = None
    if recipe.ema_decay is not None:
        averaged = moving_average(model, recipe.ema_decay**recipe.averaged_every)
    layer = recipe.entry.feature_layer
    criterion = build_criterion(
        recipe.loss, model, layer, classes, label_counts=recipe.label_counts
    ).to(device)
    optimizer = build_optimizer(model, recipe.optimizer)
    if is_main_process():
        out.mkdir(parents=True, exist_ok=True)
        text = json.dumps(recipe.to_json(), indent=1) + "\n"
        write_whole(out / RECIPE_FILE, text.encode())
    return Run(
        out=out,
        recipe=recipe,
        device=device,
        model=model,
        averaged=averaged,
        criterion=criterion,
        optimizer=optimizer,
        rate=LearningRate(optimizer, recipe.optimizer.lr, recipe.schedule),
        max_s=math.inf if max_minutes is None else max_minutes * 60,
        command=command,
        earlier=earlier,
        trained=trained,
        commit=code_revision(),
    )


def resume_run(out: Path, device: torch.device, *, max_minutes: float | None = None) -> Run:
    """Return the run of folder `out` as it was after its last whole epoch.

    Its own recipe and time limit hold, unless `max_minutes` sets another limit.

    Raises:
        DataError: if the folder holds no checkpoint, or one of an earlier version.
    """
    saved = read_checkpoint(out)
    if "criterion" not in saved:
        raise DataError(f"{out} was begun with an earlier version; start anew.")
    run = start_run(Recipe.from_json(saved["recipe"]), out, device)
    run.model.load_state_dict(saved["model"])
    if run.averaged is not None:
        run.averaged.load_state_dict(saved["averaged"])
    run.criterion.load_state_dict(saved["criterion"])
    run.optimizer.load_state_dict(saved["optimizer"])
    run.rate.load_state_dict(saved["rate"])
    run.epoch, run.step = saved["epoch"], saved["step"]
    run.elapsed_s = saved["elapsed_s"]
    run.max_s = saved["max_s"] if max_minutes is None else max_minutes * 60
    run.log = saved["log"]
    run.command = saved["command"]
    revisions = dict.fromkeys([saved["commit"], *saved.get("resumed_by", ()), run.commit])
    run.commit, *resumed_by = revisions
    run.resumed_by = tuple(resumed_by)
    run.earlier = earlier_commands(saved)
    return run


def earlier_commands(facts: dict[str, Any]) -> tuple[str, ...]:
    """Return the commands before a checkpoint's or card's own; older ones name none."""
    return tuple(facts.get("earlier", ()))


def commands_of(card: WeightsCard) -> tuple[str, ...]:
    """Return the commands that train the weights of `card`, in order; none where it names none."""
    command = card.recipe.get("command")
    return earlier_commands(card.recipe) + ((command,) if command else ())


def code_revision() -> str:
    """Return the commit of the checked-out code, "unknown" where git can't tell."""
    git = ["git", "-C", str(Path(__file__).parent), "rev-parse", "HEAD"]
    try:
        return subprocess.run(git, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def save_run(run: Run) -> None:
    """Write the run's checkpoint and log; each file appears whole or not at all."""
    state = {
        "recipe": run.recipe.to_json(),
        "model": run.model.state_dict(),
        "averaged": None if run.averaged is None else run.averaged.state_dict(),
        "criterion": run.criterion.state_dict(),
        "optimizer": run.optimizer.state_dict(),
        "rate": run.rate.state_dict(),
        "epoch": run.epoch,
        "step": run.step,
        "elapsed_s": run.elapsed_s,
        "max_s": run.max_s,
        "command": run.command,
        "earlier": list(run.earlier),
        "commit": run.commit,
        "resumed_by": list(run.resumed_by),
        "data": run.data,
        "device": run.device.type,
        "log": run.log,
    }
    content = io.BytesIO()
    torch.save(state, content)
    write_whole(run.out / CHECKPOINT, content.getbuffer())
    log = io.StringIO()
    writer = csv.DictWriter(log, LOG_COLUMNS, restval=math.nan)
    writer.writeheader()
    writer.writerows(run.log)
    write_whole(run.out / LOG_FILE, log.getvalue().encode())
