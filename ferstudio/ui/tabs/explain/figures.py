"""Figures of the Explain tab: a curve beside that of a random map, and a bar around zero."""

from dataclasses import dataclass

from ferstudio.explain.faithfulness import Curve

ZERO = 30
"""Where the zero line of a bar stands, in per cent of its width."""


@dataclass(frozen=True, slots=True)
class Swing:
    """A bar around a zero line.

    Attributes:
        kind: "fall" to the right of the line, "rise" to the left.
        left: where it begins, in per cent of the width.
        width: how wide it is, in per cent.
    """

    kind: str
    left: float
    width: float


def curve_points(curve: Curve) -> str:
    """Return a curve of a probability over the share of pixels exchanged, as SVG points.

    Both axes run from 0 to 1 over a square of 100 units.
    """
    pairs = zip(curve.shares, curve.probabilities, strict=True)
    return " ".join(f"{100 * x:.1f},{100 - 100 * y:.1f}" for x, y in pairs)


def swing(fall: float) -> Swing:
    """Return a bar to the right of a zero line for a fall in [0, 1], to the left for a rise.

    Falls are the rule and get the larger part; a rise on the same scale ends at the edge.
    """
    width = min((100 - ZERO) * abs(fall), 100 - ZERO if fall >= 0 else ZERO)
    left = ZERO if fall >= 0 else ZERO - width
    return Swing("fall" if fall >= 0 else "rise", left, width)
