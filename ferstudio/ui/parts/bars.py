"""Paired bars of one model's probabilities: the same order, colours and scale in every row."""

from html import escape

from ferstudio.labels import DISPLAY_ORDER, EMOTION_COLOURS
from ferstudio.types import Prediction
from ferstudio.ui import words as text


def percent(share: float) -> str:
    """Return a share in [0, 1] as whole per cent with a no-break space."""
    return f"{round(share * 100)}\N{NO-BREAK SPACE}%"


def paired_bars(title: str, clean: Prediction, covered: Prediction | None) -> str:
    """Return the bars of all emotions as HTML: outline for clean, filled for covered.

    Heights are on one scale from 0 to 100 %. Without `covered` there are outlines alone.
    """
    pairs = [_pair(emotion, clean, covered) for emotion in DISPLAY_ORDER]
    told = "; ".join(_tip(emotion, clean, covered) for emotion in DISPLAY_ORDER)
    return (
        f'<div class="bars" role="img" aria-label="{escape(f"{title}: {told}")}">'
        f"{''.join(pairs)}</div>"
    )


def _pair(emotion: str, clean: Prediction, covered: Prediction | None) -> str:
    bars = _bar("clean", clean.probability_of(emotion))
    if covered is not None:
        bars += _bar("covered", covered.probability_of(emotion))
    return (
        f'<div class="pair" data-emotion="{emotion}" style="--c:{EMOTION_COLOURS[emotion]}" '
        f'title="{escape(_tip(emotion, clean, covered))}">'
        f'<div class="tracks">{bars}</div><span class="tick">{emotion[:3]}</span></div>'
    )


def _bar(kind: str, share: float) -> str:
    return f'<i class="bar {kind}" style="height:{100 * share:.1f}%"></i>'


def _tip(emotion: str, clean: Prediction, covered: Prediction | None) -> str:
    if emotion not in clean.labels:
        return text.unknown_emotion(emotion)
    after = None if covered is None else percent(covered.probability_of(emotion))
    return text.bars_tip(emotion, percent(clean.probability_of(emotion)), after)
