"""A small made-up bank: three emotions as clouds of features."""

from types import MappingProxyType

import numpy as np

from ferstudio.features import FeatureBank, tsne_map
from ferstudio.labels import FERPLUS

PER_CLASS, WIDTH, FEATURES = 40, 5, 12


def bank(spread: float = 1.0) -> FeatureBank:
    """Return 120 faces of three emotions; the smaller `spread`, the further apart they are."""
    rng = np.random.default_rng(5)
    classes = np.repeat([0, 1, 3], PER_CLASS)
    centres = 6 * rng.normal(size=(3, WIDTH))
    vectors = np.repeat(centres, PER_CLASS, axis=0) + spread * rng.normal(
        size=(len(classes), WIDTH)
    )
    vectors = vectors.astype(np.float16).astype(np.float32)
    components = np.linalg.qr(rng.normal(size=(FEATURES, WIDTH)))[0]
    maps = {
        "tsne": tsne_map(vectors),
        "pca": vectors[:, :2],
        "umap": rng.normal(size=(len(classes), 2)).astype(np.float32),
    }
    return FeatureBank(
        weights="resnet18.test",
        split="valid",
        labels=FERPLUS,
        classes=classes.astype(np.int64),
        answers=rng.integers(0, 8, len(classes)),
        mean=rng.normal(size=FEATURES).astype(np.float32),
        components=components.astype(np.float16).astype(np.float32),
        vectors=vectors,
        maps=MappingProxyType(maps),
    )
