"""Logits to predictions."""

import numpy as np
import pytest
import torch

from ferstudio.labels import FERPLUS
from ferstudio.models import prediction_from_logits
from tests.networks import hook_count, loaded, pictures, predict


def test_probabilities_are_the_softmax_of_the_logits() -> None:
    logits = torch.tensor([0.0, 2.0, -1.0, 0.5, 0.0, 0.0, 0.0, 0.0], dtype=torch.float64)
    prediction = prediction_from_logits(logits, FERPLUS)
    expected = np.exp(logits.numpy()) / np.exp(logits.numpy()).sum()
    np.testing.assert_allclose(prediction.probabilities, expected, atol=1e-6)
    np.testing.assert_array_equal(prediction.logits, logits.numpy().astype(np.float32))
    assert prediction.probabilities.dtype == prediction.logits.dtype == np.float32
    assert prediction.top == "happiness"
    assert prediction.confidence == pytest.approx(expected[1])


def test_huge_logits_stay_finite() -> None:
    prediction = prediction_from_logits(torch.tensor([1e4, -1e4, 0.0]), ("a", "b", "c"))
    assert prediction.probabilities.tolist() == [1.0, 0.0, 0.0]


@pytest.mark.parametrize("shape", [(7,), (1, 8), ()])
def test_logits_must_match_the_labels(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="8 labels"):
        prediction_from_logits(torch.zeros(shape), FERPLUS)


def test_a_batch_gives_one_prediction_per_picture() -> None:
    model = loaded("resnet18")
    batch = pictures(3, 64)
    with torch.no_grad():
        logits = model.module(batch)
    predictions = predict(model, batch)
    assert [p.labels for p in predictions] == [FERPLUS] * 3
    np.testing.assert_allclose(
        np.stack([p.logits for p in predictions]), logits.numpy(), rtol=1e-5, atol=1e-5
    )
    assert hook_count(model.module) == 0
