"""A face gets onto the page, or a sentence says why not."""

import logging
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from ferstudio.labels import FERPLUS
from ferstudio.ui import words as text
from ferstudio.ui.parts.faces import ChosenFace, FaceHandlers
from tests.ui.fake_studio import FakeStudio, crop


@pytest.fixture
def picture(tmp_path: Path) -> str:
    file = tmp_path / "me.png"
    Image.fromarray(np.full((40, 50, 3), 90, np.uint8)).save(file)
    return str(file)


def grey(face: ChosenFace | None) -> int:
    assert face is not None
    return int(face.crop.image[0, 0, 0])


def picked(index: object) -> gr.EventData:
    return gr.EventData(None, {"index": index})


def test_a_sample_is_shown_without_any_note() -> None:
    face, sample, note = FaceHandlers(FakeStudio()).sample("happiness")
    assert grey(face) == 20 * (1 + FERPLUS.index("happiness"))
    assert (sample, note) == ("happiness", "")


def test_one_face_needs_no_words(picture: str) -> None:
    face, sample, note = FaceHandlers(FakeStudio(faces=1)).picture(picture, None)
    assert grey(face) == 0
    assert (sample, note) == ("", "")


def test_no_face_takes_the_centred_square_and_says_so(picture: str) -> None:
    face, _, note = FaceHandlers(FakeStudio(faces=0)).picture(picture, None)
    assert grey(face) == 200
    assert "0 faces found." in note


def test_several_faces_can_be_picked(picture: str) -> None:
    handlers = FaceHandlers(FakeStudio(faces=3))
    face, _, note = handlers.picture(picture, None)
    assert grey(face) == 0
    assert note.count("data-index=") == 3
    second, _, note = handlers.pick(face, picked(1))
    assert grey(second) == 1
    assert 'data-index="1" title="Face 2" aria-pressed="true"' in note
    assert "3 faces found." in note


@pytest.mark.parametrize("index", [-1, 3, "0", None])
def test_a_pick_out_of_range_changes_nothing(picture: str, index: object) -> None:
    handlers = FaceHandlers(FakeStudio(faces=3))
    face, _, _ = handlers.picture(picture, None)
    assert handlers.pick(face, picked(index))[0] is face


def test_a_text_file_gives_one_sentence_and_keeps_the_face(tmp_path: Path) -> None:
    file = tmp_path / "notes.jpg"
    file.write_text("hello")
    now = ChosenFace(crop(), sample="fear")
    face, sample, note = FaceHandlers(FakeStudio()).picture(str(file), now)
    assert face is now
    assert sample == "fear"
    assert "notes.jpg is no picture that can be read" in note


def test_a_defect_is_logged_and_not_shown(
    picture: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    studio = FakeStudio()

    def break_down(image: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(studio, "find_faces", break_down)
    with caplog.at_level(logging.ERROR):
        _, _, note = FaceHandlers(studio).picture(picture, None)
    assert text.UNEXPECTED in note
    assert "secret" not in note
    assert "secret detail" in caplog.text


def test_an_upload_that_was_cancelled_asks_for_a_face() -> None:
    face, _, note = FaceHandlers(FakeStudio()).picture(None, None)
    assert face is None
    assert text.NO_FACE_YET in note
