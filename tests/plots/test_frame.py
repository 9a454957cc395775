"""Names stand apart beside the ends of their lines; without matplotlib one sentence says so."""

import sys
from itertools import pairwise

import pytest

from ferstudio.errors import FerStudioError
from ferstudio.plots.frame import DPI, apart, new_figure, pixels, png, require_matplotlib
from tests.plots import png as files


@pytest.mark.parametrize(
    ("heights", "step", "top", "placed"),
    [
        ([10, 50, 30], 5, 100, [10, 50, 30]),
        ([10, 10, 12], 5, 100, [10, 15, 20]),
        ([99, 98], 5, 100, [100, 95]),
        ([20, 20], 5, float("inf"), [20, 25]),
        ([], 5, 100, []),
    ],
)
def test_names_are_moved_as_little_as_it_takes(
    heights: list[float], step: float, top: float, placed: list[float]
) -> None:
    assert apart(heights, step, top) == placed


def test_many_names_at_the_top_are_pushed_down_in_order() -> None:
    ends = [100.0, 99.0, 100.0, 98.0, 100.0]
    placed = sorted(apart(ends, 5, 100))
    assert placed[-1] == 100
    assert all(above - below >= 5 for below, above in pairwise(placed))


def test_a_sheet_has_the_size_asked_for_and_is_white() -> None:
    image = pixels(new_figure(2, 1))
    assert image.shape == (DPI, 2 * DPI, 3)
    assert (image == 255).all()
    assert files.pixels(png(new_figure(2, 1))).shape[2] == 3


def test_without_matplotlib_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    require_matplotlib()
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(FerStudioError, match="need matplotlib; install it with"):
        require_matplotlib()
