"""The camera: frames answered, clean beside covered, frozen, and taken as the face of all tabs."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.visit import Visit, turn_to

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
    expect(live.locator(".rate output")).to_contain_text("frames/s")
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
