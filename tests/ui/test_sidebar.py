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
from ferstudio.ui.events import Values
from ferstudio.ui.parts.faces import KEPT_BYTES, Photo, packed
from ferstudio.ui.sidebar import FIRST_OCCLUDER, Sidebar, close_camera, toggle_camera
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


def test_the_camera_opens_and_closes() -> None:
    assert toggle_camera(False)[0] is True
    assert toggle_camera(True)[0] is False
    assert close_camera()[0] is False


def test_weights_that_are_left_out_are_told_under_the_models(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(FakeStudio, "damaged", lambda self: ("x.test is left out: no <JSON>.",))
    with gr.Blocks() as page:
        Sidebar(FakeStudio(), "Compare")
    notes = [str(block.value) for block in page.blocks.values() if isinstance(block, gr.HTML)]
    assert sum("x.test is left out: no &lt;JSON&gt;." in note for note in notes) == 1
