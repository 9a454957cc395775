"""A bank's features as a map in the plane, and new faces put into that map without moving it.

- "tsne": van der Maaten and Hinton, "Visualizing Data using t-SNE", JMLR 2008, by openTSNE. A new
  face finds its place by gradient descent among the bank's, which stay (Policar, Strazar and Zupan,
  "Embedding to reference t-SNE space addresses batch effects in single-cell classification",
  Machine Learning 2023).
- "pca": the first two principal components, the only one whose distances mean something.
- "umap": McInnes, Healy and Melville, "UMAP: Uniform Manifold Approximation and Projection",
  arXiv:1802.03426, 2018, laid out by umap-learn where the bank is made. A new face stands at the
  mean of its nearest neighbours' places, weighted by UMAP's own memberships (section 3.1), which
  is where UMAP's transform begins.
"""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from ferstudio.errors import UnknownNameError
from ferstudio.features.bank import FeatureBank

Places = NDArray[np.float32]
"""(n, 2) places in the plane."""

PERPLEXITY = 30
"""Of the t-SNE maps: about how many neighbours a face has."""

PLACE_PERPLEXITY, PLACE_STEPS, PLACE_RATE = 5, 100, 0.1
"""How a new face is placed in a t-SNE map: it starts at the median of its few nearest neighbours
and descends in small steps. Of ACSI-Net's 1,628 faces 98 % so land among the ten places nearest to
their own, with the defaults of openTSNE's `transform` 10 %."""

NEIGHBOURS = 10
"""How many faces of the bank are called the neighbours of a new one."""

UMAP_NEIGHBOURS = 15
"""Of the UMAP maps."""


class Projection(ABC):
    """One kind of map of one bank."""

    def __init__(self, bank: FeatureBank) -> None:
        """Prepare to place faces among those of `bank`."""
        self.bank = bank

    @abstractmethod
    def place(self, vectors: NDArray[np.float32]) -> Places:
        """Return where faces (n, P) stand in the map, each on its own: (n, 2)."""


class TsneProjection(Projection):
    """t-SNE; new faces are optimised among the bank's."""

    def __init__(self, bank: FeatureBank) -> None:
        """Set up openTSNE's view of the bank; a quarter of a second for 1,600 faces."""
        from openTSNE import TSNEEmbedding, affinity

        super().__init__(bank)
        affinities = affinity.PerplexityBasedNN(
            bank.vectors, perplexity=_perplexity(len(bank.vectors)), method="exact", n_jobs=1
        )
        self._map = TSNEEmbedding(
            bank.maps["tsne"].astype(np.float64), affinities, n_jobs=1, random_state=0
        )
        self._lock = threading.Lock()

    def place(self, vectors: NDArray[np.float32]) -> Places:
        """Return where faces (n, P) stand in the map, each on its own: (n, 2)."""
        with self._lock:
            start = self._map.prepare_partial(
                vectors.astype(np.float64), perplexity=PLACE_PERPLEXITY, initialization="median"
            )
            placed = start.optimize(PLACE_STEPS, learning_rate=PLACE_RATE)
        return np.asarray(placed, np.float32)


class PcaProjection(Projection):
    """The first two principal components."""

    def place(self, vectors: NDArray[np.float32]) -> Places:
        """Return where faces (n, P) stand in the map, each on its own: (n, 2)."""
        return vectors[:, :2].astype(np.float32)


class UmapProjection(Projection):
    """UMAP; new faces stand among their nearest neighbours."""

    def place(self, vectors: NDArray[np.float32]) -> Places:
        """Return where faces (n, P) stand in the map, each on its own: (n, 2)."""
        count = min(UMAP_NEIGHBOURS, len(self.bank.vectors))
        places = self.bank.maps["umap"]
        found = []
        for vector in vectors:
            near, away = neighbours(self.bank, vector, count)
            weights = memberships(away)
            found.append(weights @ places[near] / weights.sum())
        return np.asarray(found, np.float32)


PROJECTIONS: Mapping[str, Callable[[FeatureBank], Projection]] = MappingProxyType(
    {"tsne": TsneProjection, "pca": PcaProjection, "umap": UmapProjection}
)


def projection(bank: FeatureBank, kind: str) -> Projection:
    """Return a bank's map of a kind.

    Raises:
        UnknownNameError: if the bank has no such map.
    """
    known = [name for name in PROJECTIONS if name in bank.maps]
    if kind not in known:
        raise UnknownNameError("projection", kind, known)
    return PROJECTIONS[kind](bank)


def tsne_map(vectors: NDArray[np.float32], seed: int = 0) -> Places:
    """Return a t-SNE map of features (N, P), N at least 5: (N, 2) float32."""
    from openTSNE import TSNE

    fitted = TSNE(
        perplexity=_perplexity(len(vectors)), initialization="pca", random_state=seed, n_jobs=1
    ).fit(vectors.astype(np.float64))
    return np.asarray(fitted, np.float32)


def neighbours(
    bank: FeatureBank, vector: NDArray[np.float32], count: int = NEIGHBOURS
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return the faces of a bank nearest to a vector (P,), the nearest first, and how far they are.

    Distances are Euclidean, between features, not between places of a map.

    Returns:
        (count,) int64 rows of the bank and (count,) float32 distances.
    """
    away = np.linalg.norm(bank.vectors - vector, axis=1)
    near = np.argsort(away, kind="stable")[:count]
    return near, away[near].astype(np.float32)


def memberships(away: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return UMAP's weights of neighbours at ascending distances (k,): (k,) float64 in (0, 1].

    exp(-max(0, d - rho) / sigma), rho the smallest distance above 0, and sigma such that the
    weights add up to log2 k (McInnes et al. 2018, section 3.1).
    """
    above = away[away > 0]
    gaps = np.maximum(away.astype(np.float64) - (float(above[0]) if len(above) else 0.0), 0)
    if not gaps.any():
        return np.ones_like(gaps)
    target, low, high = np.log2(len(gaps)), 0.0, float(gaps.max()) * 1e3
    for _ in range(64):
        sigma = (low + high) / 2
        if np.exp(-gaps / sigma).sum() > target:
            high = sigma
        else:
            low = sigma
    return np.exp(-gaps / high)


def _perplexity(count: int) -> float:
    """Return the perplexity for `count` faces: three times as many neighbours must exist."""
    return min(PERPLEXITY, (count - 1) / 3)
