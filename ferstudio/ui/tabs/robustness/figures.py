"""Curves of probability over the amount of a cover, as numbers for an SVG chart."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ferstudio.sentences.robustness import told
from ferstudio.studio.sweep import Sweep
from ferstudio.ui.tabs.robustness import words

WIDTH, HEIGHT = 560, 250
LEFT, RIGHT, TOP, BOTTOM = 48, 20, 10, 40
"""Size and margins of the chart, in its own units; it is drawn as wide as its place."""

COLOURS = 6
"""How many models have a colour of their own before colours repeat."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A label of an axis, at `x` or `y` in the chart's units."""

    name: str
    x: float = 0.0
    y: float = 0.0


@dataclass(frozen=True, slots=True)
class Line:
    """One model's curve.

    Attributes:
        points: as SVG.
        flip: x and y of where it changes its mind; None where it holds.
        said: the same in words.
    """

    points: str
    flip: tuple[float, float] | None
    said: str


@dataclass(frozen=True, slots=True)
class Chart:
    """The curves of one occluder's sweeps: x the covered share, or the amount, y 0 to 100 %.

    Attributes:
        axis: what x is.
        rows: the lines across the chart.
        ticks: the marks along x.
        lines: one per model.
        width: of the whole chart.
        height: of the whole chart.
        left: where x begins.
        right: where x ends.
        top: where 100 % is.
        bottom: where 0 % is.
    """

    axis: str
    rows: tuple[Mark, ...]
    ticks: tuple[Mark, ...]
    lines: tuple[Line, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM


def curves(sweeps: Sequence[Sweep]) -> Chart:
    """Return the chart of one occluder's sweeps, one per model."""
    by_share = sweeps[0].by_share
    end = float(sweeps[0].covered[-1]) if by_share else 1.0
    axis = words.SHARE_AXIS if by_share else words.AMOUNT_AXIS
    return Chart(
        axis=words.PICTURE_AXIS if sweeps[0].of_picture else axis,
        rows=tuple(Mark(f"{100 * share:.0f}", y=_y(share)) for share in (0, 0.25, 0.5, 0.75, 1)),
        ticks=tuple(
            Mark(f"{100 * end * part / 4:.0f} %", x=_x(end * part / 4, end)) for part in range(5)
        ),
        lines=tuple(_line(sweep, end) for sweep in sweeps),
    )


def places(sweep: Sweep) -> list[float]:
    """Return where each step of a sweep, the clean face first, stands on the chart's x axis.

    A dashed line, which `robustness.js` moves, marks the step that the film shows.
    """
    values = sweep.covered if sweep.by_share else sweep.levels
    end = float(values[-1])
    return [_x(float(value), end) for value in values]


def _line(sweep: Sweep, end: float) -> Line:
    values = sweep.covered if sweep.by_share else sweep.levels
    pairs = zip(values, sweep.curve, strict=True)
    points = " ".join(f"{_x(float(x), end):.1f},{_y(float(y)):.1f}" for x, y in pairs)
    said = told(sweep)
    if sweep.flip is None:
        return Line(points, None, said)
    where = sweep.flip.share if sweep.by_share else sweep.flip.amount
    height = float(np.interp(sweep.flip.amount, sweep.levels, sweep.curve))
    return Line(points, (_x(where or 0.0, end), _y(height)), said)


def _x(value: float, end: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * (value / end if end else 0.0)


def _y(share: float) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - share)
