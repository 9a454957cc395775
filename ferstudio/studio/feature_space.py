"""A network's feature space: the map of its bank, and a face's way through it as it is covered."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from ferstudio.errors import UnknownNameError, WeightsError
from ferstudio.features import (
    FeatureBank,
    Projection,
    neighbours,
    projection,
    purity,
    read_bank,
    usual_distance,
)
from ferstudio.features import silhouette as silhouette_of
from ferstudio.models import LoadedModel, model_entry, prediction_from_logits
from ferstudio.models.card import read_card
from ferstudio.models.inference import answers_and_features
from ferstudio.preprocess import to_tensor
from ferstudio.studio.cache import LimitedCache
from ferstudio.studio.covers import Covers
from ferstudio.studio.selection import Selection
from ferstudio.types import FaceCrop, Prediction

KINDS = ("tsne", "pca", "umap")
"""Projections by name, in menu order."""

STEPS = 9
"""Pictures on a face's way from clean to wholly covered."""

KEPT = 8
"""Banks, and maps, that stay in memory."""


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One picture on the way.

    Attributes:
        amount: severity of the cover in [0, 1].
        share: share of the face's oval that is covered, in [0, 1].
        place: (2,) float32, where it stands in the map.
        prediction: the network's answer.
        near: rows of the bank's faces nearest to it, the nearest first.
        away: how far it is from those, as a multiple of `features.usual_distance`: above 1 it is
            further than 99 in 100 of the bank's faces are from theirs.
    """

    amount: float
    share: float
    place: NDArray[np.float32]
    prediction: Prediction
    near: NDArray[np.int64]
    away: float


@dataclass(frozen=True, slots=True, eq=False)
class FeatureSpace:
    """A map and a face's way through it.

    Attributes:
        name: name of the weights.
        title: the network's title.
        kind: name of the projection.
        bank: the faces of the map.
        places: (N, 2) float32, where they stand.
        steps: the face, clean first and covered last; the clean one alone without a cover.
        silhouette: of the bank's features, in [-1, 1] (see `ferstudio.features.silhouette`).
        purity: of the bank's features, in [0, 1] (see `ferstudio.features.purity`).
        elapsed_s: seconds for the face, without loading the map.
    """

    name: str
    title: str
    kind: str
    bank: FeatureBank
    places: NDArray[np.float32]
    steps: tuple[Step, ...]
    silhouette: float
    purity: float
    elapsed_s: float

    def shown_by(self, rows: NDArray[np.int64]) -> tuple[str, int]:
        """Return the emotion that most faces of some rows show, and how many do."""
        counts = np.bincount(self.bank.classes[rows], minlength=len(self.bank.labels))
        return self.bank.labels[int(counts.argmax())], int(counts.max())


@dataclass(frozen=True, slots=True, eq=False)
class FeatureMap:
    """A map of a network's features without any visitor's face.

    Attributes:
        title: the network's title.
        bank: the faces of the map.
        places: (N, 2) float32, where they stand.
        silhouette: as in `FeatureSpace`.
    """

    title: str
    bank: FeatureBank
    places: NDArray[np.float32]
    silhouette: float


def feature_map(folder: Path, kind: str = "tsne") -> FeatureMap:
    """Return the map that lies beside a network's weights; the network isn't loaded.

    Args:
        folder: of the weights.
        kind: name of the projection.

    Raises:
        WeightsError: if the weights have no bank, or one that isn't theirs.
        UnknownNameError: if the bank has no such map.
    """
    card = read_card(folder)
    bank = read_bank(folder, card)
    if bank is None:
        raise WeightsError(_no_bank(card.name))
    if kind not in bank.maps:
        raise UnknownNameError("projection", kind, list(bank.maps))
    return FeatureMap(model_entry(card.model).title, bank, bank.maps[kind], silhouette_of(bank))


@dataclass(frozen=True, slots=True, eq=False)
class _Judged:
    """A bank and how well it keeps the emotions apart."""

    bank: FeatureBank
    silhouette: float
    purity: float
    usual_distance: float


def way(selection: Selection, covers: Covers, model: str) -> list[tuple[float, float, FaceCrop]]:
    """Return a face on its way from clean to wholly covered: amount, covered share and crop.

    The clean face alone where nothing covers it.

    Args:
        selection: face, cover and heatmap method; its amount doesn't count.
        covers: covers the face.
        model: full name of the weights whose heat places the cover, where heat does.

    Raises:
        UnknownNameError: if the cover doesn't exist.
        UsageError: if it is a layer that isn't there.
    """
    clean = (0.0, 0.0, selection.crop)
    if selection.cover.bare:
        return [clean]
    amounts = np.linspace(0, 1, STEPS)[1:].tolist()
    hidden = zip(amounts, covers.way(selection, amounts, model), strict=True)
    return [clean, *((amount, each.share, each.crop) for amount, each in hidden)]


class FeatureMaps:
    """The maps of trained networks: each is made ready once, the last few are kept."""

    def __init__(self) -> None:
        """Begin without any."""
        self._banks: LimitedCache[str, _Judged] = LimitedCache(KEPT, lambda _: 1)
        self._maps: LimitedCache[tuple[str, str], Projection] = LimitedCache(KEPT, lambda _: 1)

    def space(
        self,
        model: LoadedModel,
        folder: Path,
        pictures: Sequence[tuple[float, float, FaceCrop]],
        kind: str = "tsne",
    ) -> FeatureSpace:
        """Return a network's map with a face in it.

        Args:
            model: the network.
            folder: its weights' folder, which holds the bank.
            pictures: amount, covered share and crop of each step, the clean face first.
            kind: name of the projection.

        Raises:
            WeightsError: if the weights have no bank, or one that isn't theirs.
            UnknownNameError: if the bank has no such map.
        """
        ready, chart = self._ready(model, folder, kind)
        started = time.perf_counter()
        batch = torch.cat([to_tensor(crop, model.card.input) for _, _, crop in pictures])
        logits, features = answers_and_features(model, batch)
        vectors = ready.bank.reduced(features.numpy())  # (T, P)
        steps = []
        for (amount, share, _), place, row, vector in zip(
            pictures, chart.place(vectors), logits, vectors, strict=True
        ):
            prediction = prediction_from_logits(row, model.card.label_names)
            near, distances = neighbours(ready.bank, vector)
            away = float(distances.mean()) / max(ready.usual_distance, 1e-9)
            steps.append(Step(amount, share, place, prediction, near, away))
        return FeatureSpace(
            name=model.name,
            title=model.title,
            kind=kind,
            bank=ready.bank,
            places=ready.bank.maps[kind],
            steps=tuple(steps),
            silhouette=ready.silhouette,
            purity=ready.purity,
            elapsed_s=time.perf_counter() - started,
        )

    def _ready(self, model: LoadedModel, folder: Path, kind: str) -> tuple[_Judged, Projection]:
        key = " ".join(model.card.sha256)
        judged = self._banks.get(key, lambda: _judged(model, folder))
        return judged, self._maps.get((key, kind), lambda: projection(judged.bank, kind))


def _judged(model: LoadedModel, folder: Path) -> _Judged:
    if not model.entry.feature_layer:
        advice = "one of its members" if model.card.members else "another network"
        raise WeightsError(f"{model.title} has no features of its own; choose {advice}.")
    bank = read_bank(folder, model.card)
    if bank is None:
        raise WeightsError(_no_bank(model.name))
    return _Judged(bank, silhouette_of(bank), purity(bank), usual_distance(bank))


def _no_bank(name: str) -> str:
    return (
        f"{name} has no bank of features; make it with "
        f"python -m training.features --weights {name}."
    )
