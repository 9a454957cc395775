"""Mesh points in pixels of the small face."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ferstudio.regions import COMPACT
from training.data import landmarks
from training.data.landmarks import find_landmarks


def test_an_empty_picture_has_no_landmarks() -> None:
    pytest.importorskip("mediapipe")
    found = find_landmarks(np.full((48, 48), 128, np.uint8))
    assert found.shape == (len(COMPACT), 2)
    assert np.isnan(found).all()


def test_landmarks_come_back_in_pixels_of_the_small_face(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    class Corners:
        """Finds every point in the middle of the picture's upper left quarter."""

        def detect(self, image: NDArray[np.uint8]) -> list[object]:
            from ferstudio.types import Face

            seen.append(image)
            middle = np.full((478, 2), 48 + 96 / 2, np.float32)
            return [Face((0, 0, 1, 1), middle, 1.0)]

    monkeypatch.setattr(landmarks, "_detector", Corners)
    image = np.zeros((48, 48), np.uint8)
    image[:24, :24] = 200
    np.testing.assert_allclose(find_landmarks(image), 12.0)
    assert seen[0].shape == (288, 288, 3)
    assert cv2.mean(seen[0][:100, :100])[0] == 200  # the border continues the face
