"""What a network scores on faces of a split or on labelled photographs, batch by batch."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ferstudio.intervals import wilson_interval
from ferstudio.labels import label_set
from ferstudio.models import LoadedModel
from ferstudio.preprocess import to_tensor
from training.data.photographs import find_photographs, read_photographs
from training.data.table import FaceTable
from training.data.targets import PROTOCOLS, evaluation_labels
from training.engine.distributed import (
    all_reduce_max,
    all_reduce_sum,
)
from training.evaluation.calibration import expected_calibration_error
from training.evaluation.protocols import (
    Protocol,
    batches_of,
    cover_heat,
    cover_heats,
    cover_occluder,
    own_batches,
    split_batches,
)
from training.evaluation.scores import (
    Evaluation,
    class_scores,
    confusion_matrix,
    macro,
)


@dataclass(frozen=True, slots=True)
class _Source:
    """Where judged faces came from, for the record."""

    split: str
    subset: str = ""
    missed: int | None = None


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
    rows = np.flatnonzero(truth >= 0)
    judged = table.select(rows)
    own = own_batches(len(rows))
    heats = cover_heats(model, judged, own) if protocol.by_heat else None
    batches = split_batches(judged, model, protocol, own, heats=heats)
    return _evaluate(model, batches, truth[rows], protocol, _Source(split, subset), device)


def evaluate_photographs(
    model: LoadedModel,
    folder: Path,
    protocol: Protocol,
    *,
    device: torch.device | None = None,
) -> Evaluation:
    """Return what `model` scores on photographs in FOLDER/LABEL/*, cropped as in the studio.

    Raises:
        DataError: if the folder holds no photographs under label names.
    """
    photographs = find_photographs(folder, protocol.labels)
    own = [row for batch in own_batches(len(photographs)) for row in batch]
    crops, _, missed = read_photographs([photographs[i] for i in own])
    if protocol.occlude != "none":
        heats = [cover_heat(model, crop) if protocol.by_heat else None for crop in crops]
        things = [cover_occluder(protocol.occlude, heat) for heat in heats]
        crops = [
            thing.occlude(crop, protocol.amount, np.random.default_rng([protocol.seed, i])).crop
            for i, crop, thing in zip(own, crops, things, strict=True)
        ]
    classes = label_set(protocol.labels)
    truth = np.array([classes.index(name) for _, name in photographs], np.int64)
    batches = (
        torch.cat([to_tensor(crops[i], model.card.input) for i in rows])
        for rows in batches_of(len(crops))
    )
    source = _Source("images", missed=int(all_reduce_sum(torch.tensor(missed))))
    return _evaluate(model, batches, truth, protocol, source, device)


def _evaluate(
    model: LoadedModel,
    batches: Iterator[Tensor],
    truth: NDArray[np.int64],
    protocol: Protocol,
    source: _Source,
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
    )


def _protocol_text(protocol: Protocol, source: _Source) -> str:
    if source.split == "images":
        return "name of the photograph's folder"
    text = PROTOCOLS[protocol.labels]
    return f"{text}; labels of {source.subset} where it gives them" if source.subset else text


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
    with model.exclusive() as module, torch.inference_mode():
        if device is not None:
            module.to(device)
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
        if device is not None:
            module.to("cpu")
    return answers, network_s
