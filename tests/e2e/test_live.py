"""The camera: frames answered, clean beside covered, frozen, and taken as the face of all tabs."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ferstudio.ui.uploads import MAX_UPLOAD_MB
from ferstudio.video_files import read_info
from tests.e2e.visit import PATIENCE_MS, Visit, grave_faults, turn_to
from tests.made_videos import write_video

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(170)]

STILL_MS = 1500


def start(page: Page) -> None:
    turn_to(page, "Live")
    page.get_by_role("button", name="Start the camera").click()
    expect(page.locator("#live-seen .live .box.first")).to_have_count(1)


def frame_number(page: Page) -> int:
    return int(page.locator("#live-seen .live").get_attribute("data-frame") or 0)


def freeze(page: Page) -> int:
    """Freeze the frame; return its number once it is answered."""
    page.get_by_role("button", name="Freeze").click()
    page.wait_for_timeout(STILL_MS)
    number = frame_number(page)
    page.wait_for_timeout(STILL_MS)
    assert frame_number(page) == number
    return number


def test_the_live_tab_answers_the_newest_frame(sized_visit: Visit, size: tuple[int, int]) -> None:
    page = sized_visit.page
    turn_to(page, "Live")
    page.get_by_role("button", name="Start the camera").click()
    live = page.locator("#live-seen .live")
    expect(live.locator(".box.first")).to_have_count(1)
    expect(live.locator("article")).to_have_count(2)
    expect(live.locator(".rate b")).to_contain_text("frames/s")
    number = int(live.get_attribute("data-frame") or 0)
    page.wait_for_function(
        "after => Number(document.querySelector('#live-seen .live').dataset.frame) > after",
        arg=number + 2,
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Start the camera")).to_be_visible()


def test_the_clean_face_stands_beside_the_covered_one(visit: Visit) -> None:
    page = visit.page
    start(page)
    card = page.locator("#live-seen .card").first
    expect(card.locator("figcaption")).to_have_text(["clean", "covered"])
    page.locator("#occluders button[data-value=none]").click()
    expect(card.locator("figcaption")).to_have_text(["clean"])
    page.locator("#live-models button[data-value=all]").click()
    expect(page.locator("#live-seen .card")).to_have_count(2)


def test_a_frozen_frame_is_asked_about_again_and_goes_on(visit: Visit) -> None:
    page = visit.page
    start(page)
    number = freeze(page)
    before = page.locator("#live-seen .scene img").get_attribute("src")
    page.locator("#occluders button[data-value=sunglasses]").click()
    page.wait_for_function(
        "after => Number(document.querySelector('#live-seen .live').dataset.frame) > after",
        arg=number,
    )
    covered = page.locator("#live-seen .scene img").get_attribute("src")
    assert covered != before
    page.locator("#occluders button[data-value=surgical-mask]").click()
    page.wait_for_function(  # the mesh follows its own last place, so not to the last pixel
        "src => document.querySelector('#live-seen .scene img').src !== src", arg=covered
    )
    still = freeze_ends(page)
    page.wait_for_function(
        "after => Number(document.querySelector('#live-seen .live').dataset.frame) > after",
        arg=still + 2,
    )


def freeze_ends(page: Page) -> int:
    """Let the camera go on; return the number of the frame that was frozen."""
    number = frame_number(page)
    page.locator("[data-live=freeze][aria-pressed=true]").click()
    return number


def test_a_frozen_frame_becomes_the_face_of_all_tabs(visit: Visit) -> None:
    page = visit.page
    start(page)
    freeze(page)
    before = page.locator("#face img").get_attribute("src")
    page.get_by_role("button", name="Use this frame").click()
    expect(page.get_by_role("tab", name="Compare")).to_have_attribute("aria-selected", "true")
    expect(page.locator("#face img")).not_to_have_attribute("src", before or "")
    expect(page.locator("#samples [aria-pressed=true]")).to_have_count(0)
    visit.settle()
    expect(page.locator("#results .card")).to_have_count(2)
    turn_to(page, "Live")
    expect(page.get_by_role("button", name="Start the camera")).to_be_visible()


def test_a_camera_that_nobody_looks_at_is_off(visit: Visit) -> None:
    page = visit.page
    start(page)
    freeze(page)
    turn_to(page, "Compare")
    page.wait_for_timeout(STILL_MS)
    assert page.locator("#live-camera video").evaluate("one => one.srcObject.active") is False


def test_a_video_is_answered_and_its_film_can_be_saved(
    sized_visit: Visit, size: tuple[int, int], tmp_path: Path
) -> None:
    page = sized_visit.page
    turn_to(page, "Live")
    expect(page.locator("#video-choices")).to_contain_text("Up to 60 seconds")
    expect(page.locator("#video-stop")).to_be_hidden()
    chooser = page.locator("#video-choices input[type=file]")
    with (tmp_path / "large.mp4").open("wb") as large:
        large.truncate((MAX_UPLOAD_MB + 1) * 2**20)
    chooser.set_input_files(tmp_path / "large.mp4")
    expect(page.locator("#video-choices [role=alert]")).to_be_visible()
    clip = write_video(tmp_path / "clip.mp4", 0.6, size_px=(320, 240))
    chooser.set_input_files(clip)
    expect(page.locator("#video-choices [role=alert]")).to_be_hidden()
    expect(page.locator("#video-seen .saves a")).to_have_count(4, timeout=PATIENCE_MS)
    expect(page.locator("#video-seen .over-time")).to_have_count(2)
    expect(page.locator("#video-stop")).to_be_hidden()
    with page.expect_download() as saved:
        page.locator("#video-seen .saves a").first.click()
    saved.value.save_as(tmp_path / "film.mp4")
    assert read_info(tmp_path / "film.mp4").frames == 3
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert grave_faults(page) == []
