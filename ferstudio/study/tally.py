"""Answers counted, part by part: nothing of a single face is kept, so memory stays flat."""

from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from ferstudio.labels import DISPLAY_ORDER
from ferstudio.study.answers import NO_FACE, UNREAD, Part

Counts = NDArray[np.int64]

UNLABELLED = -1


def emotions_of(label_names: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    """Return the emotions that any of the models knows, in the order of display."""
    known = dict.fromkeys(name for names in label_names for name in names)
    first = [name for name in DISPLAY_ORDER if name in known]
    return tuple(dict.fromkeys([*first, *known]))


@dataclass(slots=True)
class Tally:
    """How often what was answered, of M models under C conditions; E emotions, P pairs of models.

    A face counts as right or wrong for a model that knows its label.

    Attributes:
        labels: emotions per model, in logit order.
        emotions: all E of them.
        by_label: whether `group` and `flips` go by the label of a face rather than by the model's
            clean answer.
        conditions: C.
        faces: pictures that were read.
        unread: pictures that weren't.
        without_face: pictures without a face, whose middle was taken.
        labelled: (E,) faces by label.
        known: (M, E) faces by label that count for accuracy.
        right: (M, C, E) of those how many were answered rightly.
        group: (M, E) faces by emotion.
        flips: (M, C, E) of those how many got another answer than the clean face.
        all_flips: (M, C) the same of all faces.
        shares: (C,) sum of the covered shares.
        pairs: (P,) faces on which both of two models count for accuracy.
        right_only: (P, C, 2) of those how many only the first, or only the second, got right.
        held_only: (P, C, 2) of all faces on how many only one of them held to its clean answer.
        gains: per model what was found of heatmaps, face by face in order.
    """

    labels: tuple[tuple[str, ...], ...]
    emotions: tuple[str, ...]
    by_label: bool
    conditions: int
    faces: int = 0
    unread: int = 0
    without_face: int = 0
    labelled: Counts = field(init=False)
    known: Counts = field(init=False)
    right: Counts = field(init=False)
    group: Counts = field(init=False)
    flips: Counts = field(init=False)
    all_flips: Counts = field(init=False)
    shares: NDArray[np.float64] = field(init=False)
    pairs: Counts = field(init=False)
    right_only: Counts = field(init=False)
    held_only: Counts = field(init=False)
    gains: list[list[float]] = field(init=False)

    def __post_init__(self) -> None:
        """Begin with zeros."""
        models, emotions, conditions = len(self.labels), len(self.emotions), self.conditions
        pairs = models * (models - 1) // 2
        self.labelled = np.zeros(emotions, np.int64)
        self.known = np.zeros((models, emotions), np.int64)
        self.right = np.zeros((models, conditions, emotions), np.int64)
        self.group = np.zeros((models, emotions), np.int64)
        self.flips = np.zeros((models, conditions, emotions), np.int64)
        self.all_flips = np.zeros((models, conditions), np.int64)
        self.shares = np.zeros(conditions)
        self.pairs = np.zeros(pairs, np.int64)
        self.right_only = np.zeros((pairs, conditions, 2), np.int64)
        self.held_only = np.zeros((pairs, conditions, 2), np.int64)
        self.gains = [[] for _ in range(models)]

    def add(self, part: Part, labels: tuple[str, ...]) -> None:
        """Count the answers to some faces.

        Args:
            part: the answers.
            labels: of the same faces; "" for none.
        """
        read = part.state != UNREAD
        truth = np.array([self._number(label) for label in labels], np.int64)[read]
        answers = part.answers[read]  # (n, M, C)
        self.faces += int(read.sum())
        self.unread += int((~read).sum())
        self.without_face += int((part.state == NO_FACE).sum())
        self.shares += part.shares[read].astype(np.float64).sum(axis=0)
        np.add.at(self.labelled, truth[truth != UNLABELLED], 1)
        knows, right, held = self._outcomes(answers, truth)
        for model, names in enumerate(self.labels):
            self._add_model(model, truth, answers[:, model, 0], names, knows, right, held)
            gains = part.gains[read, model]
            self.gains[model] += gains[~np.isnan(gains)].tolist()
        self._add_pairs(knows, right, held)

    def _outcomes(
        self, answers: NDArray[np.uint8], truth: Counts
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
        """Return who knows the label (n, M), who is right and who holds on (n, M, C) each."""
        knows = np.zeros(answers.shape[:2], np.bool_)
        right = np.zeros(answers.shape, np.bool_)
        for model, names in enumerate(self.labels):
            meaning = np.array([self.emotions.index(name) for name in names], np.int64)
            knows[:, model] = np.isin(truth, meaning)
            right[:, model] = meaning[answers[:, model]] == truth[:, None]
        return knows, right, answers == answers[:, :, :1]

    def _add_model(
        self,
        model: int,
        truth: Counts,
        clean: NDArray[np.uint8],
        names: tuple[str, ...],
        *outcomes: NDArray[np.bool_],
    ) -> None:
        knows, right, held = (each[:, model] for each in outcomes)
        meaning = np.array([self.emotions.index(name) for name in names], np.int64)
        groups = truth if self.by_label else meaning[clean]
        for emotion in range(len(self.emotions)):
            judged = knows & (truth == emotion)
            self.known[model, emotion] += judged.sum()
            self.right[model, :, emotion] += right[judged].sum(axis=0)
            own = groups == emotion
            self.group[model, emotion] += own.sum()
            self.flips[model, :, emotion] += (~held[own]).sum(axis=0)
        self.all_flips[model] += (~held).sum(axis=0)

    def _add_pairs(
        self,
        knows: NDArray[np.bool_],
        right: NDArray[np.bool_],
        held: NDArray[np.bool_],
    ) -> None:
        for number, (first, second) in enumerate(combinations(range(len(self.labels)), 2)):
            both = knows[:, first] & knows[:, second]
            self.pairs[number] += both.sum()
            self.right_only[number] += _only(right[both, first], right[both, second])
            self.held_only[number] += _only(held[:, first], held[:, second])

    def _number(self, label: str) -> int:
        return self.emotions.index(label) if label in self.emotions else UNLABELLED


def _only(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> Counts:
    """Return (C, 2): in how many rows only the first, and only the second, holds."""
    return np.stack([(first & ~second).sum(axis=0), (second & ~first).sum(axis=0)], axis=1)
