"""The preview follows the choices, and the seed moves on."""

import re

import gradio as gr

from ferstudio.occlusion.occluder import Group
from ferstudio.studio.results import NONE
from ferstudio.ui import text
from ferstudio.ui.faces import ChosenFace
from ferstudio.ui.sidebar import (
    FIRST_AMOUNT,
    USUAL_AMOUNTS,
    Amounts,
    Preview,
    close_camera,
    compare_request,
    next_seed,
    toggle_camera,
    usual_amount,
)
from tests.ui.fake_studio import FakeStudio, crop


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


def test_an_empty_seed_counts_as_zero() -> None:
    request = compare_request(ChosenFace(crop()), ["a"], "upper", 0.5, None, NONE, ())
    assert request.seed == 0
    assert (next_seed(7), next_seed(None)) == (8, 1)


def test_the_amount_is_remembered_apart_where_it_means_another_thing() -> None:
    same, before = usual_amount("scarf", 0.6, Amounts())
    assert (same, before.picks) == (gr.skip(), 1)
    heat, before = usual_amount("hottest", 0.6, before)
    assert heat == USUAL_AMOUNTS[Group.HEAT]
    assert usual_amount("coldest", 0.35, before)[0] == gr.skip()
    own, before = usual_amount("painted", 0.35, before)
    assert own == 1
    assert usual_amount("chance", 1.0, before)[0] == 0.35
    thing, before = usual_amount(NONE, 0.9, before)
    assert (thing, before.picks) == (0.6, 4)
    assert usual_amount("sticker", 0.6, before)[0] == 0.9
    assert usual_amount("lower", 0.2, Amounts(Group.HEAT))[0] == FIRST_AMOUNT


def test_the_camera_opens_and_closes() -> None:
    assert toggle_camera(False)[0] is True
    assert toggle_camera(True)[0] is False
    assert close_camera()[0] is False
