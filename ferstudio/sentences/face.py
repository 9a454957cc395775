"""What has to be said of a face before any answer to it: whether it is one, and what it shows."""

from ferstudio.sentences.sentence import Verdict
from ferstudio.studio.selection import Selection
from ferstudio.types import FaceCrop

NO_FACE = Verdict("No face was found:", "the networks judge the middle of the picture.")


def headline(said: Verdict, crop: FaceCrop) -> Verdict:
    """Return the sentence above answers to a face: `said`, unless there is no face to judge."""
    return said if crop.shows_face else NO_FACE


def doubt(crop: FaceCrop) -> str:
    """Return why answers to a face can't be trusted, "" where nothing speaks against them."""
    if not crop.shows_face:
        return "Whatever they answer says nothing about a person: choose a picture with a face."
    return " ".join(note.sentence for note in crop.notes)


def labelled(selection: Selection) -> str:
    """Return what a face is known to show as the lead of a sentence; "" where nobody knows."""
    return f"This face is labelled {selection.label}:" if selection.label else ""
