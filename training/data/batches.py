"""The faces of a training run on its device, and what a network is fed from them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ferstudio.labels import described, label_set
from ferstudio.preprocess import LUMA, normalise
from ferstudio.types import InputSpec
from training.data.alignment import alignment_maps
from training.data.guidance_masks import guidance_masks
from training.data.protocols import evaluation_labels
from training.data.table import FaceTable
from training.data.targets import label_columns, target_distributions, training_rows
from training.data.teacher import read_teacher, taught_targets
from training.recipes import Recipe
from training.recipes.recipe import BOTH

_DATA_NAMES = {
    "ferplus": "FER2013 pictures with FER+ votes",
    BOTH: "FER2013 pictures and labels with FER+ votes",
}


def data_name(labels: str) -> str:
    """Return what a choice of labels makes of the data, in words for the card."""
    return _DATA_NAMES.get(labels) or f"{described(labels).title} pictures and labels"


@dataclass(frozen=True, slots=True)
class DeviceFaces:
    """Faces on the training device.

    Attributes:
        faces: (N, C, S, S) uint8: luma, or RGB.
        to_source: (N, 2, 3) float32 alignment maps.
        targets: (N, K) float32 distributions; with several label sets, one beside the other.
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
    """Return the faces that `recipe` learns from, oversampled ones as often as it says.

    Raises:
        DataError: if the recipe's teacher has no answers for this very table.
    """
    targets = target_distributions(table, recipe)
    rows = training_rows(table, recipe)
    rows = rows[oversampled_rows(targets[rows], recipe)]
    changes = _changes(targets[rows], recipe)
    if recipe.teacher:
        targets = taught_targets(targets, table, recipe)
    guided = recipe.guidance.share > 0
    return _on_device(table.select(rows), targets[rows], changes, recipe, device, guided=guided)


def validation_faces(table: FaceTable, recipe: Recipe, device: torch.device) -> DeviceFaces:
    """Return the faces by which `recipe` is judged; each has one label of each label set.

    With two sets, those that the first one judges; a face that the second one doesn't judge has
    zeros there.
    """
    truth = {labels: evaluation_labels(table, labels) for labels in recipe.label_sets}
    rows = np.flatnonzero(truth[recipe.label_sets[0]] >= 0)
    targets = np.concatenate([one_hot(truth[name][rows], name) for name in truth], axis=1)
    changes = _changes(targets, recipe)
    return _on_device(table.select(rows), targets, changes, recipe, device, guided=False)


def one_hot(truth: NDArray[np.int64], labels: str) -> NDArray[np.float32]:
    """Return (N, K) float32 with 1 at each label (N,) of the set `labels`; zeros for -1."""
    classes = np.arange(len(label_set(labels)))
    return (truth[:, None] == classes).astype(np.float32)


def data_sentence(table: FaceTable, recipe: Recipe) -> str:
    """Return what `recipe` learns from the training split, in words for the card."""
    learned = f"{data_name(recipe.labels)}, training split"
    text = f"{learned}, {len(training_rows(table, recipe))} faces"
    if recipe.start_from:
        text += f"; begun with {recipe.start_from}, which learned from the same split"
    if not recipe.teacher:
        return text
    names = " and ".join(read_teacher(Path(recipe.teacher), table).weights)
    return f"{text}; {100 * recipe.teacher_weight:g} % of each target are the answers of {names}"


def oversampled_rows(targets: NDArray[np.float32], recipe: Recipe) -> NDArray[np.int64]:
    """Return the rows of an epoch: each as often as the recipe wants its most probable emotion.

    Args:
        targets: (N, K) distributions.
        recipe: names the emotions and how often their faces are seen.
    """
    counts = dict(recipe.oversampled)
    times = [counts.get(emotion, 1) for emotion in top_emotions(targets, recipe)]
    return np.repeat(np.arange(len(targets)), times)


def top_emotions(targets: NDArray[np.float32], recipe: Recipe) -> list[str]:
    """Return each face's most probable emotion, by the first label set that teaches it.

    Args:
        targets: (N, K) distributions.
        recipe: whose label sets the columns belong to.
    """
    emotions = np.full(len(targets), "", object)
    for labels, columns in reversed(label_columns(recipe).items()):
        part = targets[:, columns]
        top = np.array(label_set(labels), object)[part.argmax(axis=1)]
        emotions = np.where(part.any(axis=1), top, emotions)
    return list(emotions)


def network_input(crops: Tensor, spec: InputSpec) -> Tensor:
    """Return (N, 3, S, S) normalised, channels-last input of crops in [0, 1].

    Args:
        crops: (N, 1, S, S) luma, or (N, 3, S, S) RGB, which is made grey where the spec wants it.
        spec: the network's input.
    """
    images = normalise(in_colours(crops, spec), spec)
    return images.contiguous(memory_format=torch.channels_last)


def in_colours(crops: Tensor, spec: InputSpec) -> Tensor:
    """Return (N, 3, S, S) crops of luma or RGB as the spec wants their colours."""
    if crops.shape[1] == 3 and spec.grayscale:
        crops = torch.einsum("nchw,c->nhw", crops, crops.new_tensor(LUMA)).unsqueeze(1)
    return crops.expand(-1, 3, -1, -1)


def _changes(targets: NDArray[np.float32], recipe: Recipe) -> NDArray[np.bool_]:
    """Return (N,) bool: whether augmentation changes a face of these targets (N, K)."""
    changing = recipe.augmentation.emotions
    return np.array(
        [not changing or emotion in changing for emotion in top_emotions(targets, recipe)], np.bool_
    )


def _on_device(
    table: FaceTable,
    targets: NDArray[np.float32],
    changes: NDArray[np.bool_],
    recipe: Recipe,
    device: torch.device,
    *,
    guided: bool,
) -> DeviceFaces:
    maps = alignment_maps(table, align=recipe.align, margin_ratio=recipe.input.margin_ratio)
    return DeviceFaces(
        faces=torch.from_numpy(table.planes).to(device),
        to_source=torch.from_numpy(maps).to(device),
        targets=torch.from_numpy(targets).to(device),
        changes=torch.from_numpy(changes).to(device),
        masks=torch.from_numpy(guidance_masks(table, maps)).to(device) if guided else None,
    )
