"""`python -m training.crossval RECIPE`: k-fold cross-validation on the training split."""

import argparse
import sys

import torch

from ferstudio.errors import UsageError
from training.command_line import command_parser
from training.data.cache import load_split
from training.data.protocols import evaluation_labels
from training.evaluation.scores import write_json
from training.experiments.crossval import RESULT, cross_validate, result_text
from training.experiments.experiment import plan_of
from training.experiments.options import experiment_from, run_experiment
from training.experiments.published import crossval_result, publish
from training.recipes import get_recipe, list_recipes
from training.recipes.options import with_training_options


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = command_parser("crossval", __doc__)
    parser.add_argument("recipe", help="one of: " + ", ".join(list_recipes()))
    parser.add_argument("--folds", type=int, default=5, help="number of folds")
    return run_experiment(parser, arguments, _run)


def _run(options: argparse.Namespace, device: torch.device) -> str:
    recipe = with_training_options(get_recipe(options.recipe), options)
    if recipe.teacher:
        raise UsageError(f"{recipe.name} has a teacher, which has seen the faces held out here.")
    if recipe.start_from:
        raise UsageError(f"{recipe.start_from} has seen the faces held out here; begin with none.")
    experiment = experiment_from(options, device, f"crossval {recipe.name} --folds {options.folds}")
    table = load_split(options.data, "train")
    judged = int((evaluation_labels(table, recipe.label_sets[0]) >= 0).sum())
    if not 2 <= options.folds <= judged:
        raise UsageError(f"--folds must lie between 2 and {judged}, not {options.folds}.")
    experiment.begin(plan_of(recipe, table, folds=options.folds), resume=options.resume)
    result = cross_validate(experiment, recipe, table, options.folds)
    write_json(experiment.out / RESULT, result)
    publish([crossval_result(result, recipe, table, experiment.command)], options.results)
    return result_text(result)


if __name__ == "__main__":
    sys.exit(main())
