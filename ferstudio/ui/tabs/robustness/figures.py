"""Curves of probability over the amount of a cover, as SVG."""

from collections.abc import Sequence
from html import escape

import numpy as np

from ferstudio.studio.sweep import Sweep
from ferstudio.ui.tabs.robustness import words as text_robustness

WIDTH, HEIGHT = 560, 250
LEFT, RIGHT, TOP, BOTTOM = 34, 20, 10, 40
"""Size and margins of the chart, in its own units; it is drawn as wide as its place."""

COLOURS = 6
"""How many models have a colour of their own before colours repeat."""


def curves(sweeps: Sequence[Sweep]) -> str:
    """Return the curves of one occluder's sweeps: x the covered share, or the amount, y 0 to 100 %.

    A dashed line marks the step that `robustness.js` shows; its places are in the film's pictures.
    """
    by_share = sweeps[0].by_share
    end = float(sweeps[0].covered[-1]) if by_share else 1.0
    lines = "".join(_line(sweep, index, end) for index, sweep in enumerate(sweeps))
    axis = text_robustness.SHARE_AXIS if by_share else text_robustness.AMOUNT_AXIS
    axis = text_robustness.PICTURE_AXIS if sweeps[0].of_picture else axis
    return (
        f'<svg class="sweep" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(text_robustness.CURVES_TIP)}">{_grid(end)}{lines}'
        f'<line class="now" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>'
        f'<text x="{(LEFT + WIDTH) / 2:.0f}" y="{HEIGHT - 4}" text-anchor="middle">{axis}</text>'
        "</svg>"
    )


def places(sweep: Sweep) -> list[float]:
    """Return where each step of a sweep, the clean face first, stands on the chart's x axis."""
    values = sweep.covered if sweep.by_share else sweep.levels
    end = float(values[-1])
    return [_x(float(value), end) for value in values]


def _line(sweep: Sweep, index: int, end: float) -> str:
    values = sweep.covered if sweep.by_share else sweep.levels
    pairs = zip(values, sweep.curve, strict=True)
    points = " ".join(f"{_x(float(x), end):.1f},{_y(float(y)):.1f}" for x, y in pairs)
    colour = f"var(--model-{index % COLOURS})"
    line = f'<polyline points="{points}" style="stroke:{colour}"/>'
    if sweep.flip is None:
        return line
    where = sweep.flip.share if sweep.by_share else sweep.flip.amount
    height = float(np.interp(sweep.flip.amount, sweep.levels, sweep.curve))
    return (
        f'{line}<circle cx="{_x(where or 0.0, end):.1f}" cy="{_y(height):.1f}" r="5.5" '
        f'style="stroke:{colour}"/>'
    )


def _grid(end: float) -> str:
    rows = "".join(
        f'<path d="M{LEFT} {_y(share):.1f}H{WIDTH - RIGHT}"/><text x="{LEFT - 6}" '
        f'y="{_y(share) + 4:.1f}" text-anchor="end">{100 * share:.0f}</text>'
        for share in (0, 0.25, 0.5, 0.75, 1)
    )
    ticks = "".join(
        f'<text x="{_x(end * part / 4, end):.1f}" y="{HEIGHT - BOTTOM + 17}" '
        f'text-anchor="middle">{100 * end * part / 4:.0f} %</text>'
        for part in range(5)
    )
    return rows + ticks


def _x(value: float, end: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * (value / end if end else 0.0)


def _y(share: float) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - share)
