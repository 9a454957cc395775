"""What cards say their networks score, as numbers that can be put side by side."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferstudio.intervals import wilson_interval
from ferstudio.occlusion.bars import mean_over_masks
from ferstudio.studio.results import ModelSummary


@dataclass(frozen=True, slots=True)
class EmotionScore:
    """How many faces of one emotion a network recognises.

    Attributes:
        emotion: its name.
        n: faces of it.
        recall: share that is recognised, in [0, 1].
        ci95: 95 % Wilson interval of the share.
    """

    emotion: str
    n: int
    recall: float
    ci95: tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Score:
    """One measurement on a card, by `training.evaluate` from the very weights.

    Attributes:
        labels: emotion names; what `confusion` counts.
        protocol: which faces count, and by which label.
        split: split of the data.
        occlude: occluder on every face at full size, or "none".
        n: faces.
        accuracy: in [0, 1].
        ci95: its 95 % Wilson interval.
        macro_recall: mean recall over emotions, in [0, 1].
        confusion: (K, K) int64, rows are labels, columns answers.
    """

    labels: tuple[str, ...]
    protocol: str
    split: str
    occlude: str
    n: int
    accuracy: float
    ci95: tuple[float, float]
    macro_recall: float
    confusion: NDArray[np.int64]

    def emotions(self) -> tuple[EmotionScore, ...]:
        """Return the recall of each emotion that has faces."""
        rows = zip(self.labels, self.confusion, strict=True)
        return tuple(
            EmotionScore(
                emotion,
                int(counts.sum()),
                float(counts[index] / counts.sum()),
                wilson_interval(int(counts[index]), int(counts.sum())),
            )
            for index, (emotion, counts) in enumerate(rows)
            if counts.sum()
        )


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """All that one card says.

    Attributes:
        model: the network's summary.
        clean: on uncovered faces; None where that wasn't measured.
        covered: by occluder, at full size.
    """

    model: ModelSummary
    clean: Score | None
    covered: Mapping[str, Score]

    @property
    def mean_drop(self) -> float | None:
        """Accuracy lost under `MASKS`, on average; None where one of them wasn't measured."""
        covered = mean_over_masks({name: score.accuracy for name, score in self.covered.items()})
        return None if self.clean is None or covered is None else self.clean.accuracy - covered


def scores(model: ModelSummary) -> Scores:
    """Return what a network's card says of all faces of a split, without flip averaging."""
    found: dict[str, Score] = {}
    for row in model.metrics:
        whole = not row.get("subset") and not row.get("tta") and not row.get("mapped")
        full = row["occlude"] == "none" or row["amount"] == 1
        if whole and full and "confusion" in row:
            found.setdefault(row["occlude"], _score(model, row))
    clean = found.pop("none", None)
    return Scores(model, clean, found)


def _score(model: ModelSummary, row: Mapping[str, Any]) -> Score:
    low, high = row["ci95"]
    return Score(
        labels=model.labels,
        protocol=row["protocol"],
        split=row["split"],
        occlude=row["occlude"],
        n=row["n"],
        accuracy=row["accuracy"],
        ci95=(low, high),
        macro_recall=row["macro_recall"],
        confusion=np.array(row["confusion"], np.int64),
    )
