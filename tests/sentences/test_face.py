"""What is said of a face before any answer to it."""

from dataclasses import replace

import numpy as np
import pytest

from ferstudio.sentences.compare import verdict
from ferstudio.sentences.face import LEARNED_PX, NO_FACE, doubt, headline
from ferstudio.sentences.sentence import Verdict
from ferstudio.studio.selection import NONE
from tests.ui.fake_studio import comparison, crop, row

SAID = Verdict("Blur:", "all hold.")


def test_a_picture_without_a_face_has_no_verdict() -> None:
    nobody = replace(crop(), found=False)
    assert headline(SAID, crop()) is SAID
    assert headline(SAID, nobody) is NO_FACE
    assert "choose a picture with a face" in doubt(nobody)


@pytest.mark.parametrize(
    ("side_px", "small"), [(20, True), (LEARNED_PX - 1, True), (LEARNED_PX, False)]
)
def test_a_face_smaller_than_what_was_learned_is_too_small(side_px: int, small: bool) -> None:
    turn = np.array([[0.6, -0.8, 3.0], [0.8, 0.6, 5.0]])  # a rotation, moved
    face = replace(crop(), to_source=turn * side_px / crop().size)
    assert face.source_px == pytest.approx(side_px)
    assert (f"it is {side_px} pixels wide" in doubt(face)) is small
    assert bool(doubt(face)) is small


def test_the_label_leads_the_sentence_about_the_uncovered_face() -> None:
    found = comparison(NONE, *(row(name, "surprise", "surprise") for name in ("a.b", "c.d")))
    labelled = replace(found, selection=replace(found.selection, label="fear"))
    assert str(verdict(labelled)) == "This face is labelled fear: both models say surprise."
    assert str(verdict(found)).startswith("On the uncovered face:")
