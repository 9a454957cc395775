"""`python -m training.lambda_search RECIPE`: the weights of the joint loss, as paper 5 searches."""

import argparse
import sys

import torch

from ferstudio.errors import UsageError
from training.command_line import command_parser
from training.data.cache import load_split
from training.experiments.experiment import plan_of
from training.experiments.lambda_search import ISLAND_WEIGHTS, SEPARATIONS, Grid, search_lambda
from training.experiments.options import experiment_from, run_experiment
from training.experiments.published import publish
from training.recipes import get_recipe, list_recipes
from training.recipes.options import with_training_options


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = command_parser("lambda_search", __doc__)
    parser.add_argument("recipe", help="one with the joint loss of: " + ", ".join(list_recipes()))
    for name, values in (("separations", SEPARATIONS), ("island-weights", ISLAND_WEIGHTS)):
        usual = ",".join(f"{value:g}" for value in values)
        parser.add_argument(f"--{name}", default=usual, help=f"comma-separated ({usual})")
    return run_experiment(parser, arguments, _run)


def _run(options: argparse.Namespace, device: torch.device) -> str:
    recipe = with_training_options(get_recipe(options.recipe), options)
    if recipe.loss.kind != "joint":
        raise UsageError(f"{recipe.name} hasn't got the joint loss whose weights are searched.")
    grid = Grid(_numbers(options.separations), _numbers(options.island_weights))
    experiment = experiment_from(options, device, f"lambda_search {recipe.name}")
    train, valid = load_split(options.data, "train"), load_split(options.data, "valid")
    plan = plan_of(recipe, train, grid=[list(grid.separations), list(grid.island_weights)])
    experiment.begin(plan, resume=options.resume)
    result = search_lambda(experiment, recipe, train, valid, grid)
    publish([result], experiment.out)
    publish([result], options.results)
    return "\n".join(
        f"λ {row.values['island_weight']:g}, λ1 {row.values['separation']:g}: "
        f"{100 * row.values['accuracy']:.2f} % of {row.n}"
        for row in result.rows
    )


def _numbers(text: str) -> tuple[float, ...]:
    try:
        found = tuple(float(part) for part in text.split(","))
    except ValueError:
        raise UsageError(f"{text!r} is no list of numbers, such as 0.001,0.01.") from None
    if min(found) <= 0:
        raise UsageError(f"The weights of a loss are positive, not {min(found):g}.")
    return found


if __name__ == "__main__":
    sys.exit(main())
