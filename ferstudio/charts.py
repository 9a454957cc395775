"""Plotly figures from the studio's results: no gradio, no torch. Pure functions."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from ferstudio.labels import DISPLAY_ORDER, EMOTION_COLOURS
from ferstudio.studio.feature_space import FeatureSpace, Step
from ferstudio.studio.scores import Scores

INK, PAPER = "#1f2330", "#ffffff"
"""Lines and words, and what lies behind words. The page's stylesheet gives those of a dark page."""

QUIET, GRID, ACCENT = "#8b8fa0", "rgba(128,128,128,0.25)", "#b5532d"
CHART_PX = 440
FONT = "Inter, -apple-system, Segoe UI, Roboto, Helvetica Neue, Arial, sans-serif"


def feature_chart(space: FeatureSpace) -> go.Figure:
    """Return a map of a network's features: its bank by emotion, and the face's way through it."""
    figure = go.Figure([*_emotions(space), _way(space.steps)])
    figure.update_layout(
        margin={"l": 4, "r": 4, "t": 4, "b": 4},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": FONT, "size": 14, "color": INK},
        legend={"orientation": "h", "y": -0.02, "itemsizing": "constant", "font": {"size": 13}},
        hoverlabel={"font": {"family": FONT, "size": 14}},
        height=CHART_PX,
        dragmode="pan",
    )
    ends = [(space.steps[0], "this face"), (space.steps[-1], "covered")]
    for step, words in ends[: len(space.steps)]:
        figure.add_annotation(
            x=float(step.place[0]),
            y=float(step.place[1]),
            text=words,
            yshift=22,
            showarrow=False,
            bgcolor=PAPER,
            opacity=0.9,
            font={"size": 15, "color": INK},
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
    figure = go.Figure()
    for each, clean in shown:
        model = each.model
        cost = 1000 * seconds[model.name] if timed else (model.size_bytes or 0) / 1e6
        heights = [100 * clean.accuracy]
        if each.mean_drop is not None:
            heights.append(100 * (clean.accuracy - each.mean_drop))
        figure.add_scatter(
            x=[cost] * len(heights),
            y=heights,
            mode="lines+markers+text",
            line={"color": QUIET, "width": 1.5},
            marker={
                "color": [ACCENT, PAPER],
                "size": 12,
                "line": {"color": ACCENT, "width": 2.5},
            },
            text=[model.title, ""],
            textposition="top center",
            textfont={"size": 13},
            hovertemplate="%{y:.1f} %<extra>" + model.name + "</extra>",
            showlegend=False,
        )
    figure.update_layout(
        margin={"l": 56, "r": 16, "t": 16, "b": 48},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": FONT, "size": 14, "color": INK},
        height=340,
    )
    words = "milliseconds a picture" if timed else "megabytes on disk"
    figure.update_xaxes(title=words, gridcolor=GRID, zeroline=False, rangemode="tozero")
    figure.update_yaxes(title="accuracy, %", gridcolor=GRID, zeroline=False)
    return figure


def _emotions(space: FeatureSpace) -> list[go.Scattergl]:
    bank = space.bank
    near = set(space.steps[0].near.tolist())
    traces = []
    for emotion in (name for name in DISPLAY_ORDER if name in bank.labels):
        rows = np.flatnonzero(bank.classes == bank.labels.index(emotion))
        answers = [bank.labels[answer] for answer in bank.answers[rows]]
        traces.append(
            go.Scattergl(
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
