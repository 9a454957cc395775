"""A search of the joint loss's weights as paper 5 makes it (section 3.3, Fig. 6).

λ is fixed at 0.01 while λ1 goes through its values; the best λ1 is kept while λ goes through its
own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ferstudio.results import Result, Row
from training.data.table import FaceTable
from training.experiments.experiment import Experiment, Trial
from training.experiments.published import recipe_text, scored_row, study_result
from training.recipes import Recipe

FIRST_ISLAND_WEIGHT = 0.01
"""λ while λ1 is searched."""

SEPARATIONS = tuple(float(value) for value in range(1, 11))
ISLAND_WEIGHTS = (0.0005, 0.001, 0.005, 0.01, 0.05)
"""The papers' values of λ1 and λ."""


@dataclass(frozen=True, slots=True)
class Grid:
    """What is searched.

    Attributes:
        separations: values of λ1.
        island_weights: values of λ.
    """

    separations: Sequence[float] = SEPARATIONS
    island_weights: Sequence[float] = ISLAND_WEIGHTS


def search_lambda(
    experiment: Experiment, recipe: Recipe, train: FaceTable, valid: FaceTable, grid: Grid
) -> Result:
    """Return what each pair of weights scores on validation faces, in the order tried.

    Args:
        experiment: where it is done; `begin` has been called.
        recipe: what is trained, with the joint loss.
        train: faces that are learned from.
        valid: faces that the pairs are judged by.
        grid: what is searched.
    """
    rows = dict[str, Row]()

    def judged(island_weight: float, separation: float) -> float:
        name = f"lambda-{island_weight:g}-{separation:g}"
        if name not in rows:
            loss = replace(recipe.loss, island_weight=island_weight, separation=separation)
            trial = Trial(name, recipe.changed(loss=loss), train, {"valid": valid})
            [scores] = experiment.complete(trial)
            rows[name] = scored_row(
                scores.to_json(),
                name=name,
                made_from=recipe_text(recipe, epochs=experiment.epochs_trained(name)),
                island_weight=island_weight,
                separation=separation,
            )
        return rows[name].values["accuracy"]

    best = max(grid.separations, key=lambda value: judged(FIRST_ISLAND_WEIGHT, value))
    for island_weight in grid.island_weights:
        judged(island_weight, best)
    return study_result(
        "lambda-search", recipe, tuple(rows.values()), train=train, command=experiment.command
    )
