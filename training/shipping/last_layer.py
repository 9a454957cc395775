"""The last layer of written weights: what comes out of it, and how its tensors are changed."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load, save
from torch import Tensor

from ferstudio.errors import WeightsError
from ferstudio.models import LoadedModel
from ferstudio.models.card import WeightsCard, write_card
from training.data.table import FaceTable
from training.evaluation.shown_faces import Protocol, split_batches


def split_logits(model: LoadedModel, table: FaceTable) -> NDArray[np.float64]:
    """Return (N, K) logits of `model` for the bare, aligned faces of `table`."""
    batches = split_batches(table, model, Protocol(labels=model.card.labels))
    with model.exclusive() as module, torch.inference_mode():
        parts = [module(images).double() for images in batches]
    return torch.cat(parts).numpy() if parts else np.empty((0, len(model.card.label_names)))


def change_stored(
    folder: Path, card: WeightsCard, changes: Mapping[str, Callable[[Tensor], Tensor]]
) -> WeightsCard:
    """Change stored tensors of `folder` by name; every other byte of its shards stays.

    What the card says of heatmaps belongs to the old files and is dropped.

    Args:
        folder: of the weights.
        card: the card to write, with the digests of the old files.
        changes: what makes the new tensor of the stored one.

    Returns:
        The card as written, with the digests of the new files.

    Raises:
        WeightsError: if a tensor isn't there; then nothing was changed.
    """
    contents, left = [(folder / file).read_bytes() for file in card.files], set(changes)
    for number, content in enumerate(contents):
        stored = load(content)
        here = left & set(stored)
        if here:
            contents[number] = save(stored | {name: changes[name](stored[name]) for name in here})
            left -= here
    if left:
        raise WeightsError(f"{folder} holds no tensor called {min(left)}.")
    for file, content in zip(card.files, contents, strict=True):
        (folder / file).write_bytes(content)
    digests = tuple(hashlib.sha256(content).hexdigest() for content in contents)
    changed = replace(card, sha256=digests, explanations=())
    write_card(folder, changed)
    return changed
