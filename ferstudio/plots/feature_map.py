"""A network's map of faces as a sheet, and one face's way through it."""

from typing import TYPE_CHECKING

import numpy as np

from ferstudio.labels import DISPLAY_ORDER, EMOTION_COLOURS
from ferstudio.plots.frame import INK, MUTED, new_figure
from ferstudio.studio.feature_space import FeatureSpace

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SIDE_IN = 4.6


def feature_figure(spaces: tuple[FeatureSpace, ...]) -> "Figure":
    """Return maps side by side: the bank's faces by emotion, a line from clean to covered.

    Raises:
        FerStudioError: if matplotlib isn't installed.
    """
    figure = new_figure(SIDE_IN * max(1, len(spaces)), SIDE_IN + 0.5)
    for number, space in enumerate(spaces):
        axes = figure.add_axes((number / len(spaces) + 0.01, 0.08, 0.96 / len(spaces), 0.84))
        for emotion in (name for name in DISPLAY_ORDER if name in space.bank.labels):
            rows = space.bank.classes == space.bank.labels.index(emotion)
            across, up = space.places[rows].T
            colour = EMOTION_COLOURS[emotion]
            axes.scatter(across, up, s=5, color=colour, label=emotion, alpha=0.6)
        across, up = np.stack([step.place for step in space.steps]).T
        axes.plot(across, up, "-o", color=INK, markersize=4, linewidth=1.2)
        axes.plot(across[0], up[0], "o", color="white", markeredgecolor=INK, markersize=8)
        axes.set_title(f"{space.title}, {space.kind}", loc="left", color=INK, fontsize=11)
        axes.set_aspect("equal", adjustable="datalim")
        axes.axis("off")
        axes.legend(ncols=4, fontsize=7, frameon=False, loc="upper center", bbox_to_anchor=(0.5, 0))
    figure.text(
        0.02, 0.97, "circle: the clean face; dots: covered more and more", color=MUTED, fontsize=8
    )
    return figure
