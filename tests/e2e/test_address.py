"""Reload, Back, Forward and a link show what was chosen."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.visit import Visit, turn_to

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


def test_choices_survive_reload_back_and_forward(visit: Visit) -> None:
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

    page.reload(wait_until="domcontentloaded")
    expect(page.locator("#why .under")).to_contain_text("Grad-CAM at layer2")
    expect(page.locator("#why-model [aria-pressed=true]")).to_have_text("ResNet-18")
    assert chosen(page) == before
    visit.settle()

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


def test_a_photograph_is_no_part_of_the_address(visit: Visit) -> None:
    page = visit.page
    page.goto(f"{page.url}?face=own&cover=scarf", wait_until="domcontentloaded")
    expect(page.locator("#results h1")).to_contain_text("scarf")
    expect(page.locator("#samples [aria-pressed=true]")).to_have_attribute(
        "data-value", "happiness"
    )
    visit.settle()
    page.wait_for_timeout(1000)
    assert page.url.endswith("?cover=scarf")
