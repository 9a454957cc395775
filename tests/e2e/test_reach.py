"""Everyone reaches everything: by key, by finger, on a phone, with a screen reader."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from ferstudio.ui import words
from ferstudio.ui.page import TABS
from tests.e2e.visit import SIZES, Visit, grave_faults, turn_to, visits

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(170)]

FINGER_PX = 24
SMALL_TARGETS = """least => [...document.querySelectorAll('button, a, input, summary')]
  .filter(one => one.checkVisibility({visibilityProperty: true, opacityProperty: true}))
  .map(one => [one, (one.closest('label') ?? one).getBoundingClientRect()])
  .filter(([, box]) => box.width > 0 && (box.width < least || box.height < least))
  .map(([one]) => one.outerHTML.slice(0, 120))"""


@pytest.fixture
def phone(browser: Browser, address: str) -> Iterator[Visit]:
    yield from visits(browser, address, SIZES["phone"])


@pytest.fixture
def projector(browser: Browser, address: str) -> Iterator[Visit]:
    yield from visits(browser, address, (1920, 1080))


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.textContent.trim()"))


@pytest.mark.timeout(600)
def test_no_tab_has_a_grave_fault_in_either_theme(visit: Visit) -> None:
    page, found = visit.page, dict[str, list[str]]()
    page.add_style_tag(content="* { transition: none !important; }")
    for tab in TABS:
        turn_to(page, tab.title)
        visit.settle()
        for theme in ("light", "dark"):
            dark = theme == "dark"
            page.evaluate("dark => document.body.classList.toggle('dark', dark)", dark)
            found[f"{tab.title}, {theme}"] = grave_faults(page)
    assert {where: faults for where, faults in found.items() if faults} == {}


def test_the_keyboard_finds_the_answer_and_the_tabs_first(visit: Visit) -> None:
    page = visit.page
    page.keyboard.press("Tab")
    assert focused(page) == words.SKIP
    page.keyboard.press("Tab")
    assert focused(page) == TABS[0].title
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("tab", selected=True)).to_have_text(TABS[-1].title)
    assert focused(page) == TABS[-1].title
    page.keyboard.press("Home")
    expect(page.get_by_role("tab", selected=True)).to_have_text(TABS[0].title)
    page.locator("a.skip").press("Enter")
    assert page.evaluate("document.activeElement.id") == "stage"
    seed = page.locator("#seed input")
    seed.focus()
    assert seed.evaluate("one => getComputedStyle(one).outlineStyle") == "solid"


def test_a_number_says_what_it_means_and_leads_to_the_glossary(visit: Visit) -> None:
    page = visit.page
    number, tip = page.locator("#results .size span[title]").first, page.locator("#tip")
    number.press("Enter")
    expect(tip).to_be_visible()
    expect(tip.locator(".said")).to_have_text(number.get_attribute("title") or "")
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    number.click()
    box, at = tip.bounding_box(), number.bounding_box()
    assert box is not None
    assert at is not None
    assert (box["x"], box["y"]) == pytest.approx((at["x"], at["y"] + at["height"] + 6), abs=2)
    tip.locator("[data-glossary=parameters]").click()
    expect(tip).to_be_hidden()
    expect(page.locator("#glossary .chosen dt")).to_have_text("Parameters")
    page.locator("#glossary [data-close]").click()
    expect(page.locator("#glossary")).to_be_hidden()
    page.locator("#top [data-glossary]").click()
    expect(page.locator("#glossary")).to_be_visible()
    expect(page.locator("#glossary .chosen")).to_have_count(0)
    assert page.locator("#glossary").evaluate("one => one.scrollTop") == 0
    page.locator("#glossary [data-close]").click()


def test_a_picture_is_enlarged_with_and_without_its_heat(visit: Visit) -> None:
    page, dialog = visit.page, visit.page.locator("#enlarged")
    face = page.locator("#results .card .face").nth(1)
    face.press("Enter")
    expect(dialog).to_be_visible()
    expect(dialog.locator("h2")).to_have_text("ACSI-Net")
    expect(dialog.locator("figure > img")).to_have_count(2)
    expect(dialog.locator(".heat-scale")).to_have_count(1)
    small, large = face.bounding_box(), dialog.locator("figure > img").first.bounding_box()
    assert small is not None
    assert large is not None
    assert large["width"] > 3 * small["width"]
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    face.click()
    expect(dialog).to_be_visible()


def test_a_block_of_attention_and_the_sidebars_face_are_enlarged(visit: Visit) -> None:
    page, dialog = visit.page, visit.page.locator("#enlarged")
    page.locator("#face img").press("Enter")
    expect(dialog.locator("figure > img")).to_have_count(1)
    page.keyboard.press("Escape")
    turn_to(page, "Attention")
    visit.settle()
    block = page.locator("#inside .enlarging").first
    block.locator("[data-enlarge]").press("Enter")
    expect(dialog).to_be_visible()
    expect(dialog.locator("figure > img")).to_have_count(1)
    expect(dialog.locator("figcaption")).to_have_text(block.locator("b").inner_text())
    expect(page.locator("#inside button.map[aria-pressed=true]")).to_have_count(0)


def test_no_tab_is_wider_than_a_phone(phone: Visit) -> None:
    wider = {}
    for tab in TABS:
        turn_to(phone.page, tab.title)
        phone.settle()
        wider[tab.title] = phone.page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert {title: px for title, px in wider.items() if px > 0} == {}


def test_a_phone_shows_all_tabs_the_verdict_and_a_sidebar_that_folds(phone: Visit) -> None:
    page, (width, height) = phone.page, SIZES["phone"]
    for tab in TABS:
        box = page.get_by_role("tab", name=tab.title, exact=True).bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    verdict = page.locator("#results h1")
    expect(verdict).to_be_in_viewport(ratio=1)
    page.locator("#results .card").last.scroll_into_view_if_needed()
    expect(verdict).to_be_in_viewport(ratio=1)
    expect(page.locator("#samples")).to_be_hidden()
    edges = "one => { const {top, bottom} = one.getBoundingClientRect(); return [top, bottom]; }"
    foot, _ = page.locator("#sidebar").evaluate(edges)
    for told in ("#standing", "#asking"):  # above the folded sidebar, not over tabs and verdict
        top, bottom = page.locator(told).evaluate(edges)
        assert height / 2 < top <= bottom <= foot, told
    assert page.evaluate(SMALL_TARGETS, FINGER_PX) == []
    phone.unfold()
    expect(page.locator("#samples")).to_be_visible()
    expect(verdict).to_be_in_viewport(ratio=1)
    box = page.locator("#sidebar").bounding_box()
    assert box is not None
    assert box["y"] > height / 3
    assert page.evaluate(SMALL_TARGETS, FINGER_PX) == []


COLLISIONS = """() => {
  const box = (one) => one.getBoundingClientRect(), bar = box(document.querySelector('#top'));
  const all = [...document.querySelectorAll('#top :is([role=tab], .tool, .brand)')]
    .filter((one) => box(one).width);
  const apart = (a, b) => a.left >= b.right - 1 || b.left >= a.right - 1
    || a.top >= b.bottom - 1 || b.top >= a.bottom - 1;
  const cut = (a) => a.left < bar.left || a.right > bar.right + 1 || a.bottom > bar.bottom + 1;
  const meets = (one) => all.some((each) => each !== one && !apart(box(one), box(each)));
  return all.filter((one) => cut(box(one)) || meets(one)).map((one) => one.textContent.trim());
}"""


def test_tabs_and_tools_have_room_in_every_window(visit: Visit) -> None:
    page, found = visit.page, dict[str, list[str]]()
    for larger in (False, True):
        page.evaluate("on => document.documentElement.classList.toggle('larger', on)", larger)
        for width in (390, 844, 1024, 1280, 1920):
            page.set_viewport_size({"width": width, "height": 800})
            page.wait_for_timeout(300)
            found[f"{width}{' larger' * larger}"] = page.evaluate(COLLISIONS)
    assert {where: names for where, names in found.items() if names} == {}


def test_a_projector_shows_large_faces_and_larger_ones_for_one_model(projector: Visit) -> None:
    page, face = projector.page, projector.page.locator("#results .card .face").first
    both, before = face.bounding_box(), projector.results()
    page.locator("#models input").first.uncheck()
    projector.wait_for_change(before)
    one = face.bounding_box()
    assert both is not None
    assert one is not None
    assert both["width"] >= 200
    assert one["width"] >= 1.3 * both["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 1920


CHART = """(chart) => {
  const boxes = (of) => [...chart.querySelectorAll(of)].map((one) => one.getBoundingClientRect());
  const ticks = boxes('.xtick text'), [title] = boxes('.xtitle'), [whole] = boxes('.main-svg');
  return {
    gap: title.top - Math.max(...ticks.map((one) => one.bottom)),
    last: whole.right - Math.max(...ticks.map((one) => one.right)),
  };
}"""


def test_charts_keep_their_form_under_the_zoom_of_a_projector_and_of_larger_type(
    visit: Visit, projector: Visit
) -> None:
    for each, zoom in ((visit, 1.0), (visit, 1.2), (projector, 1.25)):
        page = each.page
        turn_to(page, "Benchmark")
        each.settle()
        if zoom == 1.2:
            page.locator("[data-action=larger]").click()
        chart = page.locator("#bench-chart .js-plotly-plot")
        expect(chart.locator(".xtick text").first).to_have_css("font-size", f"{14 * zoom:g}px")
        found = chart.evaluate(CHART)
        assert 0 < found["gap"] < 30, (zoom, found)
        assert 0 <= found["last"] < 200, (zoom, found)


def test_the_knob_of_the_amount_is_drawn_whole(visit: Visit) -> None:
    cut = """(one) => {
      const box = one.getBoundingClientRect();
      for (let at = one.parentElement; at.id !== 'amount-row'; at = at.parentElement) {
        const around = at.getBoundingClientRect();
        const cut = around.right < box.right || around.bottom < box.bottom + 3;
        if (cut && getComputedStyle(at).overflow !== 'visible') return at.outerHTML;
      }
      return '';
    }"""
    assert visit.page.locator("#amount input[type=range]").evaluate(cut) == ""
