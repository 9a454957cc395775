"""How a picture gets onto the page, and what is said where it isn't one."""

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from ferstudio.ui import words
from tests.e2e.server import ROOT
from tests.e2e.visit import Visit

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(170)]


def drop_text(page: Page) -> None:
    page.evaluate(
        """() => {
          const carried = new DataTransfer();
          carried.setData('text/uri-list', 'https://example.org/face.jpg');
          const options = {dataTransfer: carried, bubbles: true, cancelable: true};
          document.querySelector('#face').dispatchEvent(new DragEvent('drop', options));
        }"""
    )


def test_what_is_no_picture_gets_the_studios_own_sentence(visit: Visit, tmp_path: Path) -> None:
    page, note = visit.page, visit.page.locator("#note .note")
    file = tmp_path / "holiday.pdf"
    file.write_text("no picture at all")
    page.locator("#sources input[type=file]").set_input_files(file)
    expect(note).to_contain_text("holiday.pdf is no picture that can be read")
    drop_text(page)
    expect(note.last).to_have_text(words.TEXT_GIVEN)


def test_conditions_stand_beside_the_face(visit: Visit, tmp_path: Path) -> None:
    page, before = visit.page, visit.results()
    face = Image.open(ROOT / "ferstudio" / "samples" / "happiness.png").convert("RGB")
    scene = Image.new("RGB", (500, 400), (120, 125, 130))
    scene.paste(face, (120, 70))
    scene.rotate(180).save(tmp_path / "turned.png")
    page.locator("#sources input[type=file]").set_input_files(tmp_path / "turned.png")
    visit.wait_for_change(before)
    expect(page.locator("#note .conditions li")).to_have_text(["turned by 180°"])


def test_a_snapshot_is_seen_as_in_a_mirror_and_taken_as_it_is(visit: Visit) -> None:
    page, before = visit.page, visit.results()
    page.locator("[data-action=webcam]").click()
    video = page.locator("#camera video")
    expect(video).to_be_visible()
    assert video.evaluate("one => getComputedStyle(one).transform") == "matrix(-1, 0, 0, 1, 0, 0)"
    expect(page.locator("#easel")).to_be_hidden()
    page.wait_for_function("document.querySelector('#camera video').videoWidth > 0")
    page.locator("[data-action=snap]").click()
    visit.wait_for_change(before)
    expect(video).to_be_hidden()
    expect(page.locator("#face img")).to_have_attribute("alt", words.CURRENT_FACE)


@pytest.mark.parametrize(
    ("trouble", "sentence"),
    [
        ("Object.defineProperty(window, 'isSecureContext', {value: false})", words.CAMERA_INSECURE),
        (
            "navigator.mediaDevices.getUserMedia = async () => { throw {name: 'NotFoundError'} }",
            words.CAMERA_NONE,
        ),
    ],
)
def test_a_camera_that_cant_be_had_says_why(visit: Visit, trouble: str, sentence: str) -> None:
    page = visit.page
    page.evaluate(f"() => {{ {trouble}; }}")
    page.locator("[data-action=webcam]").click()
    expect(page.locator("#note .note")).to_have_text(sentence)
    expect(page.locator("#camera video")).to_be_hidden()
