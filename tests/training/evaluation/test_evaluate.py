"""What networks score whose answers are known."""

import numpy as np
import torch
from torch import Tensor, nn

from ferstudio.models import LoadedModel, model_entry
from tests.training.evaluation.brightness import Brightness, card
from training.data.table import FaceTable
from training.evaluation.evaluate import evaluate_split
from training.evaluation.shown_faces import Protocol


def test_a_perfect_model_scores_one(oracle: LoadedModel, table: FaceTable) -> None:
    result = evaluate_split(oracle, table, Protocol(), split="valid")
    assert (result.n, result.correct, result.accuracy) == (64, 64, 1.0)
    assert result.macro_recall == result.macro_f1 == 1
    assert np.trace(result.confusion) == 64
    assert sum(scores["n"] or 0 for scores in result.per_class.values()) == 64


def test_mirrored_averaging_sees_both_halves(table: FaceTable) -> None:
    half_dark = FaceTable(
        images=np.where(np.arange(48) < 24, table.images, 0).astype(np.uint8),
        truth=table.truth,
        votes=table.votes,
        names=table.names,
        landmarks_xy_px=np.full_like(table.landmarks_xy_px, np.nan),
    )
    left = LoadedModel(model_entry("resnet18"), card(), Brightness(slice(0, 40)))
    plain = evaluate_split(left, half_dark, Protocol(), split="valid")
    averaged = evaluate_split(left, half_dark, Protocol(tta=True), split="valid")
    assert averaged.tta and plain.confusion != averaged.confusion


def test_another_label_set_is_compared_by_shared_names(table: FaceTable) -> None:
    class Fixed(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            logits = torch.zeros(len(x), 8)
            logits[:, 7] = 9  # contempt, which FER2013 lacks
            logits[:, 4] = 5  # anger, FER2013's label 0
            return logits

    model = LoadedModel(model_entry("resnet18"), card(), Fixed())
    result = evaluate_split(model, table, Protocol(labels="fer2013"), split="valid")
    assert result.mapped and result.n == 64
    assert result.correct == int((table.truth == 0).sum())
    assert np.array(result.confusion)[:, 0].sum() == 64
