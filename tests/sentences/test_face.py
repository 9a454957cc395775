"""What is said of a face before any answer to it."""

from dataclasses import replace

from ferstudio.sentences.compare import verdict
from ferstudio.sentences.face import NO_FACE, doubt, headline
from ferstudio.sentences.sentence import Verdict
from ferstudio.studio.selection import NONE
from ferstudio.types import Note
from tests.ui.fake_studio import comparison, crop, row

SAID = Verdict("Blur:", "all hold.")


def test_a_picture_without_a_face_has_no_verdict() -> None:
    nobody = replace(crop(), shows_face=False)
    assert headline(SAID, crop()) is SAID
    assert headline(SAID, nobody) is NO_FACE
    assert "choose a picture with a face" in doubt(nobody)


def test_what_decides_how_far_answers_can_be_trusted_is_said() -> None:
    small = Note("small", "20 pixels high", "The face is only 20 pixels high.")
    dark = Note("dark", "very dark", "The face is dark.")
    face = replace(crop(), notes=(small, dark))
    assert doubt(face) == "The face is only 20 pixels high. The face is dark."
    assert doubt(crop()) == ""


def test_the_label_leads_the_sentence_about_the_uncovered_face() -> None:
    found = comparison(NONE, *(row(name, "surprise", "surprise") for name in ("a.b", "c.d")))
    labelled = replace(found, selection=replace(found.selection, label="fear"))
    assert str(verdict(labelled)) == "This face is labelled fear: both models say surprise."
    assert str(verdict(found)).startswith("On the uncovered face:")
