"""Counts and rates."""

import numpy as np

from ferstudio.models import LoadedModel
from training.data.table import FaceTable
from training.evaluation.evaluate import evaluate_split
from training.evaluation.scores import confusion_matrix
from training.evaluation.shown_faces import Protocol


def test_confusion_rows_are_truth() -> None:
    counts = confusion_matrix(np.array([0, 0, 2]), np.array([1, 0, 1]), 3)
    assert counts.tolist() == [[1, 1, 0], [0, 0, 0], [0, 1, 0]]


def test_macro_scores_leave_out_absent_labels(oracle: LoadedModel, table: FaceTable) -> None:
    few = table.select(np.flatnonzero(table.votes[:, :8].argmax(axis=1) < 2))
    result = evaluate_split(oracle, few, Protocol(), split="valid")
    assert result.macro_recall == 1
    assert result.per_class["fear"] == {"n": 0, "recall": None, "precision": None, "f1": None}
