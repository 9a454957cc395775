"""On a sheet nothing stands over anything else."""

from itertools import combinations

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg

from ferstudio.plots.sheet import Tile, sheet


def test_numbers_and_names_of_bars_stand_over_no_caption_and_no_neighbour() -> None:
    shares = np.array([0.27, 0.26, 0.25, 0.22], np.float32)
    bars = Tile(
        "block 1.1: Pyramid split attention\nshare of each branch", None, shares, tuple("abcd")
    )
    channels = Tile("block 2: Channel gate\n512 channels, by weight", None, np.linspace(1, 0, 512))
    figure = sheet("A network", [Tile("a face", np.zeros((8, 8, 3), np.uint8)), bars, channels] * 3)
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    boxes = [text.get_window_extent(renderer) for text in figure.texts]
    boxes += [box for axes in figure.axes if (box := axes.get_tightbbox(renderer)) is not None]
    assert len(boxes) == 9 + 9 + 1
    assert not [pair for pair in combinations(boxes, 2) if pair[0].overlaps(pair[1])]
