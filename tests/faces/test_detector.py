import logging
import sys

import pytest

from ferstudio.faces.detector import best_detector
from ferstudio.faces.haar_detector import HaarDetector
from ferstudio.faces.verified_detector import VerifiedDetector


def test_the_verified_mesh_comes_first() -> None:
    pytest.importorskip("mediapipe")
    detector = best_detector()
    assert isinstance(detector, VerifiedDetector)
    assert detector.gives_landmarks


@pytest.mark.parametrize("absent", ["mediapipe", "mediapipe.python.solutions.face_mesh"])
def test_without_mediapipe_the_cascade_steps_in(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, absent: str
) -> None:
    for name in [name for name in sys.modules if name == absent or name.startswith(absent + ".")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, absent, None)
    with caplog.at_level(logging.WARNING):
        detector = best_detector()
    assert isinstance(detector, HaarDetector)
    assert not detector.gives_landmarks
    assert "mediapipe can't be used" in caplog.text
