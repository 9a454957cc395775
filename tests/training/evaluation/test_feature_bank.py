"""The choice of faces, and their principal components."""

import math

import numpy as np
import pytest

from training.evaluation.feature_bank import choose_rows, principal_components


def test_rare_emotions_are_taken_whole_and_the_others_alike() -> None:
    classes = np.array([0] * 50 + [-1] * 20 + [1] * 3 + [2] * 30)
    rows = choose_rows(classes, 10, seed=4)
    assert np.bincount(classes[rows]).tolist() == [10, 3, 10]
    assert (np.diff(rows) > 0).all()
    np.testing.assert_array_equal(rows, choose_rows(classes, 10, seed=4))
    assert not np.array_equal(rows, choose_rows(classes, 10, seed=5))


def test_components_are_orthonormal_directions_of_falling_variance() -> None:
    rng = np.random.default_rng(2)
    features = (rng.normal(size=(60, 7)) * [9, 5, 3, 2, 1, 0.5, 0.1]).astype(np.float32) + 4
    mean, components = principal_components(features, 3)
    np.testing.assert_allclose(mean, features.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(components.T @ components, np.eye(3), rtol=0, atol=1e-5)
    spread = ((features - mean) @ components).std(axis=0)
    assert (np.diff(spread) < 0).all()
    values = np.sort(np.linalg.eigvalsh(np.cov(features.T, bias=True)))[::-1]
    for own, value in zip(spread, values, strict=False):
        assert own == pytest.approx(math.sqrt(value), rel=1e-3)
    assert all(column[np.abs(column).argmax()] > 0 for column in components.T)
