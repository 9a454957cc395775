"""The sample faces that come with the studio: averages of many people, so they are nobody's.

`python -m training.prototypes` makes them; its docstring says how.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from ferstudio.errors import ImageError, UnknownNameError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable  # at run time from Python 3.11 on

LANDMARKS_FILE = "landmarks.npz"
"""The landmarks that mediapipe found, (478, 2) float32 in pixels by the emotion."""


@dataclass(frozen=True, slots=True)
class SampleFace:
    """One sample face.

    Attributes:
        emotion: the expression it shows, a name in `labels.FERPLUS`.
        file: name of its PNG in the package's folder of samples.
        faces: number of faces it averages.
        min_votes: how many of FER+'s ten annotators saw that expression in each of them at least.
        votes: share of all their votes on these faces that each emotion got, in [0, 1].
    """

    emotion: str
    file: str
    faces: int
    min_votes: int
    votes: Mapping[str, float] = field(default_factory=dict)

    def read(self) -> NDArray[np.uint8]:
        """Return its picture: (256, 256, 3) uint8 RGB, in FER2013's framing.

        Raises:
            ImageError: if the file is missing or damaged.
        """
        file = _folder() / self.file
        try:
            pixels = cv2.imdecode(np.frombuffer(file.read_bytes(), np.uint8), cv2.IMREAD_GRAYSCALE)
        except (OSError, cv2.error):
            pixels = None
        if pixels is None:
            raise ImageError(f"The sample face {self.file} can't be read; install ferstudio again.")
        return np.repeat(np.asarray(pixels, np.uint8)[:, :, None], 3, axis=2)


@cache
def list_samples() -> tuple[SampleFace, ...]:
    """Return the sample faces in display order, without reading their pictures."""
    listed = json.loads((_folder() / "samples.json").read_text("utf-8"))
    return tuple(SampleFace(**entry) for entry in listed)


def read_sample(emotion: str) -> NDArray[np.uint8]:
    """Return the sample face that shows `emotion`: (256, 256, 3) uint8 RGB.

    Raises:
        UnknownNameError: if no sample shows it.
        ImageError: if the file is missing or damaged.
    """
    by_emotion = {sample.emotion: sample for sample in list_samples()}
    if emotion not in by_emotion:
        raise UnknownNameError("sample face", emotion, list(by_emotion))
    return by_emotion[emotion].read()


def sample_landmarks(emotion: str) -> NDArray[np.float32]:
    """Return the (478, 2) mesh points, in pixels, of the sample face that shows `emotion`.

    They were found when the samples were made, so that no detector has to be loaded for them.

    Raises:
        UnknownNameError: if no sample shows it.
    """
    with (_folder() / LANDMARKS_FILE).open("rb") as file, np.load(file) as stored:
        if emotion not in stored:
            raise UnknownNameError("sample face", emotion, list(stored))
        return np.asarray(stored[emotion], np.float32)


def _folder() -> "Traversable":
    return resources.files("ferstudio") / "samples"
