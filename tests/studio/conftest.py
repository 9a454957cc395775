"""An aligned face that every studio test may use."""

import numpy as np
import pytest

from ferstudio.regions import mean_face
from ferstudio.types import FaceCrop
from tests.studio_parts import picture

SIZE_PX = 96


@pytest.fixture(scope="session")
def crop() -> FaceCrop:
    """Return a smooth random crop with the average face's landmarks."""
    image = picture(3, SIZE_PX, SIZE_PX)
    return FaceCrop(image, mean_face() * np.float32(SIZE_PX), np.eye(2, 3))
