"""How far probabilities can be believed: expected calibration error, and the temperature for it.

Guo, Pleiss, Sun and Weinberger, "On Calibration of Modern Neural Networks", ICML 2017: the expected
calibration error (their Eq. 3) and temperature scaling (section 4.2), one number that divides all
logits, chosen by the likelihood of held-out labels. It changes no answer.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

BINS = 15
"""Equally wide bins of confidence, as in the paper."""

TEMPERATURES = (0.2, 5.0)
"""The smallest and the largest temperature that is tried."""


def expected_calibration_error(
    confidences: NDArray[np.floating], correct: NDArray[np.bool_], bins: int = BINS
) -> float:
    """Return the mean gap between confidence and accuracy, in [0, 1].

    The faces are put into bins of equally wide confidence; each bin's gap weighs as many faces as
    are in it. 0 where there are no faces.

    Args:
        confidences: (N,) probability of each answer, in [0, 1].
        correct: (N,) whether it was right.
        bins: how many.
    """
    if not len(confidences):
        return 0.0
    inner = np.linspace(0, 1, bins + 1)[1:-1]
    place = np.digitize(confidences, inner, right=True)
    gaps = np.bincount(place, np.asarray(confidences, np.float64) - correct, minlength=bins)
    return float(np.abs(gaps).sum() / len(confidences))


def negative_log_likelihood(logits: NDArray[np.floating], truth: NDArray[np.int64]) -> float:
    """Return the mean of -log p of the true class, for logits (N, K) and labels (N,)."""
    chosen = log_softmax(np.asarray(logits, np.float64), axis=1)[np.arange(len(truth)), truth]
    return float(-chosen.mean())


def best_temperature(logits: NDArray[np.floating], truth: NDArray[np.int64]) -> float:
    """Return the temperature at which labels (N,) are likeliest for logits (N, K)."""
    low, high = np.log(TEMPERATURES)
    found = minimize_scalar(
        lambda log_t: negative_log_likelihood(logits / np.exp(log_t), truth),
        bounds=(low, high),
        method="bounded",
        options={"xatol": 1e-5},
    )
    return float(np.exp(found.x))


def confidence_gap(logits: NDArray[np.floating], truth: NDArray[np.int64]) -> float:
    """Return the expected calibration error of logits (N, K) against labels (N,)."""
    values = np.exp(log_softmax(np.asarray(logits, np.float64), axis=1))
    return expected_calibration_error(values.max(axis=1), values.argmax(axis=1) == truth)
