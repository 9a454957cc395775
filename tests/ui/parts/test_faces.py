"""A face gets onto the page, or a sentence says why not."""

import logging
from dataclasses import replace
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from ferstudio.faces.conditions import no_face
from ferstudio.labels import FERPLUS
from ferstudio.types import FaceCrop, Note
from ferstudio.ui import words
from ferstudio.ui.parts.faces import KEPT_BYTES, Faces, ForgottenError, Photo, note, packed
from tests.ui.fake_studio import FakeStudio, crop


@pytest.fixture
def picture(tmp_path: Path) -> str:
    file = tmp_path / "me.png"
    Image.fromarray(np.full((40, 50, 3), 90, np.uint8)).save(file)
    return str(file)


def grey(face: FaceCrop) -> int:
    return int(face.image[0, 0, 0])


def uploaded(studio: FakeStudio, path: str) -> tuple[Photo, str, str]:
    photo, sample, html = Faces(studio).upload(path, None, "happiness")
    assert isinstance(photo, Photo)
    return photo, sample, html


def picked(index: object) -> gr.EventData:
    return gr.EventData(None, {"index": index})


def test_samples_are_the_same_faces_for_everyone() -> None:
    faces = Faces(FakeStudio())
    sample = faces.crop("happiness", None)
    assert grey(sample) == 20 * (1 + FERPLUS.index("happiness"))
    assert faces.crop("happiness", Photo(crop())) is sample
    with pytest.raises(ForgottenError):  # no sample stands in for a photograph
        faces.crop("", None)


def test_a_photograph_is_looked_at_while_no_sample_is(picture: str) -> None:
    photo, sample, html = uploaded(FakeStudio(faces=1), picture)
    assert (grey(photo.crop), sample, html) == (0, "", "")
    assert Faces(FakeStudio()).crop("", photo) is photo.crop


def test_no_face_takes_the_centred_square_and_says_so(picture: str) -> None:
    photo, _, html = uploaded(FakeStudio(faces=0), picture)
    assert grey(photo.crop) == 200
    assert "0 faces found." in html


def test_what_decides_the_answer_stands_in_chips_beside_the_face(picture: str) -> None:
    small = Note("small", "12 pixels high", "The face is only 12 pixels high.")
    shown = Photo(replace(crop(3), notes=(small,)), note="Two <faces>.")
    html = note(shown, "")
    assert "Two &lt;faces&gt;." in html
    assert 'title="The face is only 12 pixels high."' in html
    assert ">12 pixels high</li>" in html
    assert note(shown, "fear") == ""


def test_no_face_is_said_once(picture: str) -> None:
    square = replace(crop(3), notes=(no_face(),), shows_face=False)
    assert "<li" not in note(Photo(square, note=no_face().sentence), "")


def test_each_of_several_faces_has_its_own_chips(picture: str) -> None:
    studio = FakeStudio(faces=2)
    dark = Note("dark", "very dark", "Dark.")
    faces = (packed(crop(1)), packed(replace(crop(2), notes=(dark,))))
    first = Photo(crop(1), faces)
    assert "<li" not in note(first, "")
    assert "very dark" in note(Faces(studio).pick(first, picked("1")), "")


def test_several_faces_can_be_picked(picture: str) -> None:
    studio = FakeStudio(faces=3)
    photo, _, html = uploaded(studio, picture)
    assert grey(photo.crop) == 0
    assert html.count("data-index=") == 3
    second = Faces(studio).pick(photo, picked("1"))
    assert grey(second.crop) == 1
    html = note(second, "")
    assert 'data-index="1" title="Face 2" aria-pressed="true"' in html
    assert "3 faces found." in html
    assert note(second, "fear") == ""


def test_another_picture_takes_the_place_of_all_faces_of_the_one_before(picture: str) -> None:
    studio = FakeStudio(faces=3)
    faces = Faces(studio)
    before, _, _ = uploaded(studio, picture)
    faces.upload(None, before, "")
    faces.upload("missing.png", before, "")
    second = faces.pick(before, picked("1"))
    assert studio.forgotten == []
    faces.upload(picture, second, "")
    assert [grey(face) for face in studio.forgotten] == [0, 1, 2]


def test_a_picture_with_one_face_is_forgotten_by_that_face(picture: str) -> None:
    studio = FakeStudio()
    before, _, _ = uploaded(studio, picture)
    Faces(studio).upload(picture, before, "fear")
    assert studio.forgotten == [before.crop]


@pytest.mark.parametrize("index", ["-1", "3", 0, None])
def test_a_pick_out_of_range_changes_nothing(picture: str, index: object) -> None:
    studio = FakeStudio(faces=3)
    photo, _, _ = uploaded(studio, picture)
    assert Faces(studio).pick(photo, picked(index)) == gr.skip()


def test_a_packed_face_is_the_same_face_and_smaller() -> None:
    ramp = np.linspace(0, 255, 256, dtype=np.uint8)
    across = np.tile(ramp, (256, 1))
    image = np.stack([across, across.T, np.full_like(across, 9)], axis=2)
    landmarks = np.ones((478, 2), np.float32)
    face = FaceCrop(image, landmarks, np.eye(2, 3))
    small = packed(face)
    again = small.unpacked()
    np.testing.assert_array_equal(again.image, face.image)
    assert again.landmarks_xy_px is landmarks
    assert len(small.webp) < face.image.nbytes / 2


def test_of_a_crowd_as_many_faces_are_kept_as_fit(
    picture: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (256, 256, 3), np.uint8)
    studio = FakeStudio(faces=40)
    monkeypatch.setattr(studio, "crop", lambda image, face: FaceCrop(noise, None, np.eye(2, 3)))
    photo, _, html = uploaded(studio, picture)
    kept = sum(len(face.webp) for face in photo.faces[1:])
    assert kept <= KEPT_BYTES
    assert html.count("data-index=") == len(photo.faces) < 40


def test_a_text_file_gives_one_sentence_and_keeps_the_face(tmp_path: Path) -> None:
    file = tmp_path / "notes.jpg"
    file.write_text("hello")
    photo, sample, html = Faces(FakeStudio()).upload(str(file), None, "fear")
    assert (photo, sample) == (gr.skip(), "fear")
    assert "notes.jpg is no picture that can be read" in html


def test_a_defect_is_logged_and_not_shown(
    picture: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    studio = FakeStudio()

    def break_down(image: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(studio, "find_faces_in", break_down)
    with caplog.at_level(logging.ERROR):
        _, _, html = Faces(studio).upload(picture, None, "fear")
    assert words.UNEXPECTED in html
    assert "secret" not in html
    assert "secret detail" in caplog.text


def test_an_upload_that_was_cancelled_changes_nothing() -> None:
    assert Faces(FakeStudio()).upload(None, None, "fear") == (gr.skip(), "fear", "")
