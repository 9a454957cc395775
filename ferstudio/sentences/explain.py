"""What an examination says: what the answer hangs on, and whether the heatmap is true."""

from collections.abc import Sequence

from ferstudio.explain.face_parts import HALVES
from ferstudio.explain.faithfulness import AgainstRandom
from ferstudio.explain.randomisation import RandomisedStage
from ferstudio.explain.sensitivity import PartEffect, PartSensitivity
from ferstudio.sentences.sentence import Verdict, percent
from ferstudio.studio.examination import Examination
from ferstudio.studio.map_truth import MapTruth

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


def examination_verdict(found: Examination) -> Verdict:
    """Return the sentence above an examination: what the answer hangs on."""
    answer, target = found.prediction, found.parts.target
    part = deciding_part(found.parts)
    if target != answer.top:
        lead = f"{found.title} gives {target} {percent(answer.probability_of(target))}:"
        if part is None:
            return Verdict(lead, "no single part of the face changes that much.")
        return Verdict(lead, f"without the {part.part} {percent(part.probability)}.")
    lead = f"{found.title} says {answer.top}, {percent(answer.confidence)}:"
    if part is None:
        return Verdict(lead, "no single part of the face decides it.")
    if part.flipped:
        return Verdict(lead, f"without the {part.part} it says {part.answer}.")
    return Verdict(lead, f"without the {part.part} only {percent(part.probability)}.")


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
    if stages[-1].similarity.spearman >= STAYS_ALIKE:
        return "The map hardly changes: it shows the picture more than the network."
    return "The map changes: it depends on what was learned."
