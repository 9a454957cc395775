"""What stands beside every answer about a face: what it is known to show, and why to doubt it."""

from dataclasses import dataclass

from ferstudio.labels import EMOTION_COLOURS
from ferstudio.sentences.face import doubt
from ferstudio.studio.selection import Selection
from ferstudio.ui import words


@dataclass(frozen=True, slots=True)
class FaceNote:
    """What is known of a face beside the answers.

    Attributes:
        label: the emotion that it is labelled with; "" where nobody knows.
        doubt: why answers to it can't be trusted; "" where nothing speaks against them.
    """

    label: str
    doubt: str

    @property
    def colour(self) -> str:
        """Colour of the label, as CSS."""
        return EMOTION_COLOURS[self.label]

    def mark(self, answer: str) -> str:
        """Return the mark of an answer that is, or isn't, the label."""
        return words.AS_LABELLED if answer == self.label else words.NOT_AS_LABELLED


def face_note(selection: Selection) -> FaceNote:
    """Return what is known of the face of a selection."""
    return FaceNote(selection.label, doubt(selection.crop))
