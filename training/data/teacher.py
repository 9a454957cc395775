"""What shipped networks answer on the training faces, to learn from.

Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network", 2015, in its offline form:
the teachers' probabilities are computed once, on aligned faces with nothing on them, averaged over
the teachers and over each face and its mirror image, and written to a file. A recipe that names the
file learns (1 − w) · labels + w · answers, with w its `teacher_weight`.

The teachers have learned these very faces. Their answers there are surer, and more often right,
than on faces they never saw, so they tell less of which emotions are alike than the answers on
fresh faces would. A `teacher_temperature` T above 1 softens them: p^(1/T), scaled to sum to 1,
which is the softmax of log p / T.
"""

import io
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ferstudio.errors import DataError, UsageError
from ferstudio.files import write_whole, writes_to
from training.data.table import FaceTable
from training.data.targets import label_columns
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
    with writes_to(file):
        write_whole(file, content.getvalue())


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
