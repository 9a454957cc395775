"""Figures of the Explain tab: a curve beside that of a random map, and a bar around zero."""

from html import escape

from ferstudio.explain.faithfulness import Curve

ZERO = 30
"""Where the zero line of a bar stands, in per cent of its width."""


def curve_chart(own: Curve, random: Curve, label: str) -> str:
    """Return two curves of a probability over the share of pixels exchanged, as SVG.

    Both axes run from 0 to 1; the area under the own curve is filled.
    """
    lines = {name: _points(curve) for name, curve in (("random", random), ("own", own))}
    return (
        f'<svg class="curves" viewBox="0 0 100 100" preserveAspectRatio="none" role="img" '
        f'aria-label="{escape(label)}"><polygon points="0,100 {lines["own"]} 100,100"/>'
        f'<polyline class="random" points="{lines["random"]}"/>'
        f'<polyline class="own" points="{lines["own"]}"/></svg>'
    )


def fall_bar(fall: float) -> str:
    """Return a bar to the right of a zero line for a fall in [0, 1], to the left for a rise.

    Falls are the rule and get the larger part; a rise on the same scale ends at the edge.
    """
    width = min((100 - ZERO) * abs(fall), 100 - ZERO if fall >= 0 else ZERO)
    left = ZERO if fall >= 0 else ZERO - width
    kind = "fall" if fall >= 0 else "rise"
    return f'<i class="swing {kind}"><i style="left:{left:.1f}%;width:{width:.1f}%"></i></i>'


def _points(curve: Curve) -> str:
    pairs = zip(curve.shares, curve.probabilities, strict=True)
    return " ".join(f"{100 * x:.1f},{100 - 100 * y:.1f}" for x, y in pairs)
