"""What attention is worth: right answers with it, and with every gate the same for all faces.

Each attention tensor is replaced by its own mean over the judged faces, cell by cell and channel by
channel: what the network has learned to let pass stays, but nothing of it follows the face any
more. What then goes wrong is what looking at the face was worth. That differs from the page's
switch, which makes a gate the same everywhere in one face.

Both answers are to the same faces, so the interval of the difference comes from the faces on which
they differ (`ferstudio.intervals.paired_interval`).
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ferstudio.errors import UsageError
from ferstudio.explain.attention_maps import attention_views, main_map
from ferstudio.intervals import paired_interval
from ferstudio.models import LoadedModel
from ferstudio.models.attention import attention_taps, capture_attention, replace_attention
from ferstudio.models.card import read_card, with_record, write_card
from ferstudio.preprocess import to_tensor
from training.data.crops import face_crops
from training.data.protocols import evaluation_labels, judged_rows
from training.data.table import FaceTable
from training.evaluation.shown_faces import Protocol, split_batches

ATTENTION = "attention"
"""What the card calls its worth where it records which weights it is of."""

CONTRAST_FACES = 200
"""Faces over which the contrast of the main map is averaged."""


@dataclass(frozen=True, slots=True)
class AttentionWorth:
    """Right answers with a network's own attention and without. Shares are in [0, 1].

    Attributes:
        weights: name of the weights.
        split: split of the cache.
        n: faces judged.
        accuracy: share of right answers as the network is.
        accuracy_of_means: the same where every gate is its mean over these faces.
        worth: accuracy minus accuracy_of_means.
        ci95: 95 % interval of `worth`.
        contrast: mean contrast of the main map over the face (see `AttentionMap.contrast`); None
            where the network has no map.
        elapsed_s: seconds for the whole.
    """

    weights: str
    split: str
    n: int
    accuracy: float
    accuracy_of_means: float
    worth: float
    ci95: tuple[float, float]
    contrast: float | None
    elapsed_s: float

    def to_json(self) -> dict[str, Any]:
        """Return the result as JSON values, keys named like the attributes."""
        return asdict(self)


def attention_worth(model: LoadedModel, table: FaceTable, *, split: str) -> AttentionWorth:
    """Return what the attention of `model` is worth on the faces of `table` that have a label.

    Raises:
        UsageError: if the network has no attention, or no face has a label of its set.
    """
    start = time.perf_counter()
    truth = evaluation_labels(table, model.card.labels)
    rows = judged_rows(truth)
    judged, truth = table.select(rows), truth[rows]
    if not len(judged):
        raise UsageError(f"No face has a label of {model.card.labels}.")
    with model.exclusive() as module:
        if not attention_taps(module):
            raise UsageError(f"{model.name} has no attention of its own.")
    right, means = _with_attention(model, judged, truth)
    without = _without(model, judged, truth, means)
    worth = float(right.mean() - without.mean())
    return AttentionWorth(
        weights=model.name,
        split=split,
        n=len(truth),
        accuracy=float(right.mean()),
        accuracy_of_means=float(without.mean()),
        worth=worth,
        ci95=paired_interval(right, without),
        contrast=_contrast(model, judged.select(np.arange(min(CONTRAST_FACES, len(judged))))),
        elapsed_s=round(time.perf_counter() - start, 3),
    )


def record(folder: Path, result: AttentionWorth) -> None:
    """Write `result` on the card in `folder`."""
    entry = {k: v for k, v in result.to_json().items() if k not in ("weights", "elapsed_s")}
    changed = replace(read_card(folder), attention=entry)
    write_card(folder, with_record(folder, changed, ATTENTION))


def _with_attention(
    model: LoadedModel, table: FaceTable, truth: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], dict[str, Tensor]]:
    """Return (N,) which answers are right, and each tap's mean over faces, (1, ...) by its name."""
    answers, sums = [], dict[str, Tensor]()
    with model.exclusive() as module, torch.inference_mode():
        for images in split_batches(table, model, Protocol(labels=model.card.labels)):
            with capture_attention(module) as records:
                answers.append(module(images).argmax(dim=1))
            for record in records:
                name = f"{record.module}.{record.tap}".lstrip(".")
                total = record.weights.double().sum(dim=0, keepdim=True)
                sums[name] = sums[name] + total if name in sums else total
    return _is_right(answers, truth), {name: total / len(truth) for name, total in sums.items()}


def _without(
    model: LoadedModel, table: FaceTable, truth: NDArray[np.int64], means: Mapping[str, Tensor]
) -> NDArray[np.bool_]:
    """Return (N,) which answers are right where every tap passes its mean on."""

    def mean_of(tap: str, weights: Tensor) -> Tensor:
        return means[tap].to(weights.dtype).expand_as(weights)

    batches = split_batches(table, model, Protocol(labels=model.card.labels))
    with (
        model.exclusive() as module,
        torch.inference_mode(),
        replace_attention(module, mean_of),
    ):
        answers = [module(images).argmax(dim=1) for images in batches]
    return _is_right(answers, truth)


def _is_right(answers: Sequence[Tensor], truth: NDArray[np.int64]) -> NDArray[np.bool_]:
    return np.asarray(torch.cat(list(answers)).numpy() == truth)


def _contrast(model: LoadedModel, table: FaceTable) -> float | None:
    """Return the mean contrast of the main map over the faces of `table`; None without a map."""
    contrasts = []
    with model.exclusive() as module, torch.inference_mode():
        for crop in face_crops(table, model.card.input):
            with capture_attention(module) as records:
                module(to_tensor(crop, model.card.input))
            main = main_map(attention_views(module, records))
            if main is None:
                return None
            contrasts.append(main.contrast)
    return float(np.mean(contrasts))
