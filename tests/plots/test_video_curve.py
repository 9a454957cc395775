"""Curves over a video's time: an axis per network, broken where there was no face."""

import numpy as np
import pytest

from ferstudio.labels import EMOTION_COLOURS
from ferstudio.plots.video_curve import probability_curves, video_figure
from ferstudio.studio.selection import Cover
from tests.made_videos import made_answers

MASK = Cover("surgical-mask", 1.0)


def test_emotions_that_stay_improbable_have_no_curve() -> None:
    curves = probability_curves(made_answers(MASK).of("a.test"))
    assert list(curves) == ["neutral", "happiness"]
    clean, covered = curves["happiness"]
    np.testing.assert_allclose(clean, [0.8, 0.7, np.nan, 0.5], atol=1e-6)
    np.testing.assert_allclose(covered, [0.2, 0.3, np.nan, 0.5], atol=1e-6)


@pytest.mark.parametrize("cover", [MASK, Cover()])
def test_each_network_has_an_axis_and_each_face_a_line(cover: Cover) -> None:
    figure = video_figure(made_answers(cover))
    assert [axes.get_title("left") for axes in figure.axes] == ["A", "B"]
    for axes in figure.axes:
        lines = [line for line in axes.lines if np.isfinite(line.get_ydata()).any()]
        styles = [(line.get_color(), line.get_linestyle()) for line in lines]
        colours = [EMOTION_COLOURS[name] for name in ("neutral", "happiness")]
        dashes = ("-",) if cover.bare else ("-", "--")
        assert styles == [(colour, dash) for colour in colours for dash in dashes]
        assert axes.get_xlim() == (0, 2.0)
        assert {text.get_text() for text in axes.texts} == {"neutral", "happiness"}


def test_a_video_without_a_face_has_empty_axes() -> None:
    figure = video_figure(made_answers(MASK, faces=False))
    assert [len(axes.lines) for axes in figure.axes] == [0, 0]
    assert any("no face was found" in text.get_text() for text in figure.texts)
