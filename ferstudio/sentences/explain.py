"""The sentence above an examination: which part of the face the answer hangs on."""

from ferstudio.explain.sensitivity import HALVES, PartEffect, PartSensitivity
from ferstudio.sentences.sentence import Verdict, percent
from ferstudio.studio.examination import Examination

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
