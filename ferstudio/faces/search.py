"""Find the faces of a picture and say in words what the person should know about the search."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ferstudio.faces.detector import FaceDetector
from ferstudio.types import Face

NONE_FOUND = "No face was found; the centred square of the picture is used."
SEVERAL_FOUND = "{count} faces were found; the largest is used unless you pick another."
WITHOUT_LANDMARKS = (
    "Only the {detector} is at hand, which finds no landmarks: crops aren't turned upright and "
    "occluders sit where an average face has its eyes and mouth; install mediapipe to change that."
)


@dataclass(frozen=True, slots=True)
class FaceSearch:
    """The faces of one picture.

    Attributes:
        faces: largest first; empty where none was found.
        detector: name of the detector that looked.
        note: what the person should be told, in whole sentences; empty when all is well.
    """

    faces: tuple[Face, ...]
    detector: str
    note: str


def find_faces(image: NDArray[np.uint8], detector: FaceDetector) -> FaceSearch:
    """Return what `detector` finds in an (H, W, 3) uint8 RGB picture, with a note about it."""
    faces = tuple(detector.detect(image))
    sentences = []
    if not faces:
        sentences.append(NONE_FOUND)
    if len(faces) > 1:
        sentences.append(SEVERAL_FOUND.format(count=len(faces)))
    if not detector.gives_landmarks:
        sentences.append(WITHOUT_LANDMARKS.format(detector=detector.name))
    return FaceSearch(faces, detector.name, " ".join(sentences))
