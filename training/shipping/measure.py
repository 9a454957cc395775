"""What written weights score, onto their card."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from ferstudio.models import load_weights
from ferstudio.models.weights import read_card, write_card
from training.data.table import FaceTable
from training.evaluation.evaluate import evaluate_split
from training.evaluation.protocols import Protocol
from training.evaluation.scores import Evaluation

CARD_OCCLUDERS = ("none", "upper", "middle", "lower", "random", "sunglasses", "surgical-mask")
"""What every card reports: the bare face, paper 1's Table 5, and two objects, at full size."""

_TIMINGS = ("elapsed_s", "images_per_s", "weights")


def measure(
    folder: Path, valid: FaceTable, *, device: torch.device | None = None
) -> list[Evaluation]:
    """Write what the weights in `folder` score on their card, and return it.

    Bare and under each of `CARD_OCCLUDERS`, by the label set of the weights.
    """
    model, card = load_weights(folder), read_card(folder)
    evaluations = [
        evaluate_split(
            model,
            valid,
            Protocol(labels=card.labels, occlude=name),
            split="valid",
            device=device,
        )
        for name in CARD_OCCLUDERS
    ]
    metrics = tuple(_card_metrics(evaluation) for evaluation in evaluations)
    write_card(folder, replace(card, metrics=metrics))
    return evaluations


def _card_metrics(evaluation: Evaluation) -> dict[str, Any]:
    raw = evaluation.to_json()
    return {key: value for key, value in raw.items() if key not in _TIMINGS}
