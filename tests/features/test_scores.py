"""Silhouette and purity against their definitions, written as loops."""

import math
from dataclasses import replace

import numpy as np
import pytest

from ferstudio.features import FeatureBank, purity, silhouette, usual_distance
from tests.features.banks import bank


@pytest.fixture(scope="module")
def blurred() -> FeatureBank:
    return bank(spread=6.0)


def slow_silhouette(made: FeatureBank) -> float:
    vectors, classes = made.vectors.tolist(), made.classes.tolist()
    values = []
    for i, own in enumerate(classes):
        means = {}
        for label in set(classes):
            away = [
                math.dist(vectors[i], vectors[j])
                for j, other in enumerate(classes)
                if other == label and j != i
            ]
            means[label] = sum(away) / len(away)
        a = means.pop(own)
        b = min(means.values())
        values.append((b - a) / max(a, b))
    return sum(values) / len(values)


def slow_purity(made: FeatureBank, count: int) -> float:
    vectors, classes = made.vectors.tolist(), made.classes.tolist()
    shares: dict[int, list[float]] = {}
    for i, own in enumerate(classes):
        others = [j for j in range(len(classes)) if j != i]
        near = sorted(others, key=lambda j: math.dist(vectors[i], vectors[j]))[:count]
        shares.setdefault(own, []).append(sum(classes[j] == own for j in near) / count)
    return sum(sum(each) / len(each) for each in shares.values()) / len(shares)


def test_scores_are_as_defined(blurred: FeatureBank) -> None:
    assert silhouette(blurred) == pytest.approx(slow_silhouette(blurred), abs=1e-4)
    assert purity(blurred) == pytest.approx(slow_purity(blurred, 10), abs=1e-9)


def test_clear_clouds_score_high_and_mixed_ones_low(blurred: FeatureBank) -> None:
    clear = bank(spread=0.3)
    assert silhouette(clear) > 0.8 > silhouette(blurred)
    assert purity(clear) == 1 > purity(blurred) > 1 / 3
    assert np.isfinite(silhouette(blurred))


def test_the_usual_distance_is_that_of_all_but_the_loneliest_faces() -> None:
    made = bank()
    usual = usual_distance(made)
    mean = np.array(
        [np.sort(np.linalg.norm(made.vectors - one, axis=1))[1:11].mean() for one in made.vectors]
    )
    assert usual == pytest.approx(np.percentile(mean, 99), rel=1e-5)
    assert (mean <= usual).mean() > 0.98
    wider = replace(made, vectors=3 * made.vectors)
    assert usual_distance(wider) == pytest.approx(3 * usual, rel=1e-5)
