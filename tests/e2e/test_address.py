"""Reload, Back, Forward and a link show what was chosen."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.visit import SIZES, Visit, turn_to, visits

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


def addressed(page: Page, *parts: str) -> None:
    """Wait until the address says some things."""
    for part in parts:
        expect(page).to_have_url(re.compile(re.escape(part)))


def chosen(page: Page) -> tuple[str | None, ...]:
    """Return what is chosen in the sidebar, and the tab in view."""
    pressed = [f"#{name} [aria-pressed=true][data-value]" for name in ("samples", "occluders")]
    return (
        *(page.locator(one).get_attribute("data-value") for one in pressed),
        page.locator("#amount input[type=range]").input_value(),
        page.locator("#seed input").input_value(),
        page.get_by_role("tab", selected=True).inner_text(),
    )


def explained(page: Page) -> None:
    """Wait for the explanation that the test chooses."""
    expect(page.locator("#why .under")).to_contain_text("Grad-CAM at layer2")
    expect(page.locator("#why-model [aria-pressed=true]")).to_have_text("ResNet-18")


def test_choices_survive_reload_back_and_forward_and_another_browser(
    visit: Visit, browser: Browser
) -> None:
    page = visit.page
    at_first = chosen(page)
    assert page.url.endswith("/")
    page.locator("#samples button[data-value=surprise]").click()
    addressed(page, "face=surprise")
    page.locator("#occluders button[data-group=Heat]").click()
    page.locator("#occluders button[data-value=hottest]").click()
    addressed(page, "cover=hottest", "amount=0.2")
    page.locator("#reroll button").click()
    addressed(page, "seed=8")
    turn_to(page, "Explain")
    addressed(page, "tab=Explain")
    page.locator("#why-model button", has_text="ResNet-18").click()
    addressed(page, "model=resnet18.ferplus")
    page.locator("#why-layer input").click()
    page.get_by_role("option", name="layer2: ").click()
    addressed(page, "explain.layer=layer2")
    visit.settle()
    before = chosen(page)
    assert before == ("surprise", "hottest", "0.2", "8", "Explain")

    with visit.leaving():
        page.reload(wait_until="commit")
    explained(page)
    assert chosen(page) == before
    visit.settle()
    with browser.new_context(viewport={"width": 1280, "height": 720}) as other:
        linked = other.new_page()
        linked.goto(page.url, wait_until="domcontentloaded")
        explained(linked)
        assert chosen(linked) == before

    for _ in range(4):
        page.go_back()
        page.wait_for_timeout(300)
    addressed(page, "cover=hottest")
    page.go_back()
    addressed(page, "?face=surprise")
    expect(page.locator("#occluders [data-value=surgical-mask]")).to_have_attribute(
        "aria-pressed", "true"
    )
    page.go_back()
    expect(page.locator("#samples [aria-pressed=true]")).to_have_attribute(
        "data-value", "happiness"
    )
    expect(page.get_by_role("tab", selected=True)).to_have_text("Compare")
    visit.settle()
    assert chosen(page) == at_first
    page.go_forward()
    expect(page.locator("#samples [aria-pressed=true]")).to_have_attribute("data-value", "surprise")
    visit.settle()
    addressed(page, "face=surprise")


@pytest.fixture
def linked(browser: Browser, address: str) -> Iterator[Visit]:
    """Return a visit that begins with the link of a visitor who had a photograph of their own."""
    yield from visits(browser, f"{address}?face=own&cover=scarf", SIZES["desktop"])


def test_a_photograph_is_no_part_of_the_address(linked: Visit) -> None:
    page = linked.page
    expect(page.locator("#results h1")).to_contain_text("scarf")
    expect(page.locator("#samples [aria-pressed=true]")).to_have_attribute(
        "data-value", "happiness"
    )
    linked.settle()
    page.wait_for_timeout(1000)
    assert page.url.endswith("?cover=scarf")
