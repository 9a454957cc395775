"""A network's features of many validation faces, stored beside its weights: no pictures.

`features.safetensors` in a weights folder holds, for N faces, their features reduced to P numbers
by principal components (float16), their labels, the network's answers, and maps of them in the
plane. With the components (D, P) a new face is put among them. The file names the weights that it
is of by their checksums, so that it can't outlive them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from ferstudio.errors import WeightsError
from ferstudio.files import write_whole
from ferstudio.models.card import WeightsCard, weights_digest
from ferstudio.models.lfs_pointer import check_is_fetched

BANK_FILE = "features.safetensors"
_MAP = "map:"


@dataclass(frozen=True, slots=True, eq=False)
class FeatureBank:
    """What a network made of N faces, and maps of it.

    Attributes:
        weights: name of the weights.
        split: split of the data that the faces are from.
        labels: emotion names; what `classes` and `answers` count.
        classes: (N,) int64, the faces' labels.
        answers: (N,) int64, what the network answered.
        mean: (D,) float32 mean of the features.
        components: (D, P) float32, orthonormal columns: the principal components.
        vectors: (N, P) float32, the faces' features along them.
        maps: places in the plane by name of the projection, (N, 2) float32 each.
    """

    weights: str
    split: str
    labels: tuple[str, ...]
    classes: NDArray[np.int64]
    answers: NDArray[np.int64]
    mean: NDArray[np.float32]
    components: NDArray[np.float32]
    vectors: NDArray[np.float32]
    maps: Mapping[str, NDArray[np.float32]]

    def reduced(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return features (n, D) along the bank's components: (n, P) float32."""
        return np.asarray((features - self.mean) @ self.components, np.float32)


def write_bank(folder: Path, card: WeightsCard, bank: FeatureBank) -> None:
    """Write a bank into the folder of the weights that it is of, whole or not at all."""
    tensors = {
        "classes": bank.classes.astype(np.uint8),
        "answers": bank.answers.astype(np.uint8),
        "mean": bank.mean.astype(np.float32),
        "components": bank.components.astype(np.float16),
        "vectors": bank.vectors.astype(np.float16),
    }
    tensors |= {_MAP + name: places.astype(np.float32) for name, places in bank.maps.items()}
    about = {
        "weights": weights_digest(folder, card),
        "split": bank.split,
        "labels": json.dumps(bank.labels),
    }
    contiguous = {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}
    write_whole(folder / BANK_FILE, save(contiguous, about))


def read_bank(folder: Path, card: WeightsCard) -> FeatureBank | None:
    """Return the bank of a weights folder; None where it has none.

    Raises:
        WeightsError: if it is damaged or wasn't fetched, or is of other weights than the card's.
    """
    file = folder / BANK_FILE
    if not file.is_file():
        return None
    try:
        check_is_fetched(file)
        with safe_open(file, framework="np") as stored:
            about = stored.metadata() or {}
            tensors = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118
        if about.get("weights") != weights_digest(folder, card):
            raise WeightsError(
                f"{file} is of other weights than those beside it; make it again with "
                f"python -m training.features --weights {card.name}."
            )
        return _bank(card, about, tensors)
    except (SafetensorError, OSError, KeyError, ValueError) as error:
        raise WeightsError(f"{file} is damaged ({error}); make or fetch it again.") from error


def _bank(
    card: WeightsCard, about: Mapping[str, str], tensors: Mapping[str, NDArray[np.generic]]
) -> FeatureBank:
    bank = FeatureBank(
        weights=card.name,
        split=about["split"],
        labels=tuple(json.loads(about["labels"])),
        classes=tensors["classes"].astype(np.int64),
        answers=tensors["answers"].astype(np.int64),
        mean=tensors["mean"].astype(np.float32),
        components=tensors["components"].astype(np.float32),
        vectors=tensors["vectors"].astype(np.float32),
        maps=MappingProxyType(
            {
                name.removeprefix(_MAP): places.astype(np.float32)
                for name, places in sorted(tensors.items())
                if name.startswith(_MAP)
            }
        ),
    )
    count, width = bank.vectors.shape
    shapes = [bank.classes.shape == bank.answers.shape == (count,)]
    shapes += [bank.components.shape == (*bank.mean.shape, width)]
    shapes += [places.shape == (count, 2) for places in bank.maps.values()]
    if not all(shapes):
        raise ValueError("its tensors don't fit one another")
    return bank
