"""The seed moves on, the camera opens and closes."""

from ferstudio.studio.results import NONE
from ferstudio.ui.parts.faces import ChosenFace
from ferstudio.ui.selection import compare_request
from ferstudio.ui.sidebar import close_camera, next_seed, toggle_camera
from tests.ui.fake_studio import crop


def test_an_empty_seed_counts_as_zero() -> None:
    request = compare_request(ChosenFace(crop()), ["a"], "upper", 0.5, None, NONE, ())
    assert request.seed == 0
    assert (next_seed(7), next_seed(None)) == (8, 1)


def test_the_camera_opens_and_closes() -> None:
    assert toggle_camera(False)[0] is True
    assert toggle_camera(True)[0] is False
    assert close_camera()[0] is False
