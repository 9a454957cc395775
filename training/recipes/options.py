"""Recipes with the settings of a command line."""

import argparse
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

from ferstudio.errors import UsageError
from training.recipes.recipe import Recipe


def add_recipe_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that change a recipe, which `with_training_options` reads."""
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


def with_training_options(recipe: Recipe, options: argparse.Namespace) -> Recipe:
    """Return the recipe with the settings of a command line (`add_recipe_options`).

    Raises:
        UsageError: if one can't be read or contradicts the recipe.
        UnknownNameError: if there is no such setting.
    """
    teacher = None if options.teacher is None else str(options.teacher.resolve())
    start = None if options.start_from is None else options.start_from.name
    settings = {
        "epochs": options.epochs,
        "seed": options.seed,
        "teacher": teacher,
        "start_from": start,
    }
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
    return recipe


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
