"""The faces of a training run on its device, and what a network is fed from them."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ferstudio.labels import label_set
from ferstudio.preprocess import normalise
from ferstudio.types import InputSpec
from training.data import FaceTable
from training.guidance import guidance_masks
from training.recipes import Recipe
from training.targets import (
    alignment_maps,
    evaluation_labels,
    target_distributions,
    training_rows,
)


@dataclass(frozen=True, slots=True)
class DeviceFaces:
    """Faces on the training device.

    Attributes:
        faces: (N, 1, 48, 48) uint8.
        to_source: (N, 2, 3) float32 alignment maps.
        targets: (N, K) float32 distributions.
        changes: (N,) bool, whether augmentation changes the face.
        masks: (N, 64, 64) bool guidance masks in the aligned crops; None where nothing is guided.
    """

    faces: Tensor
    to_source: Tensor
    targets: Tensor
    changes: Tensor
    masks: Tensor | None = None

    def __len__(self) -> int:
        """Return the number of faces."""
        return len(self.faces)

    def select(self, rows: Tensor) -> "DeviceFaces":
        """Return the faces of the given rows."""
        return DeviceFaces(
            faces=self.faces[rows],
            to_source=self.to_source[rows],
            targets=self.targets[rows],
            changes=self.changes[rows],
            masks=None if self.masks is None else self.masks[rows],
        )


def training_faces(table: FaceTable, recipe: Recipe, device: torch.device) -> DeviceFaces:
    """Return the faces that `recipe` learns from, oversampled ones as often as it says."""
    table = table.select(training_rows(table, recipe))
    targets = target_distributions(table, recipe)
    rows = oversampled_rows(targets, recipe)
    table, targets = table.select(rows), targets[rows]
    return _on_device(table, targets, recipe, device, guided=recipe.guidance.share > 0)


def validation_faces(table: FaceTable, recipe: Recipe, device: torch.device) -> DeviceFaces:
    """Return the faces by which `recipe` is judged; each has one label."""
    labels = evaluation_labels(table, recipe.labels)
    rows = np.flatnonzero(labels >= 0)
    targets = np.eye(len(label_set(recipe.labels)), dtype=np.float32)[labels[rows]]
    return _on_device(table.select(rows), targets, recipe, device, guided=False)


def oversampled_rows(targets: NDArray[np.float32], recipe: Recipe) -> NDArray[np.int64]:
    """Return the rows of an epoch: each as often as the recipe wants its most probable emotion.

    Args:
        targets: (N, K) distributions.
        recipe: names the emotions and how often their faces are seen.
    """
    times = np.ones(targets.shape[1], np.int64)
    for emotion, count in recipe.oversampled:
        times[label_set(recipe.labels).index(emotion)] = count
    return np.repeat(np.arange(len(targets)), times[targets.argmax(axis=1)])


def network_input(crops: Tensor, spec: InputSpec) -> Tensor:
    """Return (N, 3, S, S) normalised, channels-last input of grey crops (N, 1, S, S) in [0, 1]."""
    images = normalise(crops.expand(-1, 3, -1, -1), spec)
    return images.contiguous(memory_format=torch.channels_last)


def _on_device(
    table: FaceTable,
    targets: NDArray[np.float32],
    recipe: Recipe,
    device: torch.device,
    *,
    guided: bool,
) -> DeviceFaces:
    labels, changing = label_set(recipe.labels), recipe.augmentation.emotions
    changes = np.array([not changing or label in changing for label in labels])
    maps = alignment_maps(table, align=recipe.align, margin_ratio=recipe.input.margin_ratio)
    return DeviceFaces(
        faces=torch.from_numpy(table.images).unsqueeze(1).to(device),
        to_source=torch.from_numpy(maps).to(device),
        targets=torch.from_numpy(targets).to(device),
        changes=torch.from_numpy(changes[targets.argmax(axis=1)]).to(device),
        masks=torch.from_numpy(guidance_masks(table, maps)).to(device) if guided else None,
    )
