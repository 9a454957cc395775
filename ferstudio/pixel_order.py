"""Which pixels come first: the hottest of a map, or those of a random map that is as smooth."""

import cv2
import numpy as np
from numpy.typing import NDArray


def ranks(heat: NDArray[np.floating], size_px: int) -> NDArray[np.int64]:
    """Return each pixel's place in line: (size, size), 0 for the hottest.

    Equal ones follow in reading order.

    Args:
        heat: (H, W) map over the whole picture, averaged down or enlarged to its size.
        size_px: side of the picture.
    """
    shrinks = heat.shape[0] > size_px
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    resized = cv2.resize(heat, (size_px, size_px), interpolation=method)
    order = np.argsort(-resized.ravel(), kind="stable")
    places = np.empty(order.size, np.int64)
    places[order] = np.arange(order.size)
    return places.reshape(size_px, size_px)


def surrogate(heat: NDArray[np.floating], rng: np.random.Generator) -> NDArray[np.float64]:
    """Return a random map (H, W) that is exactly as smooth as `heat` and knows nothing of it.

    The coefficients of the map's cosine transform get random signs: the power at every frequency
    stays, the places don't. (For time series: Theiler et al., "Testing for nonlinearity in time
    series: the method of surrogate data", Physica D 58, 1992, with random phases.)

    Args:
        heat: (H, W) map whose smoothness is kept.
        rng: source of the signs.
    """
    from scipy.fft import dctn, idctn  # here, so that nobody imports it who asks for no such map

    waves = dctn(heat.astype(np.float64), norm="ortho")
    return idctn(waves * rng.choice([-1.0, 1.0], waves.shape), norm="ortho")
