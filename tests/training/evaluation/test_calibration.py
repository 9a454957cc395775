"""The calibration error of made-up answers, and the temperature of made-up logits."""

import numpy as np
import pytest

from training.evaluation.calibration import (
    BINS,
    TEMPERATURES,
    best_temperature,
    confidence_gap,
    expected_calibration_error,
    negative_log_likelihood,
)


def test_answers_that_are_right_as_often_as_sure_have_no_error() -> None:
    confidences = np.repeat([0.25, 0.75], 400)
    correct = np.concatenate([np.arange(400) < 100, np.arange(400) < 300])
    assert expected_calibration_error(confidences, correct) == pytest.approx(0)


def test_bins_count_by_their_faces_and_never_cancel() -> None:
    confidences = np.array([0.9] * 6 + [0.5] * 4)  # 2 of 6 right, 4 of 4 right
    correct = np.array([True] * 2 + [False] * 4 + [True] * 4)
    wanted = (abs(6 * 0.9 - 2) + abs(4 * 0.5 - 4)) / 10
    assert expected_calibration_error(confidences, correct) == pytest.approx(wanted)


def test_the_ends_of_the_scale_belong_to_bins() -> None:
    assert expected_calibration_error(np.array([1.0]), np.array([True])) == 0
    assert expected_calibration_error(np.array([1.0]), np.array([False])) == 1
    assert expected_calibration_error(np.array([0.0]), np.array([True])) == 1
    assert expected_calibration_error(np.array([]), np.array([], bool)) == 0
    assert BINS == 15


@pytest.mark.parametrize("wanted", [0.5, 1.0, 1.7, 3.0])
def test_the_temperature_of_labels_drawn_at_it_is_found(wanted: float) -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 3, (20_000, 5))
    shares = np.exp(logits / wanted)
    shares /= shares.sum(axis=1, keepdims=True)
    truth = (shares.cumsum(axis=1) > rng.random((len(shares), 1))).argmax(axis=1)
    found = best_temperature(logits, truth)
    assert found == pytest.approx(wanted, rel=0.05)
    assert confidence_gap(logits / found, truth) < 0.02
    assert negative_log_likelihood(logits / found, truth) <= negative_log_likelihood(logits, truth)


def test_labels_that_are_always_right_end_at_the_lowest_temperature() -> None:
    logits = np.eye(4)
    assert best_temperature(logits, np.arange(4)) == pytest.approx(TEMPERATURES[0], rel=1e-3)


def test_likelihood_is_the_softmax_of_the_true_class() -> None:
    logits = np.log(np.array([[0.7, 0.2, 0.1], [0.25, 0.25, 0.5]]))
    wanted = -(np.log(0.2) + np.log(0.5)) / 2
    assert negative_log_likelihood(logits, np.array([1, 2])) == pytest.approx(wanted)
