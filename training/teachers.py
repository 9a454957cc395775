"""`python -m training.teachers`: what shipped networks answer on the training faces, to learn from.

Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network", 2015, in its offline form:
the teachers' probabilities are computed once, on aligned faces with nothing on them, averaged over
the teachers and over each face and its mirror image, and written to a file. A recipe that names the
file learns (1 − w) · labels + w · answers, with w its `teacher_weight`.

The teachers have learned these very faces. Their answers there are surer, and more often right,
than on faces they never saw, so they tell less of which emotions are alike than the answers on
fresh faces would. A `teacher_temperature` T above 1 softens them: p^(1/T), scaled to sum to 1,
which is the softmax of log p / T.
"""

import argparse
import io
import sys
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from ferstudio.errors import DataError, FerStudioError, UnknownNameError, UsageError
from ferstudio.files import write_whole
from ferstudio.models import LoadedModel, find_weights, load_weights
from ferstudio.models.weights import read_card
from training.data.table import WEIGHTS_DIR, FaceTable, load_split
from training.data.targets import label_columns
from training.engine.device import pick_device
from training.evaluation.protocols import Protocol, split_batches
from training.recipes import Recipe


@dataclass(frozen=True, slots=True)
class Teacher:
    """What teachers answer on the faces of a table.

    Attributes:
        probabilities: (N, K) float32, each row summing to 1.
        names: (N,) FER+ names of the faces, as in the table.
        labels: label set of the classes.
        weights: names of the teachers' weights.
        sha256: hex digests of each teacher's files, joined by spaces.
    """

    probabilities: NDArray[np.float32]
    names: NDArray[np.str_]
    labels: str
    weights: tuple[str, ...]
    sha256: tuple[str, ...]


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
    """Return (N, K) probabilities of aligned faces, each averaged with its mirror image's."""
    parts = []
    with model.exclusive() as module, torch.inference_mode():
        module.to(device)
        for images in split_batches(table, model, Protocol(labels=model.card.labels)):
            views = (images.to(device), images.flip(3).to(device))
            both = torch.stack([module(view).double().softmax(dim=1) for view in views])
            parts.append(both.mean(dim=0).cpu())
        module.to("cpu")
    return torch.cat(parts).numpy()


def write_teacher(file: Path, teacher: Teacher) -> None:
    """Write a teacher's file, whole or not at all.

    Raises:
        UsageError: if its name isn't that of an .npz file, or it can't be written.
    """
    if file.suffix != ".npz":
        raise UsageError(f"A teacher's file ends in .npz, unlike {file}.")
    content = io.BytesIO()
    np.savez_compressed(
        content,
        probabilities=teacher.probabilities.astype(np.float16),
        names=teacher.names,
        labels=np.array(teacher.labels),
        weights=np.array(teacher.weights),
        sha256=np.array(teacher.sha256),
    )
    try:
        write_whole(file, content.getvalue())
    except OSError as error:
        raise UsageError(f"{file} can't be written: {error.strerror}.") from error


def read_teacher(file: Path, table: FaceTable) -> Teacher:
    """Return the teacher of a file, whose faces must be those of `table`, row by row.

    Raises:
        DataError: if the file is missing or damaged, or was made for other faces.
    """
    try:
        with np.load(file, allow_pickle=False) as stored:
            given, names = stored["probabilities"].astype(np.float32), stored["names"]
            weights, sha256 = stored["weights"].tolist(), stored["sha256"].tolist()
            labels = str(stored["labels"])
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, zlib.error):
        raise DataError(f"{file} is missing or no teacher's file; run training.teachers.") from None
    if len(given) != len(table) or not np.array_equal(names, table.names):
        raise DataError(
            f"{file} was made for {len(given)} other faces than the {len(table)} of this data; run "
            "training.teachers on it."
        )
    given /= given.sum(axis=1, keepdims=True)
    return Teacher(given, names, labels, tuple(weights), tuple(sha256))


def softened(given: NDArray[np.float32], temperature: float) -> NDArray[np.float32]:
    """Return (N, K) softmax(log p / T) of probabilities (N, K)."""
    powers = given ** (1 / temperature)
    return powers / powers.sum(axis=1, keepdims=True)


def taught_targets(
    targets: NDArray[np.float32], table: FaceTable, recipe: Recipe
) -> NDArray[np.float32]:
    """Return targets with the share of the recipe's teacher in them.

    Only the columns of the teacher's label set change, and only on faces which that set teaches.

    Args:
        targets: (N, K) of the faces of `table`.
        table: all training faces.
        recipe: names the teacher and its weight.

    Raises:
        DataError: if the teacher's file isn't of these faces.
        UsageError: if its label set isn't learned.
    """
    teacher = read_teacher(Path(recipe.teacher), table)
    columns = label_columns(recipe).get(teacher.labels)
    if columns is None:
        raise UsageError(
            f"{recipe.teacher} teaches {teacher.labels}, which {recipe.name} doesn't learn."
        )
    own, weight = targets[:, columns], recipe.teacher_weight
    answers = softened(teacher.probabilities, recipe.teacher_temperature)
    mixed = targets.copy()
    mixed[:, columns] = (1 - weight) * own + weight * answers * own.any(axis=1, keepdims=True)
    return mixed


def teacher_folders(names: str, root: Path) -> list[Path]:
    """Return the weights folders below `root` that are named, comma-separated.

    An ensemble's members stand in its place; nobody is asked twice.

    Raises:
        UnknownNameError: if there is no such folder; the message lists the known names.
    """
    known, chosen = find_weights(root), list[str]()
    for name in names.split(","):
        if name not in known:
            raise UnknownNameError("weights folder", name, list(known))
        chosen += read_card(known[name]).members or [name]
    return [root / name for name in dict.fromkeys(chosen)]


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m training.teachers", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--weights", required=True, help="names, comma-separated")
    parser.add_argument("--weights-dir", type=Path, default=WEIGHTS_DIR)
    parser.add_argument("--data", type=Path, required=True, help="folder from training.prepare")
    parser.add_argument("--out", type=Path, required=True, help="the .npz file to write")
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    options = parser.parse_args(arguments)
    try:
        device = pick_device(options.device)
        folders = teacher_folders(options.weights, options.weights_dir)
        table = load_split(options.data, "train")
        teacher = ask([load_weights(folder) for folder in folders], table, device)
        write_teacher(options.out, teacher)
    except FerStudioError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{len(teacher.names)} faces as {' and '.join(teacher.weights)} see them: {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
