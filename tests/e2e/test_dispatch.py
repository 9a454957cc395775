"""However fast the controls are used, each change that settles is answered once, and for good."""

import io
import json
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Page, Request, expect

from ferstudio.ui.page import TABS
from tests.e2e.server import ROOT
from tests.e2e.visit import SIZES, Visit, turn_to, visits

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(170)]

QUIET_MS = 3000
"""After so long without a request nothing more comes."""

MOST_LOOKS = 20
"""So often a busy server is given that time; a page that asks without end is never quiet."""

MOST_WAITING = 6
"""So often in a row nothing may be asked while a stream is open: Gradio 6.31 opens one for an event
that the stream before it has told the end of, and leaves it open for the next event."""

SETTLED_MS = 190
"""What `dispatch.js` takes for settled, less what a timer may be early."""

TOLERATED = 1
"""So many questions more than settled changes are no fault: a slow server lets one slip in."""


def click_fast(page: Page, *selectors: str) -> None:
    """Click so fast that nothing can settle in between, however slow the machine is."""
    page.evaluate("all => all.forEach(one => document.querySelector(one).click())", selectors)


def tick_two_models(page: Page) -> None:
    for box in page.locator("#models input").all():
        box.click()
        page.wait_for_timeout(400)


def drag_the_slider(page: Page) -> None:
    box = page.locator("#amount input[type=range]").bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    for share in (0.3, 0.9, 0.5):
        page.mouse.move(box["x"] + 0.7 * box["width"], y)
        page.mouse.down()
        page.mouse.move(box["x"] + share * box["width"], y, steps=6)
        page.mouse.up()


def press_arrows(page: Page) -> None:
    page.locator("#amount input[type=range]").focus()
    for _ in range(6):
        page.keyboard.press("ArrowLeft")


def reroll(page: Page) -> None:
    click_fast(page, *["#reroll button"] * 3)


def pick_a_method(page: Page) -> None:
    page.locator("#explainers input").click()
    page.get_by_role("option", name="LayerCAM").click()


def try_samples(page: Page) -> None:
    emotions = ("surprise", "sadness", "anger")
    click_fast(page, *(f"#samples button[data-value={emotion}]" for emotion in emotions))
    expect(page.locator("#samples [aria-pressed=true]")).to_have_attribute("data-value", "anger")


def try_covers(page: Page) -> None:
    covers = ("sunglasses", "scarf", "hand")
    click_fast(page, *(f"#occluders button[data-value={cover}]" for cover in covers))


def change_the_scale(page: Page) -> None:
    click_fast(page, *(f"#scale button[data-value={scale}]" for scale in ("one", "own", "one")))


def turn_through_tabs(page: Page) -> None:
    for title in ("Attention", "Explain", "Attention", "Compare"):
        turn_to(page, title)


def ask_again(page: Page) -> None:
    click_fast(page, *["#ask"] * 3)


def ask_why(page: Page) -> None:
    button = "#results button[data-why={}]"
    click_fast(page, *(button.format(which) for which in ("covered", "clean", "covered")))
    shown = page.locator("#results button[data-why=covered][aria-pressed=true]")
    expect(shown).to_have_count(1)  # a slow server takes long to tell of a click


def type_a_seed(page: Page) -> None:
    page.locator("#seed input").click(click_count=3)
    page.keyboard.type("1234")


def paint(page: Page) -> None:
    click_fast(page, "#occluders button[data-value=painted]")
    box = page.locator("#paint canvas").bounding_box()
    assert box is not None
    for share in (0.3, 0.5, 0.7):
        page.mouse.move(box["x"] + 30, box["y"] + share * box["height"])
        page.mouse.down()
        page.mouse.move(box["x"] + 90, box["y"] + share * box["height"], steps=4)
        page.mouse.up()
    click_fast(page, "#paint [data-brush='44']", "#paint [data-paint='#ffffff']")
    click_fast(page, "#paint [data-wipe]")


def two_faces() -> bytes:
    sample = Image.open(ROOT / "ferstudio" / "samples" / "happiness.png").convert("RGB")
    picture, stream = Image.new("RGB", (640, 320), (120, 125, 130)), io.BytesIO()
    for left in (10, 330):
        picture.paste(sample.resize((300, 300)), (left, 10))
    picture.save(stream, "PNG")
    return stream.getvalue()


def pick_faces(page: Page) -> None:
    file: FilePayload = {"name": "two.png", "mimeType": "image/png", "buffer": two_faces()}
    page.locator("#sources input[type=file]").set_input_files(file)
    faces = page.locator("#note button[data-index]")
    expect(faces).to_have_count(2)
    click_fast(page, *(f"#note button[data-index='{index}']" for index in (1, 0, 1)))


def bring_a_sticker(page: Page) -> None:
    click_fast(page, "#occluders button[data-value=sticker]")
    stream = io.BytesIO()
    Image.new("RGBA", (40, 40), (200, 20, 20, 99)).save(stream, "PNG")
    file: FilePayload = {"name": "s.png", "mimeType": "image/png", "buffer": stream.getvalue()}
    page.locator("#sidebar > input[type=file]").set_input_files(file)


def look_about(page: Page) -> None:
    """Use all that asks nobody: theme, type size, groups of covers, explanations."""
    click_fast(page, "[data-action=theme]", "[data-action=larger]", "[data-action=fold]")
    click_fast(page, "[data-action=theme]", "[data-action=larger]", "[data-action=fold]")
    for group in page.locator("#occluders .groups button").all():
        group.click()
    page.locator("#results .face").first.click()
    page.locator("#enlarged [data-close]").click()
    page.locator("#face img").click()
    page.locator("#enlarged [data-close]").click()
    page.locator("#results .size span[title]").first.click()
    page.locator("#tip [data-glossary]").first.click()
    page.locator("#glossary [data-close]").click()


@pytest.mark.parametrize(
    ("act", "settled"),
    [
        (tick_two_models, 2),
        (drag_the_slider, 1),
        (press_arrows, 1),
        (reroll, 1),
        (pick_a_method, 1),
        (try_samples, 1),
        (try_covers, 1),
        (change_the_scale, 1),
        (turn_through_tabs, 4),
        (ask_again, 1),
        (ask_why, 1),
        (type_a_seed, 1),
        (paint, 1),
        (pick_faces, 2),
        (bring_a_sticker, 2),
        (look_about, 0),
    ],
)
def test_each_settled_change_is_asked_about_once(
    visit: Visit, act: Callable[[Page], None], settled: int
) -> None:
    asked, moments = count_questions(visit, act)
    tolerated = TOLERATED if settled else 0
    assert min(settled, 1) <= asked <= max(settled, moments) + tolerated
    faded = "one => getComputedStyle(one.closest('.tabitem')).opacity"
    assert visit.page.locator("#results .results").evaluate(faded) == "1"


WATCH_CHANGES = """() => {
  const told = window.ferstudio.changed;
  window.changedAt = [];
  window.ferstudio.changed = () => { window.changedAt.push(performance.now()); told(); };
}"""


def settled_moments(changed_at: list[float]) -> int:
    """Return after how many of some changes, in milliseconds, the page had settled.

    A busy machine's browser takes its time between two clicks or moves of one gesture.
    """
    gaps = (later - earlier for earlier, later in pairwise(changed_at))
    return sum(gap >= SETTLED_MS for gap in gaps) + bool(changed_at)


def count_questions(visit: Visit, act: Callable[[Page], None]) -> tuple[int, int]:
    """Return how often the models were asked after some clicks, once the page is quiet for good.

    And after how many of the changes that the clicks made the page had settled.
    """
    page, joined = visit.page, list[int]()
    page.evaluate(WATCH_CHANGES)
    question = page.evaluate(
        "window.gradio_config.dependencies.find((one) => one.api_name === 'ask').id"
    )

    waiting = set[Request]()  # for a place in the queue, or for what the queue tells

    def note(request: Request) -> None:
        if "/queue/" not in request.url:
            return
        waiting.add(request)
        if "queue/join" in request.url:
            joined.append(json.loads(request.post_data or "{}").get("fn_index"))

    def ended(request: Request) -> None:
        waiting.discard(request)

    page.on("request", note)
    page.on("requestfinished", ended)
    page.on("requestfailed", ended)
    act(page)
    visit.settle()
    quiet = 0
    for _ in range(MOST_LOOKS):
        count = len(joined)
        page.wait_for_timeout(QUIET_MS)
        quiet = quiet + 1 if len(joined) == count else 0
        if (quiet and not waiting) or quiet == MOST_WAITING:
            break
    else:
        pytest.fail(f"the page goes on asking by itself: {joined}")
    expect(page.locator("#stage:not(.behind):not(.asking)")).to_have_count(1)
    return joined.count(question), settled_moments(page.evaluate("window.changedAt"))


def pick_models(*rows: str) -> Callable[[Page], None]:
    """Return what picks one model after the other in some rows, and the first again."""

    def act(page: Page) -> None:
        for row in rows:
            buttons = f"#{row} button[data-model]"
            count = page.locator(buttons).count()
            order = [*range(count), 0]
            click_fast(page, *(f"{buttons}:nth-of-type({1 + index})" for index in order))

    return act


def choose(name: str, *values: str) -> Callable[[Page], None]:
    """Return what chooses several options of a row, one after the other."""
    return lambda page: click_fast(page, *(f"#{name} button[data-value='{v}']" for v in values))


def pick_from_menus(page: Page) -> None:
    page.locator("#why-target input").click()
    page.get_by_role("option", name="Why disgust?").click()
    page.locator("#why-layer input").click()
    page.get_by_role("option", name="layer2: ").click()


def switch_off_and_on(page: Page) -> None:
    for _ in range(2):
        page.locator("#inside button.toggle").first.click()


def time_them(page: Page) -> None:
    page.get_by_role("button", name="Time them here").click()
    expect(page.locator("#bench-measured tbody tr").first).to_contain_text("ms")


def turn_the_face(page: Page) -> None:
    faces = ("clean", "covered", "clean")
    click_fast(page, *(f"#why button[data-face={face}]" for face in faces))


def switch_blocks(page: Page) -> None:
    page.locator("#inside button.map").nth(1).hover()
    page.locator("#inside [data-enlarge]").nth(1).click()
    page.locator("#enlarged [data-close]").click()
    maps = page.locator("#inside button.map")
    blocks = [maps.nth(index).get_attribute("data-off") for index in (1, 0, 1)]
    click_fast(page, *(f"#inside button.map[data-off='{block}']" for block in blocks))
    off = page.locator(f"#inside button.map[data-off='{blocks[-1]}'][aria-pressed=true]")
    expect(off).to_have_count(1)  # a slow server takes long to tell of a click


def show_columns(page: Page) -> None:
    expect(page.locator("#robust .matrix td button")).to_have_count(24)
    covers = ("scarf", "sunglasses", "scarf")
    click_fast(page, *(f"#robust button[data-column='{cover}']" for cover in covers))


def play_and_open_a_cell(page: Page) -> None:
    click_fast(page, "#robust [data-play]", "#robust [data-play]")
    page.locator("#robust .reel input").press("ArrowRight")
    click_fast(page, "#robust .matrix td:nth-of-type(2) button")
    expect(page.get_by_role("tab", name="Compare")).to_have_attribute("aria-selected", "true")


def freeze_and_use_a_frame(page: Page) -> None:
    page.get_by_role("button", name="Start the camera").click()
    expect(page.locator("#live-seen .live article").first).to_be_visible()
    click_fast(page, *["[data-live=freeze]"] * 3)
    page.wait_for_timeout(1000)
    click_fast(page, "[data-live=use]")
    expect(page.locator("#samples [aria-pressed=true]")).to_have_count(0)


def use_the_camera(page: Page) -> None:
    page.get_by_role("button", name="Start the camera").click()
    expect(page.locator("#live-seen .live article").first).to_be_visible()
    page.get_by_role("button", name="Stop").last.click()
    page.wait_for_timeout(1000)  # for the frame that is on its way


@pytest.mark.parametrize(
    ("tab", "acts", "settled"),
    [
        (
            "Attention",
            (choose("inside-picture", "clean", "covered", "clean"), pick_models("inside-model"),
             switch_off_and_on, switch_blocks),
            5,
        ),
        ("Explain", (pick_models("why-model"), pick_from_menus, turn_the_face), 4),
        ("Robustness", (choose("robust-group", "bars", "", "quality"),), 1),
        ("Robustness", (show_columns, play_and_open_a_cell), 3),
        (
            "Feature space",
            (choose("space-kind", "pca", "umap", "pca"), pick_models("space-left", "space-right")),
            3,
        ),
        ("Live", (use_the_camera,), 0),
        ("Live", (choose("live-models", "all", "two", "all"), freeze_and_use_a_frame), 3),
        ("Benchmark", (pick_models("bench-model"), time_them), 2),
    ],
)  # fmt: skip
def test_each_settled_change_of_a_tabs_own_options_is_asked_about_once(
    visit: Visit, tab: str, acts: tuple[Callable[[Page], None], ...], settled: int
) -> None:
    turn_to(visit.page, tab)
    visit.settle()
    counted = [count_questions(visit, act) for act in acts]
    asked, moments = map(sum, zip(*counted, strict=True))
    assert min(settled, 1) <= asked <= max(settled, moments) + len(acts) * TOLERATED


USED = """
  [data-action], [data-live], [data-model], [data-off], [data-why], [data-face], [data-enlarge],
  [data-column], [data-occluder], [data-play], .reel input, [data-glossary], [data-close],
  [data-brush], [data-paint], [data-wipe], .groups button, .choice button, .guidance summary,
  #models input, #amount input, #seed input, #reroll button, #explainers input, #upload, #sticker,
  #ask, #stop, #why-target input, #why-layer input, #bench-time, input[type=file], a.skip,
  [role=tab], .plotly a,
  [data-about], [data-go], [data-hint], [data-leave], [data-reveal], [data-hand], [data-vote],
  [data-option], #montage-choices *, #video-choices *, #keep *, #bench-study
"""
"""All controls that some test here uses, or that are links or open what is there already."""


@pytest.mark.timeout(600)
def test_no_control_is_unknown_here(visit: Visit) -> None:
    page, left_out = visit.page, dict[str, list[str]]()
    for tab in TABS:
        turn_to(page, tab.title)
        visit.settle()
        left_out[tab.title] = page.evaluate(
            """used => [...document.querySelectorAll('button, a[href], input, textarea, summary')]
              .filter((one) => one.checkVisibility({visibilityProperty: true}))
              .filter((one) => !one.matches(used) && !one.closest('.modebar'))
              .map((one) => one.outerHTML.slice(0, 120))""",
            USED,
        )
    assert {tab: controls for tab, controls in left_out.items() if controls} == {}


SECOND_IS_LATE = """
const send = window.fetch, waits_ms = [0, 800, 0];
window.fetch = async (address, options) => {
  if (String(address).includes('queue/join') && options.body.includes('"why"'))
    await new Promise((done) => setTimeout(done, waits_ms.shift()));
  return send(address, options);
};
"""


def test_clicks_of_one_control_count_in_their_order_however_they_travel(
    visit: Visit, address: str
) -> None:
    visit.page.add_init_script(SECOND_IS_LATE)
    visit.open(address)
    ask_why(visit.page)
    visit.page.wait_for_timeout(1500)
    visit.settle()
    first = visit.page.locator("#results .card").first
    expect(first.locator("[data-why=covered]")).to_have_attribute("aria-pressed", "true")


def test_the_answer_is_for_the_amount_in_view_however_it_was_set(visit: Visit) -> None:
    page = visit.page
    shares = set()
    for act in (press_arrows, drag_the_slider):
        act(page)
        visit.settle()
        share = page.locator("#share output").inner_text()
        found = re.match(r"(\d+)\s%", share)
        assert found is not None
        shares.add(found[1])
        expect(page.locator("#results h1")).to_contain_text(f"hides {found[1]} % of the face")
    assert len(shares) == 2


def test_a_study_ends_when_it_is_stopped_and_when_its_tab_is_left(visit: Visit) -> None:
    page = visit.page
    turn_to(page, "Robustness")
    expect(page.locator("#robust .matrix")).to_have_count(1)
    click_fast(page, "#stop")  # a quick machine may be done by now; then it stops nothing
    expect(page.locator("#stage:not(.asking)")).to_have_count(1, timeout=10_000)
    expect(page.locator("#robust .doing")).to_be_hidden()
    if page.locator("#stage.halted").count():
        expect(page.locator("#standing .halted")).to_be_visible()
    page.locator("#robust-group button", has_text="Quality").click()
    turn_to(page, "Compare")
    page.locator("#samples button[data-value=surprise]").click()
    visit.settle()
    expect(page.locator("#results h1")).to_be_visible()


def test_of_two_uploads_the_last_one_wins(visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    page.locator("#occluders button[data-value=none]").click()
    visit.settle()
    for name, colour in (("red", (200, 20, 20)), ("blue", (20, 20, 200))):
        file = tmp_path / f"{name}.png"
        Image.new("RGB", (64, 64), colour).save(file)
        page.locator("#sources input[type=file]").set_input_files(file)
    expect(page.locator("#note .note")).to_contain_text("No face was found")
    visit.settle()
    middle = page.locator("#face img").evaluate(
        """async (image) => {
          await image.decode();
          const canvas = Object.assign(document.createElement('canvas'), {width: 1, height: 1});
          const pen = canvas.getContext('2d');
          pen.drawImage(image, 0, 0, 1, 1);
          return [...pen.getImageData(0, 0, 1, 1).data];
        }"""
    )
    assert middle[2] > 150 > middle[0]


def test_two_visitors_at_once_each_get_their_own_answer(
    browser: Browser, address: str, visit: Visit
) -> None:
    for other in visits(browser, address, SIZES["desktop"]):
        for each, emotion in ((visit, "surprise"), (other, "anger")):
            each.page.locator("#scale button[data-value=own]").click()
            each.page.locator(f"#samples button[data-value={emotion}]").click()
        faces = []
        for each in (visit, other):
            each.settle()
            faces.append(each.page.locator("#face img").get_attribute("src"))
            expect(each.page.locator("#results h1")).to_be_visible()
        assert faces[0] != faces[1]
        assert visit.answers() != other.answers()
