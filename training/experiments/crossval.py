"""K-fold cross-validation on the training split.

Paper 4, section 2.6: the faces are parted into five segments; each is judged by a network that
learned from the other four, and what counts is the mean accuracy over the segments. A network
whose training and validation accuracy differ by less than 5 points isn't over-fit.

Our reading: faces are dealt one by one, as the paper deals frames, so pictures of one person may
lie in two folds; copies of a picture lie in one. Training accuracy is that of the shipped weights
on the training faces as they are, without augmentation, judged as the validation faces are.
"""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferstudio.intervals import interval_text
from training.data.protocols import evaluation_labels, protocol_of
from training.data.table import FaceTable, picture_keys
from training.evaluation.scores import Evaluation
from training.experiments.experiment import Experiment, Trial
from training.recipes import Recipe

RESULT = "crossval.json"

GAP_LIMIT = 0.05
"""Paper 4, section 2.6: from this difference of training and validation accuracy on, over-fit."""


def assign_folds(
    labels: NDArray[np.int64], folds: int, seed: int, *, pictures: Sequence[bytes] | None = None
) -> NDArray[np.int64]:
    """Return (N,) int64, the fold of each face in [0, folds).

    Folds differ by at most one in size and in how often each label occurs; more where copies of a
    picture, which stay together, have to follow the first of them.

    Args:
        labels: (N,) labels; faces that aren't judged, with -1, are spread evenly, too.
        folds: number of folds.
        seed: of the shuffling.
        pictures: (N,) keys, the same for copies of one picture (`picture_keys`); None for none.
    """
    shuffled = np.random.default_rng(seed).permutation(len(labels))
    by_label = shuffled[np.argsort(labels[shuffled], kind="stable")]
    fold = np.empty(len(labels), np.int64)
    fold[by_label] = np.arange(len(labels)) % folds
    if pictures is not None:
        first = dict(zip(reversed(pictures), reversed(fold.tolist()), strict=True))
        fold = np.array([first[key] for key in pictures], np.int64)
    return fold


def cross_validate(
    experiment: Experiment, recipe: Recipe, table: FaceTable, folds: int
) -> dict[str, Any]:
    """Return what `recipe` scores in `folds`-fold cross-validation, as JSON values.

    Accuracies, gaps and the standard deviation over folds (with N in the denominator, as the
    stability of `training.stability`) are shares in [0, 1]; a gap is training minus validation
    accuracy. Confusion rows are true labels, columns answers.

    Args:
        experiment: where it is done; `begin` has been called.
        recipe: what is trained on each of the folds' complements.
        table: faces that are dealt into folds, by the recipe's seed.
        folds: number of folds.
    """
    labels = recipe.label_sets[0]
    truth, pictures = evaluation_labels(table, labels), picture_keys(table)
    fold_of = assign_folds(truth, folds, recipe.seed, pictures=pictures)
    rows = []
    for number in range(folds):
        held_out, rest = table.select(fold_of == number), table.select(fold_of != number)
        name = f"fold-{number + 1}"
        judged = {name: held_out, f"all but {name}": rest}
        found = _fold(name, *experiment.complete(Trial(name, recipe, rest, judged)))
        rows.append({**found, "epochs_trained": experiment.epochs_trained(name)})
    accuracies = [row["accuracy"] for row in rows]
    return {
        "recipe": recipe.name,
        "labels": labels,
        "protocol": protocol_of(labels),
        "seed": recipe.seed,
        "epochs": recipe.epochs,
        "max_minutes": experiment.max_minutes,
        "folds": rows,
        "n": sum(row["n"] for row in rows),
        "correct": sum(row["correct"] for row in rows),
        "mean_accuracy": statistics.fmean(accuracies),
        "sd": statistics.pstdev(accuracies),
        "gap_limit": GAP_LIMIT,
        "within_limit": all(row["within_limit"] for row in rows),
        "confusion": np.sum([row["confusion"] for row in rows], axis=0).tolist(),
    }


def _fold(name: str, valid: Evaluation, learned: Evaluation) -> dict[str, Any]:
    gap = learned.accuracy - valid.accuracy
    return {
        "fold": name,
        "n": valid.n,
        "correct": valid.correct,
        "accuracy": valid.accuracy,
        "ci95": valid.ci95,
        "macro_recall": valid.macro_recall,
        "macro_f1": valid.macro_f1,
        "train_n": learned.n,
        "train_accuracy": learned.accuracy,
        "gap": gap,
        "within_limit": abs(gap) < GAP_LIMIT,
        "confusion": valid.confusion,
    }


def result_text(result: Mapping[str, Any]) -> str:
    """Return the result of `cross_validate` as a table people can read."""
    shape = "{:10} {:>6} {:>10} {:>18} {:>10} {:>8}  {}"
    lines = [shape.format("fold", "n", "accuracy", "95 % interval", "training", "gap", "")]
    for row in result["folds"]:
        cells = (
            f"{100 * row['accuracy']:.2f} %",
            interval_text(row["ci95"], digits=2),
            f"{100 * row['train_accuracy']:.2f} %",
            f"{100 * row['gap']:+.2f}",
            "" if row["within_limit"] else "5 points apart or more",
        )
        lines.append(shape.format(row["fold"], row["n"], *cells).rstrip())
    mean, sd = f"{100 * result['mean_accuracy']:.2f} %", f"± {100 * result['sd']:.2f} over folds"
    lines.append(shape.format("mean", result["n"], mean, sd, "", "", "").rstrip())
    return "\n".join([*lines, f"label: {result['protocol']}"])
