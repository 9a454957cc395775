"""What a network is taught for each face, and what it is judged by."""

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from ferstudio.labels import FERPLUS, label_set
from training.data.protocols import evaluation_labels
from training.data.table import FaceTable
from training.recipes import Recipe


def training_rows(table: FaceTable, recipe: Recipe) -> NDArray[np.int64]:
    """Return the rows of the faces that `recipe` learns from: all that some label set teaches.

    Of labels all. For the majority of FER+'s votes those that evaluation judges, too; for the
    votes themselves those of which at most half are "unknown" or "NF" while an emotion has some.
    """
    taught = [_is_taught(table, recipe, labels) for labels in recipe.label_sets]
    return np.flatnonzero(np.any(taught, axis=0))


def target_distributions(table: FaceTable, recipe: Recipe) -> NDArray[np.float32]:
    """Return (N, K) float32 target distributions of the faces in a table.

    Each label set has its columns, as `label_columns` says. A face's part of them sums to 1, or is
    0 where that set doesn't teach it.
    """
    parts = []
    for labels in recipe.label_sets:
        taught = _is_taught(table, recipe, labels)[:, None]
        parts.append(np.where(taught, _distributions(table, recipe, labels), 0))
    return np.concatenate(parts, axis=1).astype(np.float32)


def label_columns(recipe: Recipe) -> dict[str, slice]:
    """Return which logits and targets belong to each label set, the one that judges first."""
    stops = np.cumsum(recipe.label_counts).tolist()
    starts = [0, *stops[:-1]]
    return {
        labels: slice(start, stop)
        for labels, start, stop in zip(recipe.label_sets, starts, stops, strict=True)
    }


def answers(values: Tensor, recipe: Recipe) -> Tensor:
    """Return (N,) the most probable class of logits or targets (N, K), in the set that judges."""
    return values[:, label_columns(recipe)[recipe.label_sets[0]]].argmax(dim=1)


def _is_taught(table: FaceTable, recipe: Recipe, labels: str) -> NDArray[np.bool_]:
    """Return (N,) bool: whether the set called `labels` has a label that is learned."""
    if labels != "ferplus":
        return evaluation_labels(table, labels) >= 0
    if recipe.targets == "majority":
        return evaluation_labels(table, labels) >= 0
    unclear = table.votes[:, len(FERPLUS) :].sum(axis=1)
    emotion = _emotion_votes(table.votes, recipe).sum(axis=1)
    return (unclear * 2 <= table.votes.sum(axis=1)) & (emotion > 0)


def _distributions(table: FaceTable, recipe: Recipe, labels: str) -> NDArray[np.float32]:
    if labels != "ferplus":
        return np.eye(len(label_set(labels)), dtype=np.float32)[table.truth]
    if recipe.targets == "majority":
        top = table.votes[:, : len(FERPLUS)].argmax(axis=1)
        return np.eye(len(FERPLUS), dtype=np.float32)[top]
    votes = _emotion_votes(table.votes, recipe).astype(np.float32) ** recipe.votes_power
    return votes / np.maximum(votes.sum(axis=1, keepdims=True), 1e-6)


def _emotion_votes(votes: NDArray[np.uint8], recipe: Recipe) -> NDArray[np.uint8]:
    emotion = votes[:, : len(FERPLUS)]
    if not recipe.drop_single_votes:
        return emotion
    return np.where(emotion == 1, 0, emotion).astype(np.uint8)
