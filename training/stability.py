"""`python -m training.stability RECIPE --runs N`: one recipe, N seeds."""

import argparse
import sys

import torch

from ferstudio.errors import UsageError
from training.command_line import command_parser
from training.data.cache import load_split
from training.evaluation.scores import write_json
from training.experiments.experiment import plan_of
from training.experiments.options import experiment_from, run_experiment
from training.experiments.published import publish, stability_result
from training.experiments.stability import RESULT, measure_stability, result_text
from training.recipes import get_recipe, list_recipes
from training.recipes.options import with_training_options


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = command_parser("stability", __doc__)
    parser.add_argument("recipe", help="one of: " + ", ".join(list_recipes()))
    parser.add_argument("--runs", type=int, default=10, help="N; may be raised with --resume")
    return run_experiment(parser, arguments, _run)


def _run(options: argparse.Namespace, device: torch.device) -> str:
    if options.runs < 2:
        raise UsageError(f"--runs must be 2 or more, not {options.runs}: one run has no spread.")
    recipe = with_training_options(get_recipe(options.recipe), options)
    experiment = experiment_from(options, device, f"stability {recipe.name} --runs {options.runs}")
    train_table, valid = load_split(options.data, "train"), load_split(options.data, "valid")
    experiment.begin(plan_of(recipe, train_table), resume=options.resume)
    result = measure_stability(experiment, recipe, train_table, valid, options.runs)
    write_json(experiment.out / RESULT, result)
    found = stability_result(result, recipe, train_table, experiment.command)
    publish([found], options.results)
    return result_text(result)


if __name__ == "__main__":
    sys.exit(main())
