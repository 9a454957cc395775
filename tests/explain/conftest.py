"""Faces for explainers: smooth random pictures, as different as the seed."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from ferstudio.types import FaceCrop


@pytest.fixture
def make_crop() -> Callable[[int, int], FaceCrop]:
    """Return a function of (size in pixels, seed) that makes a crop."""

    def make(size_px: int, seed: int = 0) -> FaceCrop:
        coarse = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), dtype=np.uint8)
        image = cv2.resize(coarse, (size_px, size_px), interpolation=cv2.INTER_CUBIC)
        return FaceCrop(np.asarray(image, np.uint8), None, np.eye(2, 3))

    return make
