"""Measured results as data: one form for every study, one file for every question.

Each `KIND.ABOUT.json` in this folder is one `Result`, as `docs/results.md` describes it; the
commands of `training` write them, the page and the README read them. What isn't there wasn't
measured.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked

from ferstudio.errors import DataError
from ferstudio.files import write_whole, writes_to

FOLDER = Path(__file__).parent
"""Where shipped results lie."""

Kind = Literal[
    "ablation",
    "class-counts",
    "costs",
    "crossval",
    "curves",
    "evaluation",
    "lambda-search",
    "photographs",
    "stability",
]

QUANTITIES = {
    "accuracy": "share of right answers, in [0, 1]",
    "macro_recall": "mean recall over the labels that occur, in [0, 1]",
    "macro_f1": "mean F1 over the labels that occur, in [0, 1]",
    "train_accuracy": "share of right answers to training faces, in [0, 1]",
    "seeds": "trainings that differ in their seed alone, of whose accuracies the mean is given",
    "sta": "standard deviation of the accuracy over runs, as a share (paper 5, Eq. 9)",
    "loss": "mean loss of training",
    "valid_loss": "mean loss of validation",
    "epoch": "number of the epoch",
    "epochs": "epochs trained",
    "minutes": "of training",
    "island_weight": "λ of the joint loss",
    "separation": "λ1 of the joint loss",
    "parameters": "trained parameters for eight emotions",
    "multiply_adds": "of one RGB picture, for eight emotions",
    "parameters_1000": "trained parameters for 1000 classes, as papers print them",
    "multiply_adds_1000": "of one RGB picture, for 1000 classes",
    "ms": "median milliseconds that a bare forward pass of one picture takes of one core",
    "ms_low": "first quartile of the same",
    "ms_high": "third quartile of the same",
    "train": "faces of the training split",
    "valid": "faces of the validation split",
    "test": "faces of the test split",
    "train_found": "training faces whose landmarks were found",
    "train_balanced": "training faces an epoch after oversampling (paper 3, section 3.1)",
    "weight": "weight of the class in the loss (paper 4, Eq. 2)",
    "missed": "photographs in which no face was found",
}
"""What a row's values may be; accuracies are shares, the page prints them times 100."""

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0)]
Value = Annotated[float, Field(allow_inf_nan=False)]
_STRICT = ConfigDict(extra="forbid")


@checked(config=_STRICT, frozen=True, slots=True)
class Row:
    """One measured row.

    Attributes:
        name: what was measured: a paper's row, weights, "fold-1", "seed-3", an emotion, an epoch.
        n: faces that were judged or counted; of costs, timed runs.
        made_from: what it was measured of: "sha256:..." of weights, or recipe, epochs and seed.
        values: numbers by their names in `QUANTITIES`.
        ci95: 95 % Wilson interval of `values["accuracy"]`; None where there is none.
        confusion: (K, K) counts, rows true labels and columns answers, in the label set's order.
    """

    name: str
    n: Count
    made_from: str
    values: dict[str, Value]
    ci95: tuple[Share, Share] | None = None
    confusion: tuple[tuple[Count, ...], ...] | None = None

    def __post_init__(self) -> None:
        """Refuse unknown quantities, and an accuracy without its interval."""
        if unknown := sorted(self.values.keys() - QUANTITIES.keys()):
            raise ValueError(f"no quantity is called {', '.join(unknown)}")
        if not self.made_from:
            raise ValueError("a row says what it was made from")

    @property
    def accuracy(self) -> float | None:
        """The accuracy in [0, 1]; None where none was measured."""
        return self.values.get("accuracy")


@checked(config=_STRICT, frozen=True, slots=True)
class Result:
    """What one study measured.

    Attributes:
        kind: which study.
        about: what it is about: a family, a recipe, a subset, a data set; part of the file's name.
        labels: label set of emotions and confusions; "" where there are none.
        protocol: which faces count, and by which label or measure.
        data: what was learned from or counted.
        command: what makes it again.
        commit: revision of the code that made its newest rows.
        rows: what was measured, in order.
        note: what a reader has to know.
    """

    kind: Kind
    about: str
    labels: str
    protocol: str
    data: str
    command: str
    commit: str
    rows: tuple[Row, ...]
    note: str = ""

    @property
    def file_name(self) -> str:
        """Name of its file."""
        about = re.sub(r"[^A-Za-z0-9_+]+", "-", self.about).strip("-")
        return f"{self.kind}.{about}.json"

    @property
    def terms(self) -> str:
        """What a reader has to know, and what its trainings learned from: in sentences."""
        return f"{self.note} Learned from {self.data}.".strip()

    def row(self, name: str) -> Row | None:
        """Return the row called `name`, None where it wasn't measured."""
        return next((row for row in self.rows if row.name == name), None)


_ADAPTER: TypeAdapter[Result] = TypeAdapter(Result)


@dataclass(frozen=True, slots=True)
class Results:
    """All results of a folder.

    Attributes:
        all: each of them, by kind and what it is about.
    """

    all: dict[tuple[str, str], Result] = field(default_factory=dict)

    def find(self, kind: Kind, about: str) -> Result | None:
        """Return one result, None where it wasn't measured."""
        return self.all.get((kind, about))

    def variants(self, kind: Kind, about: str) -> tuple[Result, ...]:
        """Return the results of one kind about the same, on whatever data: the plain one first.

        Args:
            kind: which study.
            about: what they are about, before a space and what tells them apart.
        """
        return tuple(each for each in self.of(kind) if each.about.partition(" ")[0] == about)

    def of(self, kind: Kind) -> tuple[Result, ...]:
        """Return all results of one kind, by what they are about."""
        return tuple(result for (each, _), result in sorted(self.all.items()) if each == kind)


def read_result(file: Path) -> Result:
    """Return the result in a file.

    Raises:
        DataError: if it can't be read or isn't of the form; the sentence says where.
    """
    try:
        return _ADAPTER.validate_json(file.read_bytes())
    except OSError as error:
        raise DataError(f"{file} can't be read: {error.strerror}.") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the whole"
        raise DataError(f"{file} is no result: {where}: {first['msg']}.") from None


def read_results(folder: Path = FOLDER) -> Results:
    """Return all results of a folder; one that is missing has none.

    A file without rows measured nothing, and is passed over.

    Raises:
        DataError: if a file isn't of the form.
    """
    found = [read_result(file) for file in sorted(folder.glob("*.json"))]
    return Results({(each.kind, each.about): each for each in found if each.rows})


def write_result(result: Result, folder: Path = FOLDER) -> Path:
    """Write a result whole or not at all and return its file; an older one is replaced.

    Raises:
        UsageError: if it can't be written.
    """
    file = folder / result.file_name
    text = json.dumps(asdict(result), indent=1, ensure_ascii=False)
    with writes_to(folder):
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(file, f"{_on_lines(text)}\n".encode())
    return file


def merged(older: Result | None, newer: Result) -> Result:
    """Return the newer result with the rows of the older one that it doesn't measure anew.

    None is kept of one that was measured by another protocol or command.
    """
    same = ("protocol", "command", "labels", "data")
    if older is None or any(getattr(older, name) != getattr(newer, name) for name in same):
        return newer
    names = {row.name for row in newer.rows}
    kept = [row for row in older.rows if row.name not in names]
    rows: Iterable[Row] = sorted([*kept, *newer.rows], key=lambda row: row.name)
    return Result(**{**{name: getattr(newer, name) for name in _FIELDS}, "rows": tuple(rows)})


_FIELDS = ("kind", "about", "labels", "protocol", "data", "command", "commit", "note")


def _on_lines(text: str) -> str:
    """Return JSON with lists of numbers on one line each, as a matrix reads best."""
    inner = re.compile(r"\[\s+((?:-?[\d.e+-]+,\s+)*-?[\d.e+-]+)\s+\]")
    return inner.sub(lambda found: "[" + re.sub(r"\s+", " ", found[1]) + "]", text)
