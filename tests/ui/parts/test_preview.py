"""The preview follows the choices."""

import re

import numpy as np

from ferstudio.occlusion.painted import PAINTED, Layer
from ferstudio.sentences.sentence import short_percent
from ferstudio.studio.selection import Cover, Selection
from ferstudio.ui import words
from ferstudio.ui.parts.preview import preview
from tests.ui.fake_studio import MODELS, FakeStudio, crop

CROP = crop()


def shown(cover: Cover, models: tuple[str, ...] = ()) -> tuple[str, str]:
    return preview(FakeStudio(), Selection(CROP, cover, models), "Somebody <smiling>")


def share(html: str) -> int:
    found = re.search(r">(\d+)\N{NO-BREAK SPACE}% of face<", html)
    assert found
    return int(found[1])


def test_preview_grows_with_the_amount() -> None:
    shares = [share(shown(Cover("lower", amount))[1]) for amount in (0, 0.5, 1)]
    assert shares[0] == 0
    assert shares[0] < shares[1] < shares[2]


def test_a_worse_picture_is_no_share_of_the_face() -> None:
    _, label = shown(Cover("blur", 0.5))
    assert f">{words.WHOLE_PICTURE}<" in label


def test_preview_shows_the_cover_and_says_what_it_shows() -> None:
    bare, _ = shown(Cover())
    covered, _ = shown(Cover("upper", 1.0))
    assert bare != covered
    assert 'alt="Somebody &lt;smiling&gt;"' in bare


def test_the_preview_shows_the_bare_face_while_nothing_is_painted() -> None:
    bare = shown(Cover(amount=1.0))
    assert shown(Cover(PAINTED, 1.0)) == bare
    layers = (Layer(PAINTED, np.full((4, 4, 4), 200, np.uint8)),)
    assert shown(Cover(PAINTED, 1.0, layers=layers))[0] != bare[0]


def test_a_cover_by_heat_is_told_as_a_share_of_the_picture() -> None:
    _, label = shown(Cover("hottest", 0.3), MODELS)
    assert f">{words.picture_share(short_percent(0.3))}<" in label


def test_a_little_is_never_called_nothing() -> None:
    _, label = shown(Cover("hottest", 0.004), MODELS)
    assert f">&lt;{words.picture_share(short_percent(0.004))[1:]}<" in label
