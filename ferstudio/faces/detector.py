"""What a face detector is, and which one this machine can run."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ferstudio.types import Face


class FaceDetector(Protocol):
    """Finds faces in a picture."""

    name: str

    def detect(self, image: NDArray[np.uint8]) -> list[Face]:
        """Return the faces of an (H, W, 3) uint8 RGB picture, largest first; none gives []."""
        ...
