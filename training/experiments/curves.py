"""A run's log as a result: accuracy on training and validation faces by epoch (paper 3, Fig. 9)."""

import csv
import math
from pathlib import Path

from ferstudio.errors import DataError
from ferstudio.intervals import wilson_interval
from ferstudio.results import Result, Row
from training.data.protocols import evaluation_labels
from training.data.table import FaceTable
from training.engine.run import LOG_FILE, RECIPE_FILE
from training.evaluation.scores import read_json
from training.experiments.published import recipe_text, study_result
from training.recipes import Recipe

LOGGED = {
    "epoch": "epoch",
    "loss": "loss",
    "valid_loss": "valid_loss",
    "valid_accuracy": "accuracy",
    "train_accuracy": "train_accuracy",
}
"""Columns of the log by what a result calls them."""


def curves_result(run: Path, train: FaceTable, valid: FaceTable) -> Result:
    """Return what a run's log says, a row per epoch; what it doesn't say is left out.

    Args:
        run: folder of the run.
        train: faces that it learned from.
        valid: its validation faces.

    Raises:
        DataError: if the folder holds no log with an epoch in it.
    """
    recipe = Recipe.from_json(read_json(run / RECIPE_FILE))
    labels = recipe.label_sets[0]
    judged = int((evaluation_labels(valid, labels) >= 0).sum())
    logged = _read_log(run / LOG_FILE)
    made_from = recipe_text(recipe, epochs=len(logged))
    rows = []
    for values in logged:
        accuracy = values.get("accuracy")
        ci95 = None if accuracy is None else wilson_interval(round(accuracy * judged), judged)
        n = 0 if accuracy is None else judged
        rows.append(Row(f"epoch {values['epoch']:g}", n, made_from, values, ci95))
    begun = ""
    if recipe.start_from:
        first = recipe.start_from.partition(".")[0]
        own = first == recipe.model
        begun = f" It went on from {'earlier weights of its own' if own else recipe.start_from}."
    return study_result(
        "curves",
        recipe,
        rows,
        train=train,
        command=f"python -m training.curves RUN of {recipe.name}",
        note="Training accuracy is that of the faces as they were learned from, changed and "
        f"covered; validation accuracy that of the averaged weights on bare faces.{begun}",
    )


def _read_log(file: Path) -> list[dict[str, float]]:
    try:
        with file.open(newline="", encoding="utf-8") as stream:
            rows = [
                {name: float(row[column]) for column, name in LOGGED.items() if column in row}
                for row in csv.DictReader(stream)
            ]
    except (OSError, ValueError, TypeError) as error:
        raise DataError(f"{file} isn't the log of a run: {error}.") from None
    if not rows or "epoch" not in rows[0]:
        raise DataError(f"{file} has no epoch yet.")
    return [{name: value for name, value in row.items() if not math.isnan(value)} for row in rows]
