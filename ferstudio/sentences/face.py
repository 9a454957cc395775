"""What has to be said of a face before any answer to it: whether it is one, and what it shows."""

from ferstudio.sentences.sentence import Verdict
from ferstudio.studio.selection import Selection
from ferstudio.types import FaceCrop

LEARNED_PX = 48
"""Side of the pictures that the networks learned from, FER2013's; below it a face is too small."""

NO_FACE = Verdict("No face was found:", "the networks judge the middle of the picture.")


def headline(said: Verdict, crop: FaceCrop) -> Verdict:
    """Return the sentence above answers to a face: `said`, unless there is no face to judge."""
    return said if crop.found else NO_FACE


def doubt(crop: FaceCrop) -> str:
    """Return why answers to a face can't be trusted, "" where nothing speaks against them."""
    if not crop.found:
        return "Whatever they answer says nothing about a person: choose a picture with a face."
    if crop.source_px < LEARNED_PX:
        return (
            f"This face is too small: it is {crop.source_px:.0f} pixels wide, and the networks "
            f"learned from {LEARNED_PX}. Take a picture in which it is larger."
        )
    return ""


def labelled(selection: Selection) -> str:
    """Return what a face is known to show as the lead of a sentence; "" where nobody knows."""
    return f"This face is labelled {selection.label}:" if selection.label else ""
