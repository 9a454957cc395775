"""The command line that all experiments share."""

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

import torch

from ferstudio.distributed import is_main_process, process_group
from ferstudio.errors import UsageError
from training.command_line import add_data_option, add_device_option, run_command
from training.engine.command_text import settings_text
from training.engine.device import tune
from training.experiments.experiment import Experiment
from training.experiments.published import add_results_option
from training.recipes.options import add_recipe_options


def run_experiment(
    parser: argparse.ArgumentParser,
    arguments: list[str] | None,
    work: Callable[[argparse.Namespace, torch.device], str],
) -> int:
    """Return the exit status of an experiment's command.

    Args:
        parser: knows the command's own arguments; those that all share are added.
        arguments: the command line, None for the process's own.
        work: does the experiment and returns what the main process prints.
    """

    def together(options: argparse.Namespace) -> Iterator[str]:
        with process_group(options.device) as device:
            text = work(options, device)
            if is_main_process():
                yield text

    add_training_options(parser)
    return run_command(parser, arguments, together)


def add_training_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that all experiments share."""
    add_data_option(parser)
    parser.add_argument("--out", type=Path, required=True, help="folder of the experiment")
    add_recipe_options(parser)
    parser.add_argument("--max-minutes", type=float, help="time limit of each training")
    add_device_option(parser)
    parser.add_argument("--resume", action="store_true", help="go on after a stop")
    parser.add_argument(
        "--compile", action="store_true", help="let torch compile the networks: pays on a GPU"
    )
    add_results_option(parser)


def experiment_from(options: argparse.Namespace, device: torch.device, command: str) -> Experiment:
    """Return the experiment that the shared options describe.

    Args:
        options: what `add_training_options` parsed.
        device: where to train and judge.
        command: the module and its own arguments, for the record.
    """
    tune(device)
    if options.max_minutes is not None and options.max_minutes <= 0:
        raise UsageError(f"--max-minutes must be positive, not {options.max_minutes}.")
    line = " ".join([f"python -m training.{command} --data DIR --out DIR", *settings_text(options)])
    return Experiment(
        options.out, device, options.max_minutes, line, options.compile, options.start_from
    )
