"""`python -m training.evaluate`: what shipped weights score, with n, protocol and interval.

`torchrun --nproc-per-node N -m training.evaluate` shares the batches out to N processes. The
batches are those of one process, so its counts are, too.
"""

import argparse
import csv
import json
import math
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ferstudio.errors import DataError, FerStudioError, UnknownNameError, UsageError
from ferstudio.explain import explainer
from ferstudio.files import write_whole
from ferstudio.intervals import wilson_interval
from ferstudio.labels import label_set
from ferstudio.models import LoadedModel, find_weights, load_weights
from ferstudio.occlusion import Occluder, occluder
from ferstudio.occlusion.guided import HEAT, heat_occluder
from ferstudio.preprocess import normalise, sample_faces, to_tensor
from ferstudio.types import FaceCrop
from training.crops import face_crops
from training.data import SPLITS, WEIGHTS_DIR, FaceTable, load_split
from training.distributed import is_main, largest, process_group, rank, summed, world_size
from training.occlude import aligned_landmarks, cover, draw_overlay
from training.photographs import find_photographs, read_photographs
from training.targets import PROTOCOLS, alignment_maps, evaluation_labels

BATCH = 256

GUIDE = "grad-cam"
"""The heatmap method that guides covers by heat."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What one network scored under one protocol. Shares and accuracies are in [0, 1].

    Attributes:
        weights: name of the weights.
        labels: label set of the true labels.
        protocol: how the true labels come about.
        split: split of the cache, or "images".
        subset: the subset file's name, empty for the whole split.
        occlude: occluder, or "none"; one of `HEAT` is guided by the network's own Grad-CAM.
        amount: its severity.
        tta: whether logits were averaged with those of the mirrored face.
        mapped: whether the network has another label set, compared by the names both share.
        n: faces judged.
        correct: faces answered right.
        accuracy: correct / n.
        ci95: 95 % Wilson interval of the accuracy.
        macro_recall: mean recall over the labels that occur.
        macro_f1: mean F1 over the labels that occur.
        per_class: per label its n, recall, precision and f1 (None where undefined).
        confusion: rows are true labels, columns answers, in the order of `labels`.
        seed: of everything random in the occluder.
        elapsed_s: seconds for the whole.
        images_per_s: faces per second of network time.
        missed: photographs in which no face was found; None for a split.
    """

    weights: str
    labels: str
    protocol: str
    split: str
    subset: str
    occlude: str
    amount: float
    tta: bool
    mapped: bool
    n: int
    correct: int
    accuracy: float
    ci95: tuple[float, float]
    macro_recall: float
    macro_f1: float
    per_class: dict[str, dict[str, float | int | None]]
    confusion: list[list[int]]
    seed: int
    elapsed_s: float
    images_per_s: float
    missed: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the evaluation as JSON values; `missed` only where photographs were judged."""
        raw = asdict(self)
        if self.missed is None:
            del raw["missed"]
        return raw


@dataclass(frozen=True, slots=True)
class Protocol:
    """How faces are shown and judged.

    Attributes:
        labels: label set of the true labels.
        occlude: occluder, or "none"; one of `HEAT` is guided by the network's own Grad-CAM.
        amount: its severity in [0, 1].
        tta: whether to average with the mirrored face.
        seed: of everything random in the occluder.
    """

    labels: str = "ferplus"
    occlude: str = "none"
    amount: float = 1.0
    tta: bool = False
    seed: int = 0


@dataclass(frozen=True, slots=True)
class _Source:
    """Where judged faces came from, for the record."""

    split: str
    subset: str = ""
    missed: int | None = None


def confusion_matrix(
    truth: NDArray[np.int64], answers: NDArray[np.int64], classes: int
) -> NDArray[np.int64]:
    """Return (K, K) counts: rows are true labels, columns answers."""
    counts = np.bincount(truth * classes + answers, minlength=classes * classes)
    return counts.reshape(classes, classes)


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
    own = _own_starts(len(rows))
    heats = _heats(model, judged, own) if protocol.occlude in HEAT else None
    batches = split_batches(judged, model, protocol, own, heats=heats)
    return _evaluate(model, batches, truth[rows], protocol, _Source(split, subset), device)


def _heats(
    model: LoadedModel, table: FaceTable, starts: Iterable[int]
) -> dict[int, NDArray[np.float32]]:
    """Return by row where the network looked on the bare faces of some batches: (S, S) each."""
    rows = [row for start in starts for row in range(start, min(start + BATCH, len(table)))]
    crops = face_crops(table.select(np.array(rows, np.int64)), model.card.input)
    return {row: _heat(model, crop) for row, crop in zip(rows, crops, strict=True)}


def _heat(model: LoadedModel, crop: FaceCrop) -> NDArray[np.float32]:
    """Return where the network looked on a bare face, for its own answer, as (S, S) heat."""
    method = explainer(GUIDE)
    if not method.supports(model):
        raise UsageError(f"{model.name} has no layer whose {method.title} could guide a cover.")
    return method.explain(model, crop).heatmaps[0].values


def split_batches(
    table: FaceTable,
    model: LoadedModel,
    protocol: Protocol,
    starts: Iterable[int] | None = None,
    *,
    heats: Mapping[int, NDArray[np.float32]] | None = None,
) -> Iterator[Tensor]:
    """Yield the network's input (N, 3, S, S) for the faces of `table`, batch by batch.

    Args:
        table: the faces.
        model: whose input it is.
        protocol: how the faces are shown.
        starts: first rows of the batches; all of them where None.
        heats: by row the heatmap that guides a cover by heat; for such covers only.
    """
    spec = model.card.input
    faces = torch.from_numpy(table.images).unsqueeze(1)
    maps = torch.from_numpy(alignment_maps(table, margin_ratio=spec.margin_ratio))
    for start in range(0, len(table), BATCH) if starts is None else starts:
        stop = min(start + BATCH, len(table))
        crops = sample_faces(faces[start:stop].float() / 255, maps[start:stop], spec.size)
        if protocol.occlude != "none" and protocol.amount > 0:
            pictures = (crops[:, 0] * 255).round().byte().numpy()  # (n, S, S)
            overlays = [
                draw_overlay(
                    _thing(protocol.occlude, None if heats is None else heats[row]),
                    aligned_landmarks(table, row, spec.size, spec.margin_ratio),
                    protocol.amount,
                    np.random.default_rng([protocol.seed, row]),
                    spec.size,
                    face=picture,
                )
                for row, picture in zip(range(start, stop), pictures, strict=True)
            ]
            crops = cover(crops, torch.from_numpy(np.stack(overlays)).float() / 255)
        yield normalise(crops.expand(-1, 3, -1, -1), spec)


def _thing(name: str, heat: NDArray[np.float32] | None) -> Occluder:
    return occluder(name) if heat is None else heat_occluder(name, heat)


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
    count = len(photographs)
    own = [i for start in _own_starts(count) for i in range(start, min(start + BATCH, count))]
    crops, _, missed = read_photographs([photographs[i] for i in own])
    if protocol.occlude != "none":
        guided = protocol.occlude in HEAT
        heats = [_heat(model, crop) if guided else None for crop in crops]
        things = [_thing(protocol.occlude, heat) for heat in heats]
        crops = [
            thing.occlude(crop, protocol.amount, np.random.default_rng([protocol.seed, i])).crop
            for i, crop, thing in zip(own, crops, things, strict=True)
        ]
    classes = label_set(protocol.labels)
    truth = np.array([classes.index(name) for _, name in photographs], np.int64)
    batches = (
        torch.cat([to_tensor(crop, model.card.input) for crop in crops[i : i + BATCH]])
        for i in range(0, len(crops), BATCH)
    )
    source = _Source("images", missed=int(summed(torch.tensor(missed))))
    return _evaluate(model, batches, truth, protocol, source, device)


def _own_starts(count: int) -> range:
    """Return the first rows of the batches that this process judges, of `count` faces."""
    return range(0, count, BATCH)[rank() :: world_size()]


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
    for row, part in zip(_own_starts(len(truth)), parts, strict=True):
        answers[row : row + len(part)] = part
    answers = summed(torch.from_numpy(answers)).numpy()
    confusion = confusion_matrix(truth, answers, len(classes))
    per_class = {name: _class_scores(confusion, i) for i, name in enumerate(classes)}
    present = [scores for scores in per_class.values() if scores["n"]]
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
        macro_recall=_mean([scores["recall"] for scores in present]),
        macro_f1=_mean([scores["f1"] for scores in present]),
        per_class=per_class,
        confusion=confusion.tolist(),
        seed=protocol.seed,
        elapsed_s=round(time.perf_counter() - start, 3),
        images_per_s=round(n / max(1e-9, largest(network_s)), 1),
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


def _class_scores(confusion: NDArray[np.int64], index: int) -> dict[str, float | int | None]:
    hits = int(confusion[index, index])
    n, answered = int(confusion[index].sum()), int(confusion[:, index].sum())
    return {
        "n": n,
        "recall": hits / n if n else None,
        "precision": hits / answered if answered else None,
        "f1": 2 * hits / (n + answered) if n + answered else None,
    }


def _mean(values: Sequence[float | int | None]) -> float:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else 0.0


def table_text(evaluations: Sequence[Evaluation]) -> str:
    """Return the evaluations as a table people can read, one line each."""
    head = ("weights", "on", "n", "accuracy", "95 % interval", "macro recall", "macro F1")
    shape = "{:28} {:26} {:>5} {:>9} {:>16} {:>12} {:>8}"
    lines = [shape.format(*head)]
    for row in evaluations:
        shown = f"{row.split} {row.subset}".strip()
        shown += f" {row.occlude}:{row.amount:g}" if row.occlude != "none" else ""
        low, high = row.ci95
        accuracy, recall = f"{100 * row.accuracy:.2f} %", f"{100 * row.macro_recall:.2f} %"
        interval = f"{100 * low:.2f} to {100 * high:.2f}"
        cells = (row.weights, shown, row.n, accuracy, interval, recall, f"{row.macro_f1:.3f}")
        lines.append(shape.format(*cells))
        if row.missed:
            lines.append(f"  no face found in {row.missed}: the centred square was used there")
    return "\n".join(lines)


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
            if is_main():
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


def write_json(file: Path, content: object) -> None:
    """Write JSON, whole or not at all; of several processes the main one does."""
    if is_main():
        write_whole(file, (json.dumps(content, indent=1) + "\n").encode())


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
