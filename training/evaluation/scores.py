"""What a network scored: counts, rates and intervals, and the table people read."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferstudio.distributed import is_main_process
from ferstudio.errors import DataError
from ferstudio.files import write_whole, writes_to
from ferstudio.intervals import interval_text

ClassScores = dict[str, float | int | None]
"""Of one label: n, recall, precision and f1; None where undefined."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What one network scored under one protocol. Shares and accuracies are in [0, 1].

    Attributes:
        weights: name of the weights.
        labels: label set of the true labels.
        protocol: how the true labels come about.
        split: split of the cache, or "images".
        subset: the subset file's name, empty for the whole split.
        occlude: occluder, or "none"; one by heat lies where the network's own Grad-CAM says.
        amount: its severity.
        tta: whether probabilities were averaged with those of the mirrored face.
        mapped: whether the network has another label set, compared by the names both share.
        n: faces judged.
        correct: faces answered right.
        accuracy: correct / n.
        ci95: 95 % Wilson interval of the accuracy.
        macro_recall: mean recall over the labels that occur.
        macro_f1: mean F1 over the labels that occur.
        per_class: per label its n, recall, precision and f1 (None where undefined).
        confusion: rows are true labels, columns answers, in the order of `labels`.
        seed: of everything random in the occluder, in the choice of faces and in their pictures.
        elapsed_s: seconds for the whole.
        images_per_s: faces per second of network time.
        missed: photographs in which no face was found; None for a split's own pictures.
        ece: expected calibration error of the answers' probabilities, in [0, 1].
        rephotographed: what was changed on faces of a split that were photographed anew, by
            `rephotograph.CHANGES`; None where none were.
    """

    weights: str
    labels: str
    protocol: str
    split: str
    subset: str
    occlude: str
    amount: float
    tta: bool
    mapped: bool
    n: int
    correct: int
    accuracy: float
    ci95: tuple[float, float]
    macro_recall: float
    macro_f1: float
    per_class: dict[str, ClassScores]
    confusion: list[list[int]]
    seed: int
    elapsed_s: float
    images_per_s: float
    missed: int | None = None
    ece: float | None = None
    rephotographed: tuple[str, ...] | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the evaluation as JSON values.

        `missed` only where photographs were judged, `rephotographed` only where they were made.
        """
        raw = asdict(self)
        for name in ("missed", "rephotographed"):
            if raw[name] is None:
                del raw[name]
        return raw


def confusion_matrix(
    truth: NDArray[np.int64], answers: NDArray[np.int64], classes: int
) -> NDArray[np.int64]:
    """Return (K, K) counts: rows are true labels, columns answers."""
    counts = np.bincount(truth * classes + answers, minlength=classes * classes)
    return counts.reshape(classes, classes)


def class_scores(confusion: NDArray[np.int64], classes: Sequence[str]) -> dict[str, ClassScores]:
    """Return by label its n, recall, precision and f1, from (K, K) counts."""
    return {name: _class_scores(confusion, index) for index, name in enumerate(classes)}


def macro(per_class: dict[str, ClassScores], score: str) -> float:
    """Return the mean of one score over the labels that occur."""
    values = [scores[score] for scores in per_class.values() if scores["n"]]
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else 0.0


def table_text(evaluations: Sequence[Evaluation]) -> str:
    """Return the evaluations as a table people can read, one line each."""
    head = ("weights", "on", "n", "accuracy", "95 % interval", "macro recall", "macro F1")
    shape = "{:28} {:26} {:>5} {:>9} {:>16} {:>12} {:>8}"
    lines = [shape.format(*head)]
    for row in evaluations:
        shown = f"{row.split} {row.subset}".strip()
        shown += " rephotographed" if row.rephotographed is not None else ""
        shown += f" {row.occlude}:{row.amount:g}" if row.occlude != "none" else ""
        accuracy, recall = f"{100 * row.accuracy:.2f} %", f"{100 * row.macro_recall:.2f} %"
        interval = interval_text(row.ci95, digits=2)
        cells = (row.weights, shown, row.n, accuracy, interval, recall, f"{row.macro_f1:.3f}")
        lines.append(shape.format(*cells))
        if row.missed:
            lines.append(f"  no face found in {row.missed}: the centred square was used there")
    return "\n".join(lines)


def write_json(file: Path, content: object) -> None:
    """Write JSON, whole or not at all; of several processes the main one does.

    Raises:
        UsageError: if the file can't be written.
    """
    if is_main_process():
        with writes_to(file):
            write_whole(file, (json.dumps(content, indent=1) + "\n").encode())


def _evaluation(row: dict[str, Any]) -> Evaluation:
    row["ci95"] = tuple(row["ci95"])
    if "rephotographed" in row:
        row["rephotographed"] = tuple(row["rephotographed"])
    return Evaluation(**row)


def _class_scores(confusion: NDArray[np.int64], index: int) -> ClassScores:
    hits = int(confusion[index, index])
    n, answered = int(confusion[index].sum()), int(confusion[:, index].sum())
    return {
        "n": n,
        "recall": hits / n if n else None,
        "precision": hits / answered if answered else None,
        "f1": 2 * hits / (n + answered) if n + answered else None,
    }


def read_evaluations(file: Path) -> list[Evaluation]:
    """Return the evaluations of a file in the form of `training.evaluate --json`.

    Raises:
        DataError: if it is no such file.
    """
    rows = read_json(file)
    try:
        return [_evaluation(row) for row in rows]
    except (TypeError, KeyError) as error:
        raise DataError(f"{file} isn't what training.evaluate --json writes: {error}.") from error


def read_json(file: Path) -> Any:
    """Return the content of a JSON file.

    Raises:
        DataError: if it can't be read.
    """
    try:
        return json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{file} can't be read ({error}); remove it, or name another.") from None
