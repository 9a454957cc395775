"""Probabilities over the time of a video: an axis per network, clean solid and covered dashed."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ferstudio.labels import DISPLAY_ORDER, EMOTION_COLOURS
from ferstudio.plots.frame import INK, MUTED, RUST, apart, new_figure, plain
from ferstudio.sentences.video import video_verdict
from ferstudio.studio.video import VideoAnswer, VideoAnswers

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHOWN_FROM = 0.1
"""Emotions that never get this probable have no line."""

WIDTH_IN, PANEL_IN, GAP_IN, HEAD_IN, FOOT_IN = 9.0, 1.7, 0.5, 1.15, 0.85
LABEL_STEP = 11.0  # per cent between two names at the end of lines


def probability_curves(answers: list[VideoAnswer | None]) -> dict[str, NDArray[np.float64]]:
    """Return probabilities of the emotions that are shown, in display order.

    Args:
        answers: a network's, one per moment; None where there was no face.

    Returns:
        Per emotion (2, N) in [0, 1], clean and covered; NaN where there is none.
    """
    curves = {}
    for emotion in DISPLAY_ORDER:
        pairs = [_pair(answer, emotion) for answer in answers]
        curve = np.array(pairs, np.float64).reshape(-1, 2).T
        if (curve >= SHOWN_FROM).any():
            curves[emotion] = curve
    return curves


def _pair(answer: VideoAnswer | None, emotion: str) -> tuple[float, float]:
    if answer is None:
        return float("nan"), float("nan")
    covered = answer.covered
    under = float("nan") if covered is None else covered.probability_of(emotion)
    return answer.clean.probability_of(emotion), under


def video_figure(found: VideoAnswers) -> "Figure":
    """Return the sheet of a video's curves; a line is broken where no face was found.

    Raises:
        FerStudioError: if matplotlib isn't installed.
    """
    models = found.plan.question.models
    height_in = HEAD_IN + len(models) * (PANEL_IN + GAP_IN) - GAP_IN + FOOT_IN
    figure = new_figure(WIDTH_IN, height_in)
    said = video_verdict(found)
    for number, (words, colour) in enumerate([(said.lead, INK), (said.outcome, RUST)]):
        top = 1 - (0.12 + 0.27 * number) / height_in
        figure.text(0.02, top, words, color=colour, va="top", fontsize=12, fontweight="bold")
    for number, name in enumerate(models):
        bottom = FOOT_IN + (len(models) - 1 - number) * (PANEL_IN + GAP_IN)
        place = (0.075, bottom / height_in, 0.77, PANEL_IN / height_in)
        _panel(figure.add_axes(place), found, name, lowest=number == len(models) - 1)
    figure.text(0.02, 0.12 / height_in, _legend(found), color=MUTED, fontsize=8)
    return figure


def _panel(axes: "Axes", found: VideoAnswers, model: str, *, lowest: bool) -> None:
    answers = found.of(model)
    times = [moment.time_s for moment in found.moments]
    axes.set_title(
        found.titles[model], loc="left", color=INK, fontsize=10, fontweight="bold", pad=5
    )
    curves = probability_curves(answers)
    for emotion, (clean, covered) in curves.items():
        for curve, dashes in ((clean, "-"), (covered, "--")):
            alone = {"marker": "o", "markersize": 3} if np.isfinite(curve).sum() == 1 else {}
            axes.plot(times, 100 * curve, dashes, color=EMOTION_COLOURS[emotion], lw=1.6, **alone)  # type: ignore[arg-type]
    right = max(found.info.duration_s, 0.1)
    axes.set(xlim=(0, right), ylim=(-2, 102), yticks=(0, 50, 100))
    plain(axes)
    axes.set_yticks((0, 50, 100), ("0 %", "50 %", "100 %"))
    _name_lines(axes, curves, right)
    if lowest:
        axes.set_xlabel("seconds", color=MUTED, fontsize=9)
    else:
        axes.set_xticklabels([])


def _name_lines(axes: "Axes", curves: dict[str, NDArray[np.float64]], right: float) -> None:
    """Write each emotion beside the last point of its clean line, apart from one another."""
    ends = [100 * float(clean[np.isfinite(clean)][-1]) for clean, _ in curves.values()]
    heights = apart(ends, LABEL_STEP, top=100.0)
    for emotion, height in zip(curves, heights, strict=True):
        axes.annotate(
            emotion, (right, height), xytext=(7, 0), textcoords="offset points", va="center",
            color=EMOTION_COLOURS[emotion], fontsize=9, annotation_clip=False,
        )  # fmt: skip


def _legend(found: VideoAnswers) -> str:
    cover = found.plan.question.cover
    shown = f"emotions that reach {100 * SHOWN_FROM:.0f} %; broken where no face was found"
    if cover.bare:
        return shown
    return f"solid clean, dashed covered; {cover.name} {cover.amount:g}, seed {cover.seed}; {shown}"
