"""The command line that starts a run anew, for checkpoints and cards."""

import argparse
import os
import re
import shlex

from ferstudio.distributed import world_size


def command_text(options: argparse.Namespace) -> str:
    """Return the command of `training.train` with all that decides its outcome, without paths."""
    start = f"{_launcher()} -m training.train {options.recipe} --data DIR --out RUN"
    return " ".join([start, *settings_text(options), *["--compile"] * options.compile])


def settings_text(options: argparse.Namespace) -> list[str]:
    """Return the settings of a training that a command line gives, without paths."""
    given = {
        "--epochs": options.epochs,
        "--seed": options.seed,
        "--batch-size": options.batch_size,
        "--learning-rate": options.learning_rate,
        "--ema-decay": options.ema_decay,
        "--max-minutes": options.max_minutes,
    }
    settings = [f"{name} {value:g}" for name, value in given.items() if value is not None]
    settings += ["--teacher FILE"] * (options.teacher is not None)
    if options.sizes is not None:
        settings.append(f"--sizes {options.sizes}")
    settings += [f"--set {shlex.quote(setting)}" for setting in options.set]
    if options.start_from is not None:
        settings.append(f"--start-from weights/{options.start_from.name}")
    return settings


def with_minutes(command: str, minutes: float) -> str:
    """Return the command that started a run, with another time limit and all its other settings."""
    return f"{re.sub(r' --max-minutes [^ ]+', '', command)} --max-minutes {minutes:g}"


def _launcher() -> str:
    if world_size() == 1:
        return "python"
    local = int(os.environ["LOCAL_WORLD_SIZE"])
    nodes = f" --nnodes {world_size() // local}" if world_size() > local else ""
    return f"torchrun{nodes} --nproc-per-node {local}"
