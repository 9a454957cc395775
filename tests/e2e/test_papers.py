"""The papers' figures and tables: whole where there is room, led to by their addresses."""

import pytest
from playwright.sync_api import Page, expect

from ferstudio.ui.tabs.papers.exhibits import VIEWS
from tests.e2e.visit import Visit

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

CUT_OFF = """() => [...document.querySelectorAll('#papers .scroll')]
  .filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.closest('.card').id)"""
"""Ids of the cards in which something has to be scrolled."""


def paper(visit: Visit, name: str, place: str = "network") -> Page:
    """Open a paper's view at one of its places and wait until it stands there."""
    page = visit.page
    visit.go(f"{page.url.partition('?')[0]}?tab=Papers&papers.paper={name}#papers-{name}-{place}")
    expect(page.locator(f"#papers-{name}-{place}")).to_be_in_viewport()
    return page


def test_nothing_is_cut_off_where_there_is_room(visit: Visit) -> None:
    for name in VIEWS:
        page = paper(visit, name)
        assert page.evaluate(CUT_OFF) == [], name
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name


@pytest.mark.parametrize("size", ["phone"], indirect=True)
def test_the_first_column_stays_while_a_table_scrolls(sized_visit: Visit) -> None:
    page = paper(sized_visit, "csinet", "table-3")
    table = page.locator("#papers-csinet-table-3 .scroll").first
    name = table.locator("tbody th").first
    before = name.bounding_box()
    assert table.evaluate("one => one.scrollLeft = 60") == 60
    assert table.evaluate("one => one.scrollLeft") == 60
    assert name.bounding_box() == before


def test_an_address_leads_to_its_place_until_the_reader_moves_on(visit: Visit) -> None:
    page = paper(visit, "csinet", "table-5")
    expect(page.locator("#papers .doing")).to_have_count(0)  # pictures above it have arrived
    expect(page.locator("#papers-csinet-table-5")).to_be_in_viewport()
    assert page.url.endswith("#papers-csinet-table-5")
    page.evaluate("location.hash = 'papers-csinet-table-1'")
    expect(page.locator("#papers-csinet-table-1")).to_be_in_viewport()
    page.mouse.wheel(0, 3000)
    expect(page.locator("#papers-csinet-table-1")).not_to_be_in_viewport()


def test_of_what_keeps_nothing_there_is_only_a_link(visit: Visit) -> None:
    page = visit.page
    expect(page.locator("#keep button:visible")).to_have_count(6)
    page = paper(visit, "acsinet")
    expect(page.locator("#keep button:visible")).to_have_text(["Link"])
