"""What written weights score, onto their card."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ferstudio.models import LoadedModel, load_weights
from ferstudio.models.card import WeightsCard, is_recorded, read_card, with_record, write_card
from training.data.head_pose import load_face_model
from training.data.protocols import evaluation_labels
from training.data.subsets import find_subsets
from training.data.table import FaceTable
from training.evaluation.evaluate import evaluate_split
from training.evaluation.scores import Evaluation
from training.evaluation.shown_faces import Protocol

CARD_OCCLUDERS = ("none", "upper", "middle", "lower", "random", "sunglasses", "surgical-mask")
"""What every card reports: the bare face, paper 1's Table 5, and two objects, at full size."""

BARE = CARD_OCCLUDERS[:1]

METRICS = "metrics"
"""What the card calls them where it records which weights they are of."""

_TIMINGS = ("elapsed_s", "images_per_s", "weights")


def measure(
    folder: Path,
    valid: FaceTable,
    *,
    device: torch.device | None = None,
    occluders: Sequence[str] = CARD_OCCLUDERS,
) -> list[Evaluation]:
    """Write what the weights in `folder` score on their card, and return it.

    Bare and under each of `occluders`, by the label set of the weights; on FER+'s, bare faces of
    each of `training.data.subsets` as well. Only what was measured under all of `CARD_OCCLUDERS`
    and on the processor, so that it comes out again on any, is recorded as made of these weights.
    """
    card, model = read_card(folder), load_weights(folder)
    whole = set(occluders) >= set(CARD_OCCLUDERS) and (device is None or device.type == "cpu")
    evaluations = [
        evaluate_split(
            model, valid, Protocol(card.labels, occlude=name), split="valid", device=device
        )
        for name in occluders
    ]
    if whole:
        evaluations += _on_subsets(model, valid)
    unrecorded = {name: digest for name, digest in card.made.items() if name != METRICS}
    metrics = tuple(_card_metrics(evaluation) for evaluation in evaluations)
    card = replace(card, metrics=metrics, made=unrecorded)
    write_card(folder, with_record(folder, card, METRICS) if whole else card)
    return evaluations


def is_measured(folder: Path, card: WeightsCard) -> bool:
    """Return whether the card's metrics are of today's weights, under all of `CARD_OCCLUDERS`."""
    covers = {row["occlude"] for row in card.metrics if not row.get("subset")}
    return is_recorded(folder, card, METRICS) and covers >= set(CARD_OCCLUDERS)


def _on_subsets(model: LoadedModel, valid: FaceTable) -> Iterator[Evaluation]:
    """Yield what the network scores on bare faces of FER+'s subsets, those that have faces."""
    if model.card.labels != "ferplus":
        return
    own = evaluation_labels(valid, model.card.labels)
    for subset in find_subsets(valid, load_face_model()):
        truth = np.where(subset.taken, own, -1)
        if (truth >= 0).any():
            yield evaluate_split(
                model, valid, Protocol(model.card.labels), split="valid", subset=subset.name,
                truth=truth,
            )  # fmt: skip


def _card_metrics(evaluation: Evaluation) -> dict[str, Any]:
    raw = evaluation.to_json()
    return {key: value for key, value in raw.items() if key not in _TIMINGS}
