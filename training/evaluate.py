"""`python -m training.evaluate`: what shipped weights score, with n, protocol and interval.

`torchrun --nproc-per-node N -m training.evaluate` shares the batches out to N processes. The
batches are those of one process, so its counts are, too.
"""

import argparse
import csv
import math
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ferstudio.errors import DataError, FerStudioError, UnknownNameError, UsageError
from ferstudio.intervals import wilson_interval
from ferstudio.labels import label_set
from ferstudio.models import LoadedModel, find_weights, load_weights
from ferstudio.occlusion import occluder
from ferstudio.occlusion.guided import HEAT
from ferstudio.preprocess import to_tensor
from training.data.photographs import find_photographs, read_photographs
from training.data.table import SPLITS, WEIGHTS_DIR, FaceTable, load_split
from training.data.targets import PROTOCOLS, evaluation_labels
from training.engine.distributed import (
    all_reduce_max,
    all_reduce_sum,
    is_main_process,
    process_group,
)
from training.evaluation.protocols import (
    Protocol,
    batches_of,
    cover_thing,
    guiding_heat,
    guiding_heats,
    own_batches,
    split_batches,
)
from training.evaluation.scores import (
    Evaluation,
    class_scores,
    confusion_matrix,
    macro,
    table_text,
    write_json,
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
    heats = guiding_heats(model, judged, own) if protocol.occlude in HEAT else None
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
        guided = protocol.occlude in HEAT
        heats = [guiding_heat(model, crop) if guided else None for crop in crops]
        things = [cover_thing(protocol.occlude, heat) for heat in heats]
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


def read_subset(file: Path, table: FaceTable, labels: str) -> NDArray[np.int64]:
    """Return (N,) labels of the faces that a subset file names, -1 for all others.

    The file has the header `name,label` (label optional); `name` as in FER+'s CSV, `label` an
    index in the label set. Without labels the protocol's own count.

    Raises:
        DataError: naming the line, for a malformed row or a name that the split lacks.
    """
    own = evaluation_labels(table, labels)
    row_of = {name: row for row, name in enumerate(table.names) if name}
    truth = np.full(len(table), -1, np.int64)
    try:
        with file.open(newline="", encoding="utf-8") as stream:
            reader = csv.reader(stream)
            header = [cell.strip() for cell in next(reader, [])]
            if header not in (["name"], ["name", "label"]):
                raise DataError(f"{file} should start with the header name,label or name.")
            for cells in reader:
                line = f"{file}, line {reader.line_num}"
                if len(cells) != len(header):
                    raise DataError(f"{line}: {len(cells)} columns where {len(header)} are needed.")
                if cells[0] not in row_of:
                    raise DataError(f"{line}: the split has no face named {cells[0]!r}.")
                row = row_of[cells[0]]
                truth[row] = own[row]
                if len(cells) == 2 and cells[1].strip():
                    if cells[1].strip() not in {str(i) for i in range(len(label_set(labels)))}:
                        raise DataError(f"{line}: {cells[1]!r} is no index of {labels}.")
                    truth[row] = int(cells[1])
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{file} can't be read: {error}.") from error
    return truth


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
    answers = np.zeros(len(truth), np.int64)
    for rows, part in zip(own_batches(len(truth)), parts, strict=True):
        answers[rows.start : rows.stop] = part
    answers = all_reduce_sum(torch.from_numpy(answers)).numpy()
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
) -> tuple[list[NDArray[np.int64]], float]:
    """Return the answers to each batch, and the seconds that the network took."""
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
            answers.append(meaning[logits.cpu()[:, columns].argmax(dim=1)].numpy())
            network_s += time.perf_counter() - begun
        if device is not None:
            module.to("cpu")
    return answers, network_s


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m training.evaluate", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--weights", required=True, help="names, comma-separated, or all")
    parser.add_argument("--weights-dir", type=Path, default=WEIGHTS_DIR)
    parser.add_argument("--data", type=Path, help="folder from training.prepare")
    parser.add_argument("--split", choices=SPLITS, default="valid")
    parser.add_argument("--images", type=Path, help="photographs in DIR/<label>/* instead")
    parser.add_argument("--labels", default="ferplus", help="ferplus or fer2013")
    parser.add_argument("--subset", type=Path, help="CSV with the header name,label")
    parser.add_argument("--occlude", default="none", help="occluders, comma-separated")
    parser.add_argument("--amount", default="1", help="severities in [0, 1], comma-separated")
    parser.add_argument("--tta", action="store_true", help="average with the mirrored face")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    parser.add_argument("--json", type=Path, help="write the results to this file")
    options = parser.parse_args(arguments)
    try:
        with process_group(options.device) as device:
            evaluations = list(_run(options, device))
            if is_main_process():
                print(table_text(evaluations))
            if options.json:
                write_json(options.json, [row.to_json() for row in evaluations])
    except FerStudioError as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{options.json} can't be written: {error.strerror}.", file=sys.stderr)
        return 2
    return 0


def _run(options: argparse.Namespace, device: torch.device) -> Iterator[Evaluation]:
    label_set(options.labels)
    occluders = options.occlude.split(",")
    for name in occluders:
        if name not in ("none", *HEAT):
            occluder(name)
    amounts = _amounts(options.amount)
    covers = [(name, a) for name in occluders for a in (amounts if name != "none" else amounts[:1])]
    if (options.data is None) == (options.images is None):
        raise UsageError("Give either --data (a prepared cache) or --images (photographs).")
    folders = chosen_weights(options.weights, options.weights_dir)
    table, truth = None, None
    if options.data is not None:
        table = load_split(options.data, options.split)
        if options.subset:
            truth = read_subset(options.subset, table, options.labels)
    for folder in folders:
        model = load_weights(folder)
        for name, amount in covers:
            protocol = Protocol(options.labels, name, amount, options.tta, options.seed)
            if table is None:
                yield evaluate_photographs(model, options.images, protocol, device=device)
            else:
                yield evaluate_split(
                    model,
                    table,
                    protocol,
                    split=options.split,
                    subset=options.subset.name if options.subset else "",
                    truth=truth,
                    device=device,
                )


def _amounts(text: str) -> list[float]:
    try:
        amounts = [float(part) for part in text.split(",")]
    except ValueError:
        amounts = [math.nan]
    if not all(0 <= amount <= 1 for amount in amounts):
        raise UsageError(f"--amount must be numbers in [0, 1], not {text}.")
    return amounts


def chosen_weights(names: str, root: Path) -> list[Path]:
    """Return the weights folders below `root` that are named, comma-separated, or "all".

    Raises:
        UnknownNameError: if one doesn't exist; the message lists the known names.
        UsageError: if there are none at all.
    """
    known = find_weights(root)
    if names == "all":
        if not known:
            raise UsageError(f"{root} holds no weights yet; train some and export them.")
        return list(known.values())
    for name in names.split(","):
        if name not in known:
            raise UnknownNameError("weights folder", name, list(known))
    return [known[name] for name in names.split(",")]


if __name__ == "__main__":
    sys.exit(main())
