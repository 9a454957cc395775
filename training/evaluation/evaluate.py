"""What a network scores on faces of a split or on labelled photographs, batch by batch."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ferstudio.distributed import all_reduce_sum
from ferstudio.intervals import wilson_interval
from ferstudio.labels import label_set
from ferstudio.models import LoadedModel
from ferstudio.preprocess import to_tensor
from ferstudio.types import FaceCrop
from training.data.photographs import find_photographs, read_photographs
from training.data.protocols import evaluation_labels, judged_rows, protocol_of
from training.data.rephotograph import rephotographed_crops
from training.data.table import FaceTable
from training.engine.device import on_device
from training.engine.distributed import all_reduce_max
from training.evaluation.calibration import expected_calibration_error
from training.evaluation.scores import Evaluation, class_scores, confusion_matrix, macro
from training.evaluation.shown_faces import (
    Protocol,
    batches_of,
    cover_heat,
    cover_heats,
    cover_occluder,
    own_batches,
    split_batches,
)

CHOSEN = "chosen at random"
"""Stands in the protocol of an evaluation of some of the faces."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """Faces that were found in pictures and cropped as in the studio, with their labels.

    Attributes:
        crops: those of the batches that this process judges, in their order.
        truth: (N,) label indices of all faces.
        split: split of the cache, or "images".
        missed: in how many of all pictures no face was found.
        subset: name of the subset, for the record.
    """

    crops: Sequence[FaceCrop]
    truth: NDArray[np.int64]
    split: str
    missed: int
    subset: str = ""


@dataclass(frozen=True, slots=True)
class _Source:
    """Where judged faces came from, for the record."""

    split: str
    subset: str = ""
    missed: int | None = None


def labelled_photographs(folder: Path, labels: str) -> Pictures:
    """Return the photographs in FOLDER/LABEL/*, labelled by their folders.

    Raises:
        DataError: if the folder holds no photographs under label names.
    """
    photographs = find_photographs(folder, labels)
    crops, _, missed = read_photographs([photographs[i] for i in _own_rows(len(photographs))])
    classes = label_set(labels)
    truth = np.array([classes.index(name) for _, name in photographs], np.int64)
    return Pictures(crops, truth, "images", _of_all_processes(missed))


def rephotographed_faces(
    table: FaceTable,
    protocol: Protocol,
    *,
    split: str,
    subset: str = "",
    truth: NDArray[np.int64] | None = None,
) -> Pictures:
    """Return faces of a prepared cache, photographed anew (`training.data.rephotograph`).

    Args:
        table: the whole split: a face's row says how its picture looks.
        protocol: how the faces are shown and judged; covers come later.
        split: name of the split, for the record.
        subset: name of the subset, for the record.
        truth: (N,) labels, -1 for faces not judged; the protocol's own where None.
    """
    truth = evaluation_labels(table, protocol.labels) if truth is None else truth
    rows = judged_rows(truth, protocol.limit, protocol.seed)
    own = [int(rows[i]) for i in _own_rows(len(rows))]
    changes = protocol.rephotograph or ()
    crops, missed = rephotographed_crops(table.images, own, seed=protocol.seed, changes=changes)
    return Pictures(crops, truth[rows], split, _of_all_processes(missed), subset)


def evaluate_split(
    model: LoadedModel,
    table: FaceTable,
    protocol: Protocol,
    *,
    split: str,
    subset: str = "",
    truth: NDArray[np.int64] | None = None,
    device: torch.device | None = None,
) -> Evaluation:
    """Return what `model` scores on faces of a prepared cache.

    Args:
        model: loaded weights.
        table: the faces.
        protocol: how they are shown and judged.
        split: name of the split, for the record.
        subset: name of the subset, for the record.
        truth: (N,) labels, -1 for faces not judged; the protocol's own where None.
        device: where to compute; the CPU where None.
    """
    truth = evaluation_labels(table, protocol.labels) if truth is None else truth
    rows = judged_rows(truth, protocol.limit, protocol.seed)
    judged = table.select(rows)
    own = own_batches(len(rows))
    heats = cover_heats(model, judged, own) if protocol.by_heat else None
    batches = split_batches(judged, model, protocol, own, heats=heats)
    return _evaluate(model, batches, truth[rows], protocol, _Source(split, subset), device=device)


def evaluate_pictures(
    model: LoadedModel,
    pictures: Pictures,
    protocol: Protocol,
    *,
    device: torch.device | None = None,
) -> Evaluation:
    """Return what `model` scores on faces that were found in pictures."""
    crops = pictures.crops
    if protocol.occlude != "none":
        heats = [cover_heat(model, crop) if protocol.by_heat else None for crop in crops]
        things = [cover_occluder(protocol.occlude, heat) for heat in heats]
        crops = [
            thing.occlude(crop, protocol.amount, np.random.default_rng([protocol.seed, i])).crop
            for i, crop, thing in zip(_own_rows(len(pictures.truth)), crops, things, strict=True)
        ]
    batches = (
        torch.cat([to_tensor(crops[i], model.card.input) for i in rows])
        for rows in batches_of(len(crops))
    )
    source = _Source(pictures.split, pictures.subset, pictures.missed)
    return _evaluate(model, batches, pictures.truth, protocol, source, device=device)


def _own_rows(count: int) -> list[int]:
    """Return the rows that this process judges, of `count` faces."""
    return [row for batch in own_batches(count) for row in batch]


def _of_all_processes(count: int) -> int:
    return int(all_reduce_sum(torch.tensor(count)))


def _evaluate(
    model: LoadedModel,
    batches: Iterator[Tensor],
    truth: NDArray[np.int64],
    protocol: Protocol,
    source: _Source,
    *,
    device: torch.device | None,
) -> Evaluation:
    start = time.perf_counter()
    classes = label_set(protocol.labels)
    parts, network_s = _answers(model, batches, classes, protocol.tta, device)
    answers, confidences = np.zeros(len(truth), np.int64), np.zeros(len(truth))
    for rows, (given, sure) in zip(own_batches(len(truth)), parts, strict=True):
        answers[rows.start : rows.stop] = given
        confidences[rows.start : rows.stop] = sure
    answers = all_reduce_sum(torch.from_numpy(answers)).numpy()
    confidences = all_reduce_sum(torch.from_numpy(confidences)).numpy()
    confusion = confusion_matrix(truth, answers, len(classes))
    per_class = class_scores(confusion, classes)
    n, correct = len(truth), int(np.trace(confusion))
    return Evaluation(
        weights=model.name,
        labels=protocol.labels,
        protocol=_protocol_text(protocol, source),
        split=source.split,
        subset=source.subset,
        occlude=protocol.occlude,
        amount=protocol.amount if protocol.occlude != "none" else 0.0,
        tta=protocol.tta,
        mapped=model.card.labels != protocol.labels,
        n=n,
        correct=correct,
        accuracy=correct / max(1, n),
        ci95=wilson_interval(correct, n),
        macro_recall=macro(per_class, "recall"),
        macro_f1=macro(per_class, "f1"),
        per_class=per_class,
        confusion=confusion.tolist(),
        seed=protocol.seed,
        elapsed_s=round(time.perf_counter() - start, 3),
        images_per_s=round(n / max(1e-9, all_reduce_max(network_s)), 1),
        missed=source.missed,
        ece=expected_calibration_error(confidences, answers == truth),
        rephotographed=protocol.rephotograph,
    )


def _protocol_text(protocol: Protocol, source: _Source) -> str:
    if source.split == "images":
        return "name of the photograph's folder"
    text = protocol_of(protocol.labels)
    if source.subset:
        text += f"; labels of {source.subset} where it gives them"
    if protocol.limit is not None:
        text += f"; at most {protocol.limit} faces, {CHOSEN}"
    if protocol.rephotograph is not None:
        changes = ", ".join(("scale", "place", *protocol.rephotograph))
        text += f"; rephotographed ({changes}), found and cropped as in the studio"
    return text


def _answers(
    model: LoadedModel,
    batches: Iterator[Tensor],
    classes: tuple[str, ...],
    tta: bool,
    device: torch.device | None,
) -> tuple[list[tuple[NDArray[np.int64], NDArray[np.float64]]], float]:
    """Return the answers to each batch with their probabilities, and the network's seconds.

    An answer's probability is that among all the network's own labels.
    """
    own = model.card.label_names
    shared = [name for name in own if name in classes]
    columns = torch.tensor([own.index(name) for name in shared])
    meaning = torch.tensor([classes.index(name) for name in shared])
    answers, network_s = [], 0.0
    with on_device(model, device) as module, torch.inference_mode():
        for batch in batches:
            images = batch.to(device).contiguous(memory_format=torch.channels_last)
            begun = time.perf_counter()
            logits = module(images)
            if tta:
                logits = (logits.softmax(dim=1) + module(images.flip(3)).softmax(dim=1)).log()
            probabilities = logits.cpu().double().softmax(dim=1)[:, columns]
            sure, best = probabilities.max(dim=1)
            answers.append((meaning[best].numpy(), sure.numpy()))
            network_s += time.perf_counter() - begun
    return answers, network_s
