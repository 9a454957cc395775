import dataclasses
from typing import Any

import numpy as np
import pytest

from ferstudio.errors import UsageError
from ferstudio.types import FaceCrop, InputSpec, Prediction

IDENTITY = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
GREY = (0.5, 0.5, 0.5)


def test_a_crop_knows_its_size() -> None:
    assert FaceCrop(np.zeros((20, 20, 3), np.uint8), None, IDENTITY).size == 20


@pytest.mark.parametrize("shape", [(20, 20), (20, 21, 3), (20, 20, 4), (1, 20, 20, 3)])
def test_a_crop_must_be_a_square_rgb_picture(shape: tuple[int, ...]) -> None:
    with pytest.raises(UsageError, match=r"\(S, S, 3\), not \("):
        FaceCrop(np.zeros(shape, np.uint8), None, IDENTITY)


def test_a_crop_must_hold_bytes() -> None:
    with pytest.raises(UsageError, match="uint8 pixels, not float32"):
        FaceCrop(np.zeros((20, 20, 3), np.float32), None, IDENTITY)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"size": 15}, "between 16 and 1024 pixels, not 15"),
        ({"mean": (0.5,)}, "three values"),
        ({"std": (0.5, 0.5)}, "three values"),
        ({"std": (0.5, 0.0, 0.5)}, "positive"),
        ({"margin_ratio": -0.1}, "margin_ratio"),
        ({"margin_ratio": 1.0}, "margin_ratio"),
        ({"detail_px": -1}, "detail_px"),
    ],
)
def test_an_impossible_input_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        dataclasses.replace(InputSpec(48, GREY, GREY), **changes)


def test_a_prediction_names_its_top_and_its_confidence() -> None:
    probabilities = np.array([0.2, 0.7, 0.1], np.float32)
    answer = Prediction(("neutral", "happiness", "fear"), probabilities, np.log(probabilities))
    assert answer.top == "happiness"
    assert answer.confidence == pytest.approx(0.7)
    assert answer.probability_of("fear") == pytest.approx(0.1)


def test_an_emotion_the_model_does_not_know_has_probability_zero() -> None:
    answer = Prediction(("neutral",), np.ones(1, np.float32), np.zeros(1, np.float32))
    assert answer.probability_of("contempt") == 0.0
