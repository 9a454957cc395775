"""The two detectors, loaded once."""

from collections.abc import Iterator

import pytest

from ferstudio.faces.haar_detector import HaarDetector
from ferstudio.faces.mediapipe_detector import MediapipeDetector


@pytest.fixture(scope="session")
def mediapipe_detector() -> Iterator[MediapipeDetector]:
    pytest.importorskip("mediapipe", reason="the face mesh needs mediapipe")
    detector = MediapipeDetector()
    yield detector
    detector.close()


@pytest.fixture(scope="session")
def haar_detector() -> HaarDetector:
    return HaarDetector()
