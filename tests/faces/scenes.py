"""Made pictures without anybody in them."""

import numpy as np
from numpy.typing import NDArray

from training.data.backdrops import draw_backdrop


def backdrop(height_px: int, width_px: int, seed: int = 0) -> NDArray[np.uint8]:
    """Return a made picture without anybody in it."""
    return draw_backdrop(width_px, height_px, np.random.default_rng(seed))
