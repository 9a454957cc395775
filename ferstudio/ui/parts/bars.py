"""Paired bars of a model's probabilities: the same order, colours and scale everywhere."""

from dataclasses import dataclass

from markupsafe import Markup

from ferstudio.labels import DISPLAY_ORDER, EMOTION_COLOURS
from ferstudio.sentences.sentence import short_percent
from ferstudio.types import Prediction
from ferstudio.ui import words
from ferstudio.ui.templates import render


@dataclass(frozen=True, slots=True)
class Pair:
    """One emotion's two bars.

    Attributes:
        emotion: its name.
        colour: its colour, as CSS.
        tip: the tooltip.
        clean: height of the outline, a share in [0, 1].
        covered: height of the filled bar; None for the outline alone.
    """

    emotion: str
    colour: str
    tip: str
    clean: float
    covered: float | None


def paired_bars(title: str, clean: Prediction, covered: Prediction | None) -> Markup:
    """Return the bars of all emotions as HTML: outline for clean, filled for covered.

    Heights are on one scale from 0 to 100 %. Without `covered` there are outlines alone.
    """
    pairs = [
        Pair(
            emotion,
            EMOTION_COLOURS[emotion],
            _tip(emotion, clean, covered),
            clean.probability_of(emotion),
            None if covered is None else covered.probability_of(emotion),
        )
        for emotion in DISPLAY_ORDER
    ]
    label = f"{title}: {'; '.join(pair.tip for pair in pairs)}"
    return render("parts/paired_bars.html", pairs=pairs, label=label)


def _tip(emotion: str, clean: Prediction, covered: Prediction | None) -> str:
    if emotion not in clean.labels:
        return words.unknown_emotion(emotion)
    after = None if covered is None else short_percent(covered.probability_of(emotion))
    return words.bars_tip(emotion, short_percent(clean.probability_of(emotion)), after)
