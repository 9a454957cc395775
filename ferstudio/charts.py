"""Plotly figures from the studio's results: no gradio, no torch. Pure functions.

The page says how high they are (`page.css`), and how large they speak (`charts.js`): no part of a
figure has a size of type of its own.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from ferstudio.labels import DISPLAY_ORDER, EMOTION_COLOURS
from ferstudio.studio.feature_space import FeatureSpace, Step
from ferstudio.studio.scores import Scores

INK, PAPER = "#1f2330", "#ffffff"
"""Lines and words, and what lies behind words. The page's stylesheet gives those of a dark page."""

QUIET, GRID, ACCENT = "#8b8fa0", "rgba(128,128,128,0.25)", "#b5532d"
COST_PLOT_PX, LETTER_PX, FAR_PX = (580, 210), 8, 10_000
"""About how far apart the outermost points of the chart of costs stand where it is narrowest, and
how wide a letter is: labels that keep apart there do so on wider charts; and what is far beyond."""

ROUNDS = 4
"""So often each label of that chart looks for a better side."""

CLEAN_SYMBOL, COVERED_SYMBOL = "circle", "circle-open"
COST_MARKER = {"color": ACCENT, "size": 12, "line": {"color": ACCENT, "width": 2.5}}
CLEAN_KEY, COVERED_KEY = "clean", "mean under four full-size bars"
_Box = tuple[float, float, float, float]
FONT = "Inter, -apple-system, Segoe UI, Roboto, Helvetica Neue, Arial, sans-serif"


def feature_chart(space: FeatureSpace) -> go.Figure:
    """Return a map of a network's features: its bank by emotion, and the face's way through it."""
    figure = go.Figure([*_emotions(space), _way(space.steps)])
    figure.update_layout(
        margin={"l": 4, "r": 4, "t": 4, "b": 4},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": FONT, "size": 14, "color": INK},
        legend={"orientation": "h", "y": -0.02, "itemsizing": "constant"},
        hoverlabel={"font": {"family": FONT}},
        dragmode="pan",
    )
    ends = [(space.steps[0], "this face"), (space.steps[-1], "covered")]
    for step, words in ends[: len(space.steps)]:
        figure.add_annotation(
            x=float(step.place[0]),
            y=float(step.place[1]),
            text=words,
            yshift=12,
            yanchor="bottom",
            showarrow=False,
            bgcolor=PAPER,
            opacity=0.9,
            font={"color": INK},
        )
    # equal units: distances across and down the map can be compared
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False, scaleanchor="x", scaleratio=1)
    return figure


def cost_chart(all_scores: Sequence[Scores], seconds: Mapping[str, float]) -> go.Figure:
    """Return accuracy, clean and under the four masks, against size, or time where all were timed.

    Args:
        all_scores: what each card says.
        seconds: time of a bare forward pass by weights.
    """
    shown = [
        (each, each.clean)
        for each in all_scores
        if each.clean is not None and each.model.size_bytes is not None
    ]
    timed = bool(shown) and all(each.model.name in seconds for each, _ in shown)
    costs = [
        1000 * seconds[each.model.name] if timed else (each.model.size_bytes or 0) / 1e6
        for each, _ in shown
    ]
    keys = ((CLEAN_KEY, CLEAN_SYMBOL), (COVERED_KEY, COVERED_SYMBOL))
    figure = go.Figure([_key(name, symbol) for name, symbol in keys])
    heights_of = [
        [100 * (clean.accuracy - drop) for drop in (0.0, each.mean_drop) if drop is not None]
        for each, clean in shown
    ]
    points = [(cost, heights[0]) for cost, heights in zip(costs, heights_of, strict=True)]
    others = [(c, heights[1]) for c, heights in zip(costs, heights_of, strict=True) if heights[1:]]
    sides = label_sides(points, [each.model.title for each, _ in shown], others)
    for (each, _), cost, heights, side in zip(shown, costs, heights_of, sides, strict=True):
        figure.add_scatter(
            x=[cost] * len(heights),
            y=heights,
            mode="lines+markers+text",
            line={"color": QUIET, "width": 1.5},
            marker={"symbol": [CLEAN_SYMBOL, COVERED_SYMBOL], **COST_MARKER},
            text=[each.model.title, ""],
            textposition=side,
            hovertemplate="%{y:.1f} %<extra>" + each.model.name + "</extra>",
            showlegend=False,
            cliponaxis=False,
        )
    figure.update_layout(
        margin={"l": 56, "r": 16, "t": 36, "b": 48},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": FONT, "size": 14, "color": INK},
    )
    words = "milliseconds a picture" if timed else "megabytes on disk"
    figure.update_xaxes(title=words, gridcolor=GRID, zeroline=False, rangemode="tozero")
    figure.update_yaxes(title="accuracy, %", gridcolor=GRID, zeroline=False)
    return figure


def label_sides(
    points: Sequence[tuple[float, float]],
    labels: Sequence[str],
    others: Sequence[tuple[float, float]] = (),
) -> list[str]:
    """Return at which side of its point each label stands, so that few lie over one another.

    One after the other takes the side at which it touches the fewest points, lines and labels, a
    few times over, for those that come later may have left room.

    Args:
        points: x and y of each point, in the chart's units.
        labels: one per point.
        others: points without a label; a line joins one with a point of the same x.

    Returns:
        Plotly's `textposition` of each.
    """
    if not points:
        return []
    all_points = np.array([*points, *others], float)
    spans = np.array([all_points[:, 0].max(), np.ptp(all_points[:, 1])])  # x begins at 0
    at = (all_points * COST_PLOT_PX / np.maximum(spans, 1e-9)).tolist()
    walls: list[_Box] = [(-FAR_PX, -FAR_PX, 0, FAR_PX), (COST_PLOT_PX[0], -FAR_PX, FAR_PX, FAR_PX)]
    labelled, bare = at[: len(points)], at[len(points) :]
    drawn = [*walls, *((x - 8, y - 8, x + 8, y + 8) for x, y in at)]
    drawn += [
        (x - 8, min(y, other_y), x + 8, max(y, other_y))
        for x, y in labelled
        for other_x, other_y in bare
        if other_x == x
    ]
    offered = [
        label_boxes((x, y), LETTER_PX * len(label))
        for (x, y), label in zip(labelled, labels, strict=True)
    ]
    sides: dict[int, str] = {}
    for index in [*range(len(offered))] * ROUNDS:
        taken = [*drawn, *(offered[n][side] for n, side in sides.items() if n != index)]
        costs = {
            side: sum(_overlap(box, each) for each in taken) for side, box in offered[index].items()
        }
        sides[index] = min(costs, key=lambda side: costs[side])
    return [sides[index] for index in range(len(offered))]


def label_boxes(point: tuple[float, float], width: float) -> dict[str, _Box]:
    """Return where a label of some width lies beside its point, by Plotly's names for that.

    Args:
        point: x and y in pixels, y upward.
        width: of the label, in pixels.

    Returns:
        Left, bottom, right and top of each place.
    """
    x, y = point
    return {
        "top center": (x - width / 2, y + 8, x + width / 2, y + 24),
        "bottom center": (x - width / 2, y - 24, x + width / 2, y - 8),
        "middle right": (x + 8, y - 8, x + 8 + width, y + 8),
        "middle left": (x - 8 - width, y - 8, x - 8, y + 8),
        "top right": (x + 8, y + 8, x + 8 + width, y + 24),
        "top left": (x - 8 - width, y + 8, x - 8, y + 24),
        "bottom right": (x + 8, y - 24, x + 8 + width, y - 8),
        "bottom left": (x - 8 - width, y - 24, x - 8, y - 8),
    }


def _overlap(one: _Box, other: _Box) -> float:
    """Return the area that two boxes share, each given as left, bottom, right and top."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(width, 0.0) * max(height, 0.0)


def _key(name: str, symbol: str) -> go.Scatter:
    """Return an entry of the legend that has no points of its own."""
    marker = {"symbol": symbol, **COST_MARKER}
    return go.Scatter(x=[None], y=[None], mode="markers", marker=marker, name=name)


def _emotions(space: FeatureSpace) -> list[go.Scatter]:
    # SVG: browsers keep a few WebGL contexts only, and each new map would take another one
    bank = space.bank
    near = set(space.steps[0].near.tolist())
    traces = []
    for emotion in (name for name in DISPLAY_ORDER if name in bank.labels):
        of_emotion = np.flatnonzero(bank.classes == bank.labels.index(emotion)).tolist()
        # neighbours last: on top of the others, and the first one is what the legend shows
        rows = np.array(sorted(of_emotion, key=near.__contains__), int)
        answers = [bank.labels[answer] for answer in bank.answers[rows]]
        traces.append(
            go.Scatter(
                x=space.places[rows, 0],
                y=space.places[rows, 1],
                mode="markers",
                name=emotion,
                marker={
                    "color": EMOTION_COLOURS[emotion],
                    "size": [9 if row in near else 5 for row in rows.tolist()],
                    "opacity": 0.75,
                    "line": {"width": [1.5 if row in near else 0 for row in rows.tolist()]},
                },
                text=answers,
                hovertemplate=f"{emotion}, taken for %{{text}}<extra></extra>",
            )
        )
    return traces


def _way(steps: Sequence[Step]) -> go.Scatter:
    places = np.array([step.place for step in steps])  # (T, 2)
    told = [_step_words(step) for step in steps]
    colours = [EMOTION_COLOURS.get(step.prediction.top, INK) for step in steps]
    return go.Scatter(
        x=places[:, 0],
        y=places[:, 1],
        mode="lines+markers",
        line={"color": INK, "width": 2.5},
        marker={
            "color": colours,
            "size": [22, *[12] * (len(steps) - 1)],
            "symbol": ["star", *["circle"] * (len(steps) - 1)],
            "line": {"color": INK, "width": 2},
        },
        hovertext=told,
        hoverinfo="text",
        showlegend=False,
        name="this face",
    )


def _step_words(step: Step) -> str:
    answer = step.prediction
    return f"{step.share:.0%} covered: {answer.top} {answer.confidence:.0%}"
