"""Banks of validation features beside shipped weights.

Each bank holds what the network made of some validation faces, features, labels and answers, but
no picture, and maps of it by t-SNE, by principal components, and by UMAP where umap-learn is
installed. Rare emotions are taken whole, of the others as many faces each.
"""

import importlib
import importlib.util

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from ferstudio.features import FeatureBank, tsne_map
from ferstudio.features.projection import PROJECTIONS, UMAP_NEIGHBOURS
from ferstudio.models import LoadedModel
from ferstudio.models.inference import answers_and_features
from training.data.protocols import evaluation_labels
from training.data.table import FaceTable
from training.evaluation.shown_faces import Protocol, split_batches

PER_EMOTION = 300
"""Faces of each emotion, as far as there are so many."""

COMPONENTS = 50
"""Principal components that are kept, as van der Maaten and Hinton (2008) do before t-SNE."""


def choose_rows(
    classes: NDArray[np.integer], per_emotion: int = PER_EMOTION, seed: int = 0
) -> NDArray[np.int64]:
    """Return rows of up to `per_emotion` random faces of each emotion, in ascending order.

    Args:
        classes: (N,) labels, below 0 for faces without one.
        per_emotion: how many of each.
        seed: of the choice.
    """
    rng = np.random.default_rng(seed)
    chosen = [
        rng.permutation(np.flatnonzero(classes == label))[:per_emotion]
        for label in np.unique(classes[classes >= 0])
    ]
    return np.sort(np.concatenate(chosen)).astype(np.int64)


def principal_components(
    features: NDArray[np.float32], count: int = COMPONENTS
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the mean (D,) and the first principal components (D, P) of features (N, D).

    P is `count`, or less where there are fewer numbers or faces. The sign of each component is
    such that its largest entry is positive.
    """
    mean = features.mean(axis=0)
    _, _, rows = np.linalg.svd(features - mean, full_matrices=False)
    components = rows[:count].T
    largest = np.abs(components).argmax(axis=0)
    components *= np.sign(components[largest, np.arange(components.shape[1])])
    return mean.astype(np.float32), components.astype(np.float32)


def make_bank(model: LoadedModel, table: FaceTable, *, split: str, seed: int = 0) -> FeatureBank:
    """Return the bank of a network for faces of a prepared cache.

    Args:
        model: the network.
        table: the faces of a split.
        split: its name.
        seed: of the choice of faces and of the maps.

    Raises:
        UsageError: if the network has no features of its own.
    """
    labels = model.card.labels
    classes = evaluation_labels(table, labels)
    rows = choose_rows(classes, seed=seed)
    batches = split_batches(table.select(rows), model, Protocol(labels))
    parts = [answers_and_features(model, b) for b in tqdm(batches, desc=model.name, unit="batch")]
    features = torch.cat([vectors for _, vectors in parts]).numpy()
    mean, components = principal_components(features)
    components = components.astype(np.float16).astype(np.float32)  # as they will be read again
    vectors = ((features - mean) @ components).astype(np.float16).astype(np.float32)
    maps = {"tsne": tsne_map(vectors, seed), "pca": vectors[:, :2]}
    if "umap" in map_kinds():
        maps["umap"] = umap_map(vectors, seed)
    return FeatureBank(
        weights=model.name,
        split=split,
        labels=model.card.label_names,
        classes=classes[rows].astype(np.int64),
        answers=torch.cat([logits for logits, _ in parts]).argmax(dim=1).numpy(),
        mean=mean,
        components=components,
        vectors=vectors,
        maps=maps,
    )


def map_kinds() -> set[str]:
    """Return the kinds of maps that a bank which is made here has: UMAP's needs umap-learn."""
    return {kind for kind in PROJECTIONS if kind != "umap" or importlib.util.find_spec("umap")}


def umap_map(vectors: NDArray[np.float32], seed: int = 0) -> NDArray[np.float32]:
    """Return a UMAP map of features (N, P): (N, 2) float32, by umap-learn."""
    umap = importlib.import_module("umap")
    fitted = umap.UMAP(n_neighbors=UMAP_NEIGHBOURS, random_state=seed, n_jobs=1)
    return np.asarray(fitted.fit_transform(vectors), np.float32)
