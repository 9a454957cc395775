"""One recipe, N seeds.

Paper 5, section 3.2: initial weights and the order of the faces are random, so each method is
trained N = 10 times and judged by the mean of the accuracies (Eq. 8) and their spread (Eq. 9).
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ferstudio.intervals import interval_text
from training.data.protocols import protocol_of
from training.data.table import FaceTable
from training.experiments.experiment import Experiment, Trial
from training.recipes import Recipe

RESULT = "stability.json"


def average_accuracy(accuracies: Sequence[float]) -> float:
    """Return Acc = Σ Acc_i / N (paper 5, Eq. 8)."""
    return math.fsum(accuracies) / len(accuracies)


def accuracy_stability(accuracies: Sequence[float]) -> float:
    """Return Sta = sqrt(Σ (Acc_i - Acc)² / N), the population standard deviation (Eq. 9)."""
    mean = average_accuracy(accuracies)
    return math.sqrt(math.fsum((value - mean) ** 2 for value in accuracies) / len(accuracies))


def measure_stability(
    experiment: Experiment, recipe: Recipe, train_table: FaceTable, valid: FaceTable, runs: int
) -> dict[str, Any]:
    """Return what trainings that differ in their seed alone score, as JSON values.

    Accuracies, Acc and Sta are shares in [0, 1]; the papers print them times 100.

    Args:
        experiment: where it is done; `begin` has been called.
        recipe: what is trained; the seeds count up from its own.
        train_table: faces that are learned from.
        valid: faces that the shipped weights are judged by.
        runs: N.
    """
    rows: list[dict[str, Any]] = []
    for seed in range(recipe.seed, recipe.seed + runs):
        name = f"seed-{seed}"
        trial = Trial(name, recipe.changed(seed=seed), train_table, {"valid": valid})
        [row] = experiment.complete(trial)
        rows.append(
            {
                "seed": seed,
                "n": row.n,
                "correct": row.correct,
                "accuracy": row.accuracy,
                "ci95": row.ci95,
                "macro_recall": row.macro_recall,
                "macro_f1": row.macro_f1,
                "confusion": row.confusion,
                "epochs_trained": experiment.epochs_trained(name),
            }
        )
    accuracies, labels = [row["accuracy"] for row in rows], recipe.label_sets[0]
    return {
        "recipe": recipe.name,
        "labels": labels,
        "protocol": protocol_of(labels),
        "split": "valid",
        "epochs": recipe.epochs,
        "max_minutes": experiment.max_minutes,
        "runs": rows,
        "accuracies": accuracies,
        "acc": average_accuracy(accuracies),
        "sta": accuracy_stability(accuracies),
    }


def result_text(result: Mapping[str, Any]) -> str:
    """Return the result of `measure_stability` as a table people can read."""
    shape = "{:>6} {:>6} {:>10} {:>18}"
    lines = [shape.format("seed", "n", "accuracy", "95 % interval")]
    for row in result["runs"]:
        accuracy = f"{100 * row['accuracy']:.2f} %"
        lines.append(
            shape.format(row["seed"], row["n"], accuracy, interval_text(row["ci95"], digits=2))
        )
    lines.append(
        f"Acc {100 * result['acc']:.2f} %, Sta {100 * result['sta']:.2f} points "
        f"over {len(result['runs'])} seeds; label: {result['protocol']}"
    )
    return "\n".join(lines)
