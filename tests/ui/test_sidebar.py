"""The seed moves on, the camera opens and closes."""

from ferstudio.studio.selection import NONE
from ferstudio.ui.parts.faces import ChosenFace
from ferstudio.ui.selection import selection_of
from ferstudio.ui.sidebar import close_camera, next_seed, toggle_camera
from tests.ui.fake_studio import crop


def test_an_empty_seed_counts_as_zero() -> None:
    selection = selection_of(ChosenFace(crop()), ["a"], "upper", 0.5, None, NONE, ())
    assert selection.cover.seed == 0
    assert (next_seed(7), next_seed(None)) == (8, 1)


def test_the_camera_opens_and_closes() -> None:
    assert toggle_camera(False)[0] is True
    assert toggle_camera(True)[0] is False
    assert close_camera()[0] is False
