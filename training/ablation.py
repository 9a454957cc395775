"""`python -m training.ablation FAMILY|RECIPE,RECIPE..`: an ablation table by one command."""

import argparse
import sys
from functools import partial

import torch

from training.command_line import command_parser
from training.data.cache import load_split
from training.experiments.ablation import (
    ablation_result,
    choose_ablation,
    compare,
    write_result,
)
from training.experiments.families import FAMILIES
from training.experiments.options import experiment_from, run_experiment, with_options
from training.experiments.published import publish


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = command_parser("ablation", __doc__)
    parser.add_argument(
        "members", help=f"{', '.join(FAMILIES)}, or names of recipes, comma-separated"
    )
    parser.add_argument(
        "--tag", help="settings of a family: FAMILY.TAG is a recipe; ferplus unless given"
    )
    return run_experiment(parser, arguments, _run)


def _run(options: argparse.Namespace, device: torch.device) -> str:
    changed = partial(with_options, options=options)
    ablation = choose_ablation(options.members, options.tag, changed)
    experiment = experiment_from(options, device, f"ablation {options.members}")
    tables = load_split(options.data, "train"), load_split(options.data, "valid")
    experiment.begin(ablation.plan(tables[0]), resume=options.resume)
    rows = compare(experiment, ablation, *tables)
    publish([ablation_result(experiment, ablation, rows)], options.results)
    return write_result(experiment, ablation, rows)


if __name__ == "__main__":
    sys.exit(main())
