"""`python -m training.train RECIPE`: train a network from a recipe.

`torchrun --nproc-per-node N -m training.train RECIPE` does the same with N processes, each on a
GPU of its own or all on the processor; `--nnodes` and `--rdzv-endpoint` bring in more machines.
"""

import argparse
import json
import os
import re
import shlex
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch

from ferstudio.errors import FerStudioError, UsageError
from training.data.cache import load_split
from training.engine.device import tune
from training.engine.distributed import process_group, world_size
from training.engine.loop import train
from training.engine.run import CHECKPOINT, resume_run, start_run
from training.recipes import get_recipe, list_recipes


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m training.train", description=__doc__.splitlines()[0]
    )
    parser.add_argument("recipe", help="one of: " + ", ".join(list_recipes()))
    parser.add_argument("--data", type=Path, required=True, help="folder from training.prepare")
    parser.add_argument("--out", type=Path, required=True, help="folder of the run")
    parser.add_argument("--epochs", type=int, help="instead of the recipe's")
    parser.add_argument("--seed", type=int, help="instead of the recipe's")
    parser.add_argument(
        "--batch-size", type=int, help="instead of the recipe's; SGD's learning rate follows it"
    )
    parser.add_argument(
        "--sizes", help="instead of the recipe's, as 64,80@0.4: 64 px, then 80 px from 40 %% on"
    )
    parser.add_argument(
        "--teacher", type=Path, metavar="FILE", help="of training.teachers, to learn from as well"
    )
    parser.add_argument(
        "--start-from",
        type=Path,
        metavar="FOLDER",
        help="weights, as weights/vgg16.ferplus, whose tensors it begins with where they fit",
    )
    parser.add_argument(
        "--learning-rate", type=float, help="the highest, instead of the recipe's at its batch size"
    )
    parser.add_argument(
        "--ema-decay",
        type=float,
        help="of the averaged weights per step, instead of the recipe's at its batch size",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="any setting of the recipe by its path, its value in JSON, as "
        "augmentation.occlusion.share=0.5; may be repeated",
    )
    parser.add_argument("--max-minutes", type=float, help="fit the schedule into this time")
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    parser.add_argument("--resume", action="store_true", help="go on from the last whole epoch")
    parser.add_argument(
        "--compile", action="store_true", help="compile the network: for long runs on a GPU"
    )
    options = parser.parse_args(arguments)
    try:
        with process_group(options.device) as device:
            _run(options, device)
    except FerStudioError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def parse_sizes(text: str) -> tuple[tuple[float, int], ...]:
    """Return the (share of training, side in pixels) that a text such as 64,80@0.4 means.

    Raises:
        UsageError: if it isn't of that form, or its shares don't rise from 0.
    """
    try:
        pairs = [
            (part.partition("@")[2] or "0", part.partition("@")[0]) for part in text.split(",")
        ]
        sizes = tuple((float(share), int(side)) for share, side in pairs)
    except ValueError:
        sizes = ()
    shares = [share for share, _ in sizes]
    rising = all(before < after for before, after in pairwise([-1.0, *shares, 1.0]))
    if not sizes or not rising or shares[0] != 0 or min(side for _, side in sizes) < 1:
        raise UsageError(f"--sizes are sides with rising shares, as 64,80@0.4; not {text!r}.")
    return sizes


def parse_setting(text: str) -> tuple[str, Any]:
    """Return the path and the value that a text such as votes_power=1.5 means.

    Raises:
        UsageError: if it has no "=", or its value isn't JSON.
    """
    path, _, value = text.partition("=")
    try:
        return path, json.loads(value)
    except json.JSONDecodeError:
        raise UsageError(
            f"--set takes NAME=VALUE with a value in JSON, as votes_power=1.5; not {text!r}."
        ) from None


def _run(options: argparse.Namespace, device: torch.device) -> None:
    recipe = get_recipe(options.recipe)
    tune(device)
    tables = load_split(options.data, "train"), load_split(options.data, "valid")
    if options.max_minutes is not None and options.max_minutes <= 0:
        raise UsageError(f"--max-minutes must be positive, not {options.max_minutes}.")
    if options.resume:
        run = resume_run(options.out, device, max_minutes=options.max_minutes)
        if options.max_minutes is not None:
            run.command = with_minutes(run.command, options.max_minutes)
        if run.recipe.name != recipe.name:
            raise UsageError(
                f"{options.out} is a run of {run.recipe.name}, not of {recipe.name}; give its own "
                "recipe, or another --out."
            )
    else:
        if (options.out / CHECKPOINT).exists():
            raise UsageError(
                f"{options.out} holds a run already; add --resume to go on with it, or choose "
                "another --out."
            )
        teacher = None if options.teacher is None else str(options.teacher.resolve())
        settings = {"epochs": options.epochs, "seed": options.seed, "teacher": teacher}
        recipe = recipe.changed(**{k: v for k, v in settings.items() if v is not None})
        recipe = recipe.with_settings(dict(map(parse_setting, options.set)))
        if options.batch_size is not None:
            recipe = recipe.with_batch_size(options.batch_size)
        if options.learning_rate is not None:
            recipe = recipe.with_learning_rate(options.learning_rate)
        if options.ema_decay is not None:
            recipe = recipe.changed(ema_decay=options.ema_decay)
        if options.sizes is not None:
            recipe = recipe.with_sizes(parse_sizes(options.sizes))
        run = start_run(
            recipe,
            options.out,
            device,
            max_minutes=options.max_minutes,
            command=_command(options),
            start_from=options.start_from,
        )
    train(run, *tables, compiled=options.compile)


def _command(options: argparse.Namespace) -> str:
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
    settings += ["--compile"] * options.compile
    start = f"{_launcher()} -m training.train {options.recipe} --data DIR --out RUN"
    return " ".join([start, *settings])


def with_minutes(command: str, minutes: float) -> str:
    """Return the command that started a run, with another time limit and all its other settings."""
    return f"{re.sub(r' --max-minutes [^ ]+', '', command)} --max-minutes {minutes:g}"


def _launcher() -> str:
    if world_size() == 1:
        return "python"
    local = int(os.environ["LOCAL_WORLD_SIZE"])
    nodes = f" --nnodes {world_size() // local}" if world_size() > local else ""
    return f"torchrun{nodes} --nproc-per-node {local}"


if __name__ == "__main__":
    sys.exit(main())
