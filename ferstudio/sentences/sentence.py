"""What all sentences are made of: two parts, per cents, nouns of covers and of several models."""

from collections.abc import Sequence
from dataclasses import dataclass

from ferstudio.occlusion.kinds import kind


@dataclass(frozen=True, slots=True)
class Verdict:
    """One sentence in two parts; `str()` gives the whole of it.

    Attributes:
        lead: what was done to the face, ending with a colon.
        outcome: what the models made of it, ending with a full stop; the part to accent.
    """

    lead: str
    outcome: str

    def __str__(self) -> str:
        """Return the whole sentence."""
        return f"{self.lead} {self.outcome}"


def percent(share: float) -> str:
    """Return a share in [0, 1] in whole per cent, never rounding something to nothing."""
    if 0 < share < 0.01:
        return "less than 1 %"
    return f"{round(share * 100)} %"


def short_percent(share: float) -> str:
    """Return what `percent` does in few characters that stay on one line, for labels and tables."""
    return percent(share).replace("less than", "<").replace(" ", "\N{NO-BREAK SPACE}")


def joined(names: Sequence[str], word: str = "and") -> str:
    """Return several names as a sentence lists them: "a, b and c"."""
    *others, last = names
    return f"{', '.join(others)} {word} {last}" if others else last


def on_face(who: str, covered: bool | None) -> str:
    """Return who answers, and to which face where there are two; None where there is one."""
    if covered is None:
        return who
    return f"{'Covered' if covered else 'Uncovered'}, {who}"


def everyone(count: int) -> str:
    """Return how a sentence names all of so many models."""
    if count == 1:
        return "the model"
    return "both models" if count == 2 else f"all {count} models"


def cover_noun(name: str) -> str:
    """Return "the sunglasses" for an occluder whose noun is "Sunglasses" or "A pair of ..."."""
    noun = kind(name).noun
    article, _, rest = noun.partition(" ")
    bare = rest if article in ("A", "An", "The") else noun
    return f"the {bare[:1].lower()}{bare[1:]}"
