"""Find the faces of a picture and say in words what the person should know about the search."""

import os
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ferstudio.faces.conditions import at_least, conditions, no_face
from ferstudio.faces.detector import MAX_FACES, FaceDetector
from ferstudio.faces.pictures import read_frames
from ferstudio.types import Face, Note

SEVERAL_FOUND = "{count} faces were found; the largest is used unless you pick another."
WITHOUT_LANDMARKS = (
    "Only the {detector} is at hand, which finds no landmarks: crops aren't turned upright and "
    "occluders sit where an average face has its eyes and mouth; install mediapipe, on Python 3.12 "
    "or older, to change that."
)


@dataclass(frozen=True, slots=True, eq=False)
class FaceSearch:
    """The faces of one picture.

    Attributes:
        faces: largest first, each with its notes; empty where none was found.
        detector: name of the detector that looked.
        note_but_choice: what the person should be told, in whole sentences, but for `choice`;
            empty when all is well.
        image: (H, W, 3) uint8 RGB, the picture in which the faces were found.
        choice: the sentence that one of several faces has to be chosen; empty where there is none
            to choose.
    """

    faces: tuple[Face, ...]
    detector: str
    note_but_choice: str
    image: NDArray[np.uint8]
    choice: str = ""

    @property
    def note(self) -> str:
        """All that the person should be told, in whole sentences; empty when all is well."""
        return " ".join(filter(None, (self.choice, self.note_but_choice)))


def search_file(source: str | os.PathLike[str] | bytes, detector: FaceDetector) -> FaceSearch:
    """Return what `detector` finds in a picture file, at its full size.

    Of an animation it is the first frame that shows a face, of those that are looked at.

    Args:
        source: a path, or the file's content.
        detector: what looks for faces.

    Raises:
        ImageError: as `read_picture` says.
    """
    first: FaceSearch | None = None
    for picture in read_frames(source):
        search = find_faces(picture.image, detector, picture.notes)
        if search.faces:
            return search
        first = first or search
        del picture, search  # before the next one is decoded
    assert first is not None  # there is no picture without a frame
    return first


def find_faces(
    image: NDArray[np.uint8], detector: FaceDetector, notes: tuple[Note, ...] = ()
) -> FaceSearch:
    """Return what `detector` finds in an (H, W, 3) uint8 RGB picture, with a note about it.

    Args:
        image: the picture.
        detector: what looks for faces.
        notes: what there is to say about the picture; each face gets it beside its own.
    """
    found = detector.detect(image)
    sentences, choice = [], ""
    if not found:
        sentences += [no_face().sentence, *(note.sentence for note in notes)]
    if len(found) >= MAX_FACES:
        notes = (*notes, at_least(len(found)))
        sentences.append(notes[-1].sentence)
    elif len(found) > 1:
        choice = SEVERAL_FOUND.format(count=len(found))
    if not detector.gives_landmarks:
        sentences.append(WITHOUT_LANDMARKS.format(detector=detector.name))
    faces = tuple(replace(face, notes=(*conditions(image, face), *notes)) for face in found)
    return FaceSearch(faces, detector.name, " ".join(sentences), image, choice)
