"""Where faces come from: the samples, and whatever the detector finds in a picture."""

import os
import threading

import numpy as np
from numpy.typing import NDArray

from ferstudio.faces.detector import FaceDetector, best_detector
from ferstudio.faces.samples import list_samples, read_sample, sample_landmarks
from ferstudio.faces.search import FaceSearch, find_faces, search_file
from ferstudio.faces.tracking import Track, track
from ferstudio.types import FaceCrop


class FaceFinder:
    """A face detector that is made when it is first needed, and the samples it was shown."""

    def __init__(self, detector: FaceDetector | None = None) -> None:
        """Find faces with `detector`; None takes the best one this machine can run."""
        self._detector = detector
        self._lock, self._searching = threading.Lock(), threading.Lock()
        self._samples: dict[str, FaceCrop] = {}

    def find(self, image: NDArray[np.uint8]) -> FaceSearch:
        """Return the faces of an (H, W, 3) uint8 RGB picture, the largest first."""
        return find_faces(image, self._ready())

    def find_in(self, source: str | os.PathLike[str] | bytes) -> FaceSearch:
        """Return the faces of a picture file, the largest first; one file at a time.

        Raises:
            ImageError: if the file can't be read as a picture.
        """
        detector = self._ready()
        with self._searching:  # a picture and what is made of it may take hundreds of megabytes
            return search_file(source, detector)

    def track(self, image: NDArray[np.uint8], last: Track | None = None) -> Track:
        """Return where the faces of a camera's picture are; `last` is of the one before."""
        return track(image, self._ready(), last)

    def samples(self) -> tuple[str, ...]:
        """Return the emotions of the sample faces, in menu order."""
        return tuple(sample.emotion for sample in list_samples())

    def sample(self, emotion: str) -> FaceCrop:
        """Return the sample face that shows `emotion`, each time the same crop.

        Raises:
            UnknownNameError: if there is none.
        """
        if emotion not in self._samples:
            crop = FaceCrop(read_sample(emotion), sample_landmarks(emotion), np.eye(2, 3))
            self._samples.setdefault(emotion, crop)
        return self._samples[emotion]

    def first_sample(self) -> FaceCrop:
        """Return the sample face that everything is timed on."""
        return self.sample(self.samples()[0])

    def is_sample(self, crop: FaceCrop) -> bool:
        """Return whether a crop is a sample face rather than a visitor's."""
        return crop in self._samples.values()

    def _ready(self) -> FaceDetector:
        with self._lock:
            if self._detector is None:
                self._detector = best_detector()
            return self._detector
