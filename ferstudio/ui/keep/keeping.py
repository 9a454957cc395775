"""What a tab gives to be kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from ferstudio.keep.numbers import Row
from ferstudio.ui.dispatch import Question

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True)
class Keeping:
    """What a tab shows, to be taken away.

    Attributes:
        figure: the sheet of it.
        rows: its numbers.
    """

    figure: "Figure"
    rows: Sequence[Row]


@runtime_checkable
class Keeps(Protocol):
    """A tab whose answer can be kept; one without this method keeps nothing."""

    def keeping(self, question: Question) -> Keeping:
        """Return what it shows; the studio remembers what it answered."""
        ...
