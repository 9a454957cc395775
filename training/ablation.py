"""`python -m training.ablation FAMILY|RECIPE,RECIPE..`: an ablation table by one command."""

import argparse
import sys
from functools import partial

import torch

from training.command_line import command_parser
from training.data.cache import load_split
from training.experiments.ablation import (
    ablation_result,
    all_families,
    choose_ablation,
    compare,
    write_result,
)
from training.experiments.families import FAMILIES
from training.experiments.options import experiment_from, run_experiment
from training.experiments.published import publish
from training.recipes.options import with_training_options

ALL = "all"
"""Stands for every family: what two of them share is trained once."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = command_parser("ablation", __doc__)
    parser.add_argument(
        "members",
        help=f"{', '.join(FAMILIES)}, all of these, or names of recipes, comma-separated",
    )
    parser.add_argument(
        "--tag", help="settings of a family: FAMILY.TAG is a recipe; ferplus unless given"
    )
    parser.add_argument(
        "--seeds", type=int, default=1, help="trainings of each member; may be raised with --resume"
    )
    return run_experiment(parser, arguments, _run)


def _run(options: argparse.Namespace, device: torch.device) -> str:
    changed, everything = partial(with_training_options, options=options), options.members == ALL
    if everything:
        ablations = all_families(options.tag, changed, seeds=options.seeds)
    else:
        ablations = [choose_ablation(options.members, options.tag, changed, seeds=options.seeds)]
    own = [options.members, *[f"--tag {options.tag}"] * bool(options.tag)]
    own += [f"--seeds {options.seeds}"] * (options.seeds > 1)
    experiment = experiment_from(options, device, f"ablation {' '.join(own)}")
    tables = load_split(options.data, "train"), load_split(options.data, "valid")
    plans = {each.members: each.plan(tables[0]) for each in ablations}
    experiment.begin(plans if everything else plans[options.members], resume=options.resume)
    texts = []
    for ablation in ablations:
        rows = compare(experiment, ablation, *tables)
        found = ablation_result(experiment, ablation, rows, tables[0])
        publish([found], options.results)
        folder = experiment.out / ablation.members if everything else None
        texts.append(write_result(experiment, ablation, rows, folder=folder))
    return "\n\n".join(texts)


if __name__ == "__main__":
    sys.exit(main())
