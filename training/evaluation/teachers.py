"""What teachers answer on training faces: bare, aligned, averaged with their mirror images."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from ferstudio.errors import UsageError
from ferstudio.models import LoadedModel
from training.data.table import FaceTable
from training.data.teacher import Teacher
from training.engine.device import autocast, on_device
from training.engine.shipped_layer import added_by_balance, temperature_of
from training.evaluation.shown_faces import Protocol, split_batches


def ask(models: Sequence[LoadedModel], table: FaceTable, device: torch.device) -> Teacher:
    """Return what `models` answer on all faces of `table`, on average.

    Raises:
        UsageError: if they have several label sets.
    """
    labels = sorted({model.card.labels for model in models})
    if len(labels) != 1:
        raise UsageError(f"Teachers need one label set in common, not {' and '.join(labels)}.")
    given = np.mean([probabilities(model, table, device) for model in models], axis=0)
    return Teacher(
        probabilities=given.astype(np.float32),
        names=table.names,
        labels=labels[0],
        weights=tuple(model.name for model in models),
        sha256=tuple(" ".join(model.card.sha256) for model in models),
    )


def probabilities(
    model: LoadedModel, table: FaceTable, device: torch.device
) -> NDArray[np.float64]:
    """Return (N, K) probabilities of aligned faces, each averaged with its mirror image's.

    What balance added to rare emotions is taken out: targets to learn from are to be the likeliest.

    In bfloat16 where the device has it: targets to learn from need no more than two places, and the
    answers come in half of the time (ResNet-18 at 96 px 0.39, VGG16-GCCA at 64 px 0.52 of it).
    """
    parts = []
    added = torch.from_numpy(added_by_balance(model.card) / temperature_of(model.card)).to(device)
    with on_device(model, device) as module, torch.inference_mode(), autocast(device):
        for images in split_batches(table, model, Protocol(labels=model.card.labels)):
            views = (images.to(device), images.flip(3).to(device))
            both = torch.stack([(module(view).double() - added).softmax(dim=1) for view in views])
            parts.append(both.mean(dim=0).cpu())
    return torch.cat(parts).numpy()
