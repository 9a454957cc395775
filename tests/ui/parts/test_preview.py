"""The preview follows the choices."""

import re

import numpy as np

from ferstudio.occlusion.painted import PAINTED, Layer
from ferstudio.studio.selection import NONE
from ferstudio.ui import words as text
from ferstudio.ui.parts.bars import percent
from ferstudio.ui.parts.faces import ChosenFace
from ferstudio.ui.parts.preview import Preview
from tests.ui.fake_studio import MODELS, FakeStudio, crop


def share(html: str) -> int:
    found = re.search(r">(\d+)\N{NO-BREAK SPACE}% of face<", html)
    assert found
    return int(found[1])


def test_preview_grows_with_the_amount() -> None:
    preview, face = Preview(FakeStudio()), ChosenFace(crop(), sample="fear")
    shares = [
        share(preview.show(face, [], "lower", amount, 7, NONE, ())[1]) for amount in (0, 0.5, 1)
    ]
    assert shares[0] == 0
    assert shares[0] < shares[1] < shares[2]


def test_a_worse_picture_is_no_share_of_the_face() -> None:
    _, label = Preview(FakeStudio()).show(ChosenFace(crop()), [], "blur", 0.5, 7, NONE, ())
    assert f">{text.WHOLE_PICTURE}<" in label


def test_preview_shows_the_cover_and_says_what_it_shows() -> None:
    preview, face = Preview(FakeStudio()), ChosenFace(crop(), sample="fear")
    bare, _ = preview.show(face, [], NONE, 1.0, 7, NONE, ())
    covered, _ = preview.show(face, [], "upper", 1.0, 7, NONE, ())
    assert bare != covered
    assert 'alt="Average face showing fear"' in bare


def test_no_face_no_preview() -> None:
    assert Preview(FakeStudio()).show(None, [], "upper", 1.0, 7, NONE, ()) == ("", "")


def test_the_preview_shows_the_bare_face_while_nothing_is_painted() -> None:
    preview, face = Preview(FakeStudio()), ChosenFace(crop())
    bare = preview.show(face, [], NONE, 1.0, 7, NONE, ())
    assert preview.show(face, [], PAINTED, 1.0, 7, NONE, ()) == bare
    layers = (Layer(PAINTED, np.full((4, 4, 4), 200, np.uint8)),)
    assert preview.show(face, [], PAINTED, 1.0, 7, NONE, layers)[0] != bare[0]


def test_a_cover_by_heat_is_told_as_a_share_of_the_picture() -> None:
    _, label = Preview(FakeStudio()).show(
        ChosenFace(crop()), list(MODELS), "hottest", 0.3, 7, NONE, ()
    )
    assert f">{text.picture_share(percent(0.3))}<" in label
