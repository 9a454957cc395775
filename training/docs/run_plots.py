"""A run's learning curves and confusion matrices as PNG files, drawn by `ferstudio.plots`."""

import csv
import json
import math
import re
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

from ferstudio.errors import DataError
from ferstudio.files import write_whole
from ferstudio.labels import label_set
from ferstudio.plots.confusion import confusion_plot
from ferstudio.plots.learning_curves import LearningLog, learning_curves_plot
from training.engine.run import LOG_COLUMNS, LOG_FILE, RECIPE_FILE
from training.evaluation.scores import Evaluation

CURVES = "curves.png"


def draw_learning_curves(run: Path) -> Path:
    """Draw a run's loss, validation accuracy and learning rate by epoch; return `RUN/curves.png`.

    Raises:
        DataError: if the folder holds no log with an epoch in it.
        FerStudioError: if matplotlib isn't installed.
    """
    file = run / CURVES
    write_whole(file, learning_curves_plot(_read_log(run / LOG_FILE), _run_name(run)))
    return file


def draw_confusions(evaluations: Sequence[Evaluation], folder: Path) -> list[Path]:
    """Draw the confusion matrix of each evaluation; return the files."""
    files = []
    for row in evaluations:
        cover = f"{row.occlude} at {row.amount:g}" if row.occlude != "none" else ""
        mirrored = "mirrored too" if row.tta else ""
        facts = [fact for fact in (row.split, row.subset, cover, mirrored) if fact]
        name = "-".join(["confusion", row.weights, *facts]) if len(evaluations) > 1 else "confusion"
        title = (
            f"{row.weights}: {100 * row.accuracy:.1f} % right, {', '.join(facts)}, n = {row.n:,}"
        )
        plot = confusion_plot(row.confusion, label_set(row.labels), title=title)
        file = folder / f"{re.sub(r'[^A-Za-z0-9._-]+', '-', name)}.png"
        write_whole(file, plot)
        files.append(file)
    return files


def _read_log(file: Path) -> LearningLog:
    try:
        with file.open(newline="", encoding="utf-8") as stream:
            rows = list(csv.DictReader(stream))
        names = [field.name for field in fields(LearningLog)]
        log = LearningLog(*(tuple(_number(row, name) for row in rows) for name in names))
    except OSError as error:
        raise DataError(f"{file} can't be read: {error.strerror}; is it a run?") from None
    except (ValueError, TypeError, KeyError) as error:
        raise DataError(f"{file} isn't the log of a run of this version: {error}.") from None
    if not rows:
        raise DataError(f"{file} has no epoch yet.")
    return log


def _number(row: dict[str, str], name: str) -> float:
    later = name not in row and name == LOG_COLUMNS[-1]
    return math.nan if later else float(row[name])


def _run_name(run: Path) -> str:
    try:
        return str(json.loads((run / RECIPE_FILE).read_text("utf-8"))["name"])
    except (OSError, ValueError, KeyError, TypeError):
        return run.resolve().name
