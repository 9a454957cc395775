"""`python -m training.train RECIPE`: train a network from a recipe.

`torchrun --nproc-per-node N -m training.train RECIPE` does the same with N processes, each on a
GPU of its own or all on the processor; `--nnodes` and `--rdzv-endpoint` bring in more machines.
"""

import argparse
import sys
from pathlib import Path

import torch

from ferstudio.distributed import process_group
from ferstudio.errors import UsageError
from training.command_line import add_data_option, add_device_option, command_parser, run_command
from training.data.cache import load_split
from training.engine.checkpoint import CHECKPOINT
from training.engine.command_text import command_text, with_minutes
from training.engine.device import tune
from training.engine.loop import train
from training.engine.run import resume_run, start_run
from training.recipes import get_recipe, list_recipes
from training.recipes.options import add_recipe_options, with_training_options


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = command_parser("train", __doc__)
    parser.add_argument("recipe", help="one of: " + ", ".join(list_recipes()))
    add_data_option(parser)
    parser.add_argument("--out", type=Path, required=True, help="folder of the run")
    add_recipe_options(parser)
    parser.add_argument("--max-minutes", type=float, help="fit the schedule into this time")
    add_device_option(parser)
    parser.add_argument("--resume", action="store_true", help="go on from the last whole epoch")
    parser.add_argument(
        "--compile", action="store_true", help="compile the network: for long runs on a GPU"
    )
    return run_command(parser, arguments, _together)


def _together(options: argparse.Namespace) -> list[str]:
    with process_group(options.device) as device:
        _run(options, device)
    return []


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
        recipe = with_training_options(recipe, options)
        run = start_run(
            recipe,
            options.out,
            device,
            max_minutes=options.max_minutes,
            command=command_text(options),
            start_from=options.start_from,
        )
    train(run, *tables, compiled=options.compile)


if __name__ == "__main__":
    sys.exit(main())
