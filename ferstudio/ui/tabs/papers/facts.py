"""What the views are filled with: results, cards, and the pictures that were computed so far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from markupsafe import Markup

from ferstudio.intervals import with_interval
from ferstudio.labels import LABEL_SETS
from ferstudio.results import Kind, Result, Results, Row
from ferstudio.studio.results import ModelSummary
from ferstudio.studio.scores import Scores, scores
from ferstudio.ui.tabs.papers import words


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table.

    Attributes:
        text: what it shows.
        tip: its tooltip.
        missing: whether it says that there is nothing.
    """

    text: str
    tip: str = ""
    missing: bool = False


NOT_MEASURED = Cell(words.NOT_MEASURED, words.NOT_MEASURED_TIP, missing=True)
NOT_TRAINED = Cell(words.NOT_TRAINED, words.NOT_MEASURED_TIP, missing=True)


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a view.

    Attributes:
        head: names of its columns.
        rows: the cells of each row by the row's name.
        note: what stands below it; may be empty.
    """

    head: Sequence[str]
    rows: Sequence[tuple[str, Sequence[Cell]]]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What there is to show.

    Attributes:
        results: all measured results.
        models: the trained networks.
        pictures: HTML of the pictures by their names, as far as they are computed.
    """

    results: Results
    models: Sequence[ModelSummary]
    pictures: Mapping[str, Markup] = field(default_factory=lambda: MappingProxyType({}))

    def trained(self, network: str, *first: str) -> dict[str, ModelSummary]:
        """Return the weights of a network by their label sets, those of `first` before others."""
        found = {
            labels: self.model(f"{network}.{labels}") for labels in (*first, *sorted(LABEL_SETS))
        }
        return {labels: model for labels, model in found.items() if model is not None}

    def weights(self, network: str, *first: str) -> ModelSummary | None:
        """Return the first of `trained`, FER+ before others; None where there are none."""
        return next(iter(self.trained(network, *first, "ferplus").values()), None)

    def title(self, name: str) -> str:
        """Return what people call weights: their network's title; the name where none is known."""
        model = self.model(name)
        return name if model is None else model.title

    def model(self, name: str) -> ModelSummary | None:
        """Return trained weights by their name, None where there are none."""
        return next((each for each in self.models if each.name == name), None)

    def scores(self, network: str, labels: str = "ferplus") -> Scores | None:
        """Return what the card of a network says, None where it isn't trained on that data."""
        found = self.model(f"{network}.{labels}")
        return None if found is None else scores(found)

    def row(self, kind: Kind, about: str, name: str) -> tuple[Result, Row] | None:
        """Return a measured row with its study, None where it wasn't measured."""
        found = self.results.find(kind, about)
        row = None if found is None else found.row(name)
        return None if found is None or row is None else (found, row)

    def on_list(self, network: str, subset: str) -> Cell:
        """Return a network's accuracy on a list of validation faces: from its card, or a result."""
        model = self.model(f"{network}.ferplus")
        if model is None:
            return NOT_TRAINED
        for metric in model.metrics:
            if metric.get("subset") == f"{subset}.csv" and metric["occlude"] == "none":
                return accuracy_cell(metric, f"card of {model.name}")
        return self.measured("evaluation", f"ferplus valid {subset}", model.name)

    def measured(self, kind: Kind, about: str, name: str) -> Cell:
        """Return the accuracy of a measured row, or that it wasn't measured."""
        return self.measured_in(self.results.find(kind, about), name)

    def measured_in(self, result: Result | None, name: str) -> Cell:
        """Return the accuracy of a study's row, or that it wasn't measured."""
        row = None if result is None else result.row(name)
        if result is None or row is None or row.accuracy is None:
            return NOT_MEASURED
        return self.accuracy_of(result, row)

    def accuracy_of(self, result: Result, row: Row) -> Cell:
        """Return the accuracy of a measured row, which says so if it is of earlier weights."""
        values = {"accuracy": row.values["accuracy"], "ci95": row.ci95, "n": row.n}
        cell = accuracy_cell(values, words.made_by(result.command, row.made_from))
        return replace(cell, text=f"{cell.text}, {words.STALE}") if self.replaced(row) else cell

    def replaced(self, row: Row) -> bool:
        """Return whether a row was measured of weights that others have replaced since."""
        now = [each.digest for each in self.models if each.name == row.name and each.digest]
        return row.made_from.startswith("sha256:") and now not in ([], [row.made_from[7:]])


def accuracy_cell(values: Mapping[str, Any], tip: str) -> Cell:
    """Return an accuracy with its interval, n in the tooltip.

    Args:
        values: "accuracy" in [0, 1], "ci95" or None, "n".
        tip: where it is from.
    """
    ci95 = values["ci95"]
    share = values["accuracy"]
    text = f"{100 * share:.2f}" if ci95 is None else with_interval(share, ci95)
    return Cell(text, f"{words.counted(values['n'])}; {tip}")
