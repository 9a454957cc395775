"""A table of a paper as it is printed: every number of a paper is typed once, in its own file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

Cell = float | int | str | None


@dataclass(frozen=True, slots=True)
class Printed:
    """A table of a paper, or numbers that its text or a figure prints.

    Attributes:
        source: paper and table or section.
        columns: what the numbers are.
        rows: them by what the paper calls the row, one for each column; None where it prints none.
        digits: digits behind the point.
        note: what a reader has to know; may be empty.
    """

    source: str
    columns: tuple[str, ...]
    rows: Mapping[str, tuple[Cell, ...]]
    digits: int = 2
    note: str = ""

    def __post_init__(self) -> None:
        """Refuse a row with more or fewer numbers than there are columns."""
        for name, values in self.rows.items():
            if len(values) != len(self.columns):
                raise ValueError(f"{self.source}, {name}: {len(values)} of {len(self.columns)}")

    def value(self, row: str, column: str) -> float:
        """Return one of its numbers.

        Raises:
            KeyError: if it prints no such number.
        """
        found = self.rows[row][self.columns.index(column)]
        if not isinstance(found, float | int):
            raise KeyError(f"{self.source} prints no number for {row}, {column}")
        return float(found)

    def text(self, value: Cell) -> str:
        """Return one of its cells as it is printed, "–" where there is none."""
        if value is None:
            return "–"
        return f"{value:,}" if isinstance(value, int) else _decimal(value, self.digits)


@dataclass(frozen=True, slots=True)
class Paper:
    """What a paper prints.

    Attributes:
        authors: as it is cited here.
        tables: its tables and numbers by where they stand, as "Table 3".
    """

    authors: str
    tables: Mapping[str, Printed] = field(default_factory=lambda: MappingProxyType({}))


def _decimal(value: float | str, digits: int) -> str:
    return value if isinstance(value, str) else f"{value:.{digits}f}"
