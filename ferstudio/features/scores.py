"""How well a network's features keep the emotions apart, as numbers."""

import numpy as np
from numpy.typing import NDArray

from ferstudio.features.bank import FeatureBank
from ferstudio.features.projection import NEIGHBOURS


def silhouette(bank: FeatureBank) -> float:
    """Return the mean silhouette coefficient of the faces' features, in [-1, 1].

    Rousseeuw, "Silhouettes: a graphical aid to the interpretation and validation of cluster
    analysis", 1987: (b - a) / max(a, b) per face, with a the mean distance to its own emotion's
    faces and b to those of the nearest other emotion. Above 0 a face is nearer to its own.
    """
    from sklearn.metrics import silhouette_score

    return float(silhouette_score(bank.vectors, bank.classes))


def purity(bank: FeatureBank, count: int = NEIGHBOURS) -> float:
    """Return the k-NN purity of the faces' features, in [0, 1]: the mean over emotions.

    The share of a face's `count` nearest other faces that show its emotion, averaged over the
    faces of each emotion and then over the emotions, so that rare ones count as much.
    """
    away = distances(bank.vectors)
    np.fill_diagonal(away, np.inf)
    near = np.argpartition(away, count, axis=1)[:, :count]  # (N, count)
    same = (bank.classes[near] == bank.classes[:, None]).mean(axis=1)
    return float(np.mean([same[bank.classes == label].mean() for label in np.unique(bank.classes)]))


def usual_distance(bank: FeatureBank, count: int = NEIGHBOURS) -> float:
    """Return how far 99 in 100 of a bank's faces are at most from their `count` nearest others.

    The mean of those Euclidean distances, between features.
    """
    away = distances(bank.vectors)
    np.fill_diagonal(away, np.inf)
    near = np.partition(away, count, axis=1)[:, :count]  # (N, count)
    return float(np.percentile(near.mean(axis=1), 99))


def distances(vectors: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the Euclidean distances between all rows of (N, P): (N, N) float64."""
    from scipy.spatial.distance import cdist

    return np.asarray(cdist(vectors, vectors))
