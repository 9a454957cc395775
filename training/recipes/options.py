"""Recipes with the settings of a command line."""

import argparse
import json
from itertools import pairwise
from typing import Any

from ferstudio.errors import UsageError
from training.recipes.recipe import Recipe


def with_training_options(recipe: Recipe, options: argparse.Namespace) -> Recipe:
    """Return the recipe with the settings of `training.train`'s command line.

    Raises:
        UsageError: if one can't be read or contradicts the recipe.
        UnknownNameError: if there is no such setting.
    """
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
