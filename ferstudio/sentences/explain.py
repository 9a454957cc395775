"""What an examination says: what the answer hangs on, and whether the heatmap is true."""

from collections.abc import Sequence

from ferstudio.explain.face_parts import HALVES
from ferstudio.explain.faithfulness import AgainstRandom
from ferstudio.explain.randomisation import RandomisedStage
from ferstudio.explain.sensitivity import PartEffect, PartSensitivity
from ferstudio.sentences.sentence import Verdict, joined, on_face, percent
from ferstudio.studio.examination import Examination
from ferstudio.studio.map_truth import MapTruth
from ferstudio.studio.results import NoMap

STAYS_ALIKE = 0.5
"""From this rank correlation on, a map of shuffled weights is called alike."""

NOTABLE_FALL = 0.1
"""From this fall of the probability on, a part of the face is said to matter."""


def deciding_part(parts: PartSensitivity) -> PartEffect | None:
    """Return the part that matters most; None where none does.

    For the network's own answer it is the part without which the answer changes or falls most; for
    another emotion the one without which that emotion's probability changes most, up or down.
    """
    single = [effect for effect in parts.effects if effect.part not in HALVES]
    own = parts.target == parts.prediction.top

    def weight(effect: PartEffect) -> tuple[bool, float]:
        return (effect.flipped, effect.fall) if own else (False, abs(effect.fall))

    first = max(single, key=weight, default=None)
    if first is None:
        return None
    flipped, change = weight(first)
    return first if flipped or change >= NOTABLE_FALL else None


def examination_verdict(found: Examination, covered: bool = False) -> Verdict:
    """Return the sentence above an examination: what the answer hangs on.

    Args:
        found: what is known.
        covered: whether it is the answer to the covered face, where there is one.
    """
    hidden = found.covered if covered else None
    parts = found.parts if hidden is None else hidden.parts
    answer, target = parts.prediction, parts.target
    part = deciding_part(parts)
    who = on_face(found.title, None if found.covered is None else hidden is not None)
    if target != answer.top:
        lead = f"{who} gives {target} {percent(answer.probability_of(target))}:"
        if part is None:
            return Verdict(lead, "no single part of the face changes that much.")
        return Verdict(lead, f"without the {part.part} {percent(part.probability)}.")
    lead = f"{who} says {answer.top}, {percent(answer.confidence)}:"
    if part is None:
        return Verdict(lead, "no single part of the face decides it.")
    if part.flipped:
        return Verdict(lead, f"without the {part.part} it says {part.answer}.")
    return Verdict(lead, f"without the {part.part} only {percent(part.probability)}.")


def no_map_sentence(title: str, why: NoMap) -> str:
    """Return why a method shows nothing of the networks in `title`, and what does."""
    said = f"{why.method} can't show {title}: it needs {why.needs}."
    return f"{said} Choose {joined(why.others, 'or')}." if why.others else said


def empty_map_sentence(found: Examination) -> str:
    """Return what it means that a map is empty."""
    return (
        f"The map is empty: by {found.method}, no place of this face speaks for "
        f"{found.parts.target}. So there is nothing to measure here."
    )


def truth_sentence(method: str, truth: MapTruth) -> str:
    """Return how often a method's maps beat random ones on many faces, and whether that counts.

    Args:
        method: title of the method.
        truth: as measured.
    """
    share, low, high = (percent(each) for each in (truth.share, *truth.ci95))
    found = (
        f"On {truth.n} validation faces {method} beats a random map on {share} ({low} to {high})"
    )
    return f"{found}." if truth.beats_chance else f"{found} only: no better than chance."


def curves_sentence(curves: AgainstRandom) -> str:
    """Return whether this very map beats a random one, and in what."""
    won = {"deletion": curves.deletion_gain > 0, "insertion": curves.insertion_gain > 0}
    if all(won.values()):
        return "This map beats a random one."
    if not any(won.values()):
        return "This map is no better than a random one."
    return f"This map beats a random one in {next(n for n, better in won.items() if better)} only."


def stages_sentence(stages: Sequence[RandomisedStage]) -> str:
    """Return whether the map depends on what was learned, from those of shuffled networks."""
    if stages[-1].heatmap.empty:
        return "Shuffled, the network has no map at all: it takes what was learned to make one."
    if stages[-1].similarity.spearman >= STAYS_ALIKE:
        return "The map hardly changes: it shows the picture more than the network."
    return "The map changes: it depends on what was learned."
