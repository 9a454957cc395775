"""The sidebar: what is chosen becomes a selection, and the face follows."""

import pickle
from typing import Any

import gradio as gr
import numpy as np
import pytest

from ferstudio.occlusion.painted import PAINTED, STICKER, Layer
from ferstudio.studio.selection import Cover
from ferstudio.types import FaceCrop
from ferstudio.ui import words
from ferstudio.ui.address import _seed
from ferstudio.ui.events import Values
from ferstudio.ui.parts.faces import KEPT_BYTES, Photo, packed
from ferstudio.ui.selection import within
from ferstudio.ui.sidebar import FIRST_OCCLUDER, Sidebar
from ferstudio.ui.tabs.live.cards import camera
from ferstudio.ui.templates import render
from tests.ui.fake_studio import MODELS, FakeStudio, crop


def sidebar() -> Sidebar:
    with gr.Blocks():
        return Sidebar(FakeStudio(), "Compare")


def values_of(bar: Sidebar, **chosen: Any) -> Values:
    """Return what the sidebar holds at first, but for what is given by name."""
    choices = bar.choices
    values = {choice: choice.value for choice in (*choices.asked, choices.amounts)}
    return values | {getattr(choices, name): value for name, value in chosen.items()}


def test_the_first_selection_is_a_sample_under_a_mask_for_all_models() -> None:
    bar = sidebar()
    found = bar.selection(values_of(bar))
    assert found.crop is bar.faces.samples["happiness"]
    assert found.cover == Cover(FIRST_OCCLUDER, 0.7, 7)
    assert found.label == "happiness"
    assert (found.models, found.explainer, found.one_scale) == (MODELS, "grad-cam", False)


def test_every_choice_counts() -> None:
    bar, photo = sidebar(), Photo(crop(3))
    layers = (Layer(PAINTED, np.full((4, 4, 4), 200, np.uint8)),)
    found = bar.selection(
        values_of(
            bar, samples="", photo=photo, occluder=PAINTED, amount=1, seed=3, layers=layers,
            models=[MODELS[1]], explainer="none", scale="one",
        )
    )  # fmt: skip
    assert found.crop is photo.crop
    assert found.cover == Cover(PAINTED, 1.0, 3, layers)
    assert found.label == ""
    assert (found.models, found.explainer, found.one_scale) == (MODELS[1:], "none", True)


@pytest.mark.parametrize(
    ("typed", "meant"), [(-1, 0), (0, 0), (12.0, 12), (10**12, 999_999_999), (None, 0)]
)
def test_any_number_is_a_seed_that_a_link_can_hold(typed: float | None, meant: int) -> None:
    assert within(typed) == meant
    assert _seed(str(within(typed))) == meant
    seed = sidebar().choices.seed
    assert seed.preprocess(typed) is None or within(seed.preprocess(typed)) == meant


def test_a_seed_that_is_none_counts_as_zero() -> None:
    bar = sidebar()
    for seed in (None, -4):
        assert bar.selection(values_of(bar, seed=seed)).cover.seed == 0


def test_the_face_follows_and_its_words_say_whose_it_is() -> None:
    bar = sidebar()
    shown = bar.followers
    first = bar.follow(values_of(bar))
    assert words.face_alt("happiness") in first[shown.picture]
    assert "made up" in first[shown.method]
    assert first[bar.choices.amount] == gr.skip()
    photo = Photo(crop(3), note="Two faces.")
    second = bar.follow(values_of(bar, samples="", photo=photo, explainer="none"))
    assert words.CURRENT_FACE in second[shown.picture]
    assert "Two faces." in second[shown.note]
    assert words.NO_HEAT_TIP in second[shown.method]
    assert first[shown.note] == ""


def test_another_kind_of_cover_brings_its_own_amount_and_the_face_shows_it() -> None:
    bar = sidebar()
    found = bar.follow(values_of(bar, occluder="hottest"))
    assert found[bar.choices.amount] == 0.2
    again = values_of(bar, occluder="hottest", amount=0.2, amounts=found[bar.choices.amounts])
    assert bar.follow(again)[bar.choices.amount] == gr.skip()
    assert bar.follow(again)[bar.followers.picture] == found[bar.followers.picture]


def test_what_is_kept_of_a_visitor_is_less_than_a_megabyte() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (256, 256, 4), np.uint8)
    face = FaceCrop(noise[:, :, :3].copy(), np.ones((478, 2), np.float32), np.eye(2, 3))
    faces = (packed(face),) * (KEPT_BYTES // len(packed(face).webp))
    layers = tuple(Layer(name, noise) for name in (PAINTED, STICKER))
    assert len(pickle.dumps((Photo(face, faces), layers))) < 1e6


def test_any_file_may_be_given_and_is_judged_by_the_studio() -> None:
    with gr.Blocks() as page:
        Sidebar(FakeStudio(), "Compare")
    buttons = [each for each in page.blocks.values() if isinstance(each, gr.UploadButton)]
    assert {button.elem_id for button in buttons} == {"upload", "sticker"}
    assert all(button.file_types is None for button in buttons)


def test_the_camera_has_a_sentence_for_each_trouble() -> None:
    html = render("parts/snapshot.html", words=words)
    for sentence in (
        words.CAMERA_INSECURE, words.CAMERA_NONE, words.CAMERA_BUSY, words.CAMERA_BLOCKED,
    ):  # fmt: skip
        assert sentence in html
        assert sentence in camera()
    assert "https or on localhost" in words.CAMERA_INSECURE
