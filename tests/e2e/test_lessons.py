"""A class walks through every lesson to its end, guesses first, and sees what the networks do."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from ferstudio.lessons.catalogue import LESSONS
from ferstudio.lessons.lesson import Lesson
from tests.e2e.server import ROOT, serving
from tests.e2e.visit import SIZES, Visit, grave_faults, visits

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

TAUGHT = sorted({m for each in LESSONS for step in each.steps for m in step.setting.models})


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of the networks that lessons ask."""
    folder = tmp_path_factory.mktemp("taught")
    for name in TAUGHT:
        if not (ROOT / "weights" / name / "card.json").is_file():
            pytest.skip(f"weights/ lacks {name}")
        (folder / name).symlink_to(ROOT / "weights" / name)
    return folder


@pytest.fixture(scope="module")
def school(taught: Path, browser: Browser) -> Iterator[str]:
    """Return where app.py serves the page, to a browser that is there."""
    with serving(taught) as (address, _):
        yield address


@pytest.fixture(params=SIZES)
def pupil(browser: Browser, school: str, request: pytest.FixtureRequest) -> Iterator[Visit]:
    yield from visits(browser, school, SIZES[request.param])


@pytest.fixture
def teacher(browser: Browser, school: str) -> Iterator[Visit]:
    yield from visits(browser, school, SIZES["desktop"])


@pytest.mark.parametrize("lesson", LESSONS[:1], ids=lambda each: str(each.name))
def test_a_lesson_is_walked_by_keyboard_alone(pupil: Visit, lesson: Lesson) -> None:
    _walk(pupil, lesson)


@pytest.mark.minutes
@pytest.mark.parametrize("lesson", LESSONS[1:], ids=lambda each: str(each.name))
def test_every_lesson_is_walked_by_keyboard_alone(pupil: Visit, lesson: Lesson) -> None:
    _walk(pupil, lesson)


def _walk(visit: Visit, lesson: Lesson) -> None:
    page = visit.page
    page.get_by_role("tab", name="Learn", exact=True).click()
    page.locator(".lesson-card").filter(has_text=lesson.title).press("Enter")
    for number, step in enumerate(lesson.steps, 1):
        strip = page.locator(f'[data-step="{lesson.name}.{number}"]')
        expect(strip.locator("h2")).to_have_text(step.question)
        if step.guess:
            expect(page.locator("#guess h2")).to_have_text(step.question)
            face = page.locator("#guess img.alone")
            expect(face).to_be_visible()
            expect(face).to_have_attribute("src", re.compile("^data:image/"))
            page.keyboard.press("2")
        else:
            expect(page.locator("#guess")).to_be_hidden()
        if step.later:
            expect(page.locator(f".{step.later}").first).to_be_attached()
            expect(page.locator(f".{step.later}").first).to_be_hidden()
        expect(strip.locator(".reveal")).to_have_count(0)
        page.keyboard.press("Space")
        expect(strip.locator(".reveal")).to_be_visible()
        expect(strip.locator(".take-home")).to_contain_text(step.take_home)
        if step.guess:
            expect(page.locator("#guess")).to_be_hidden()
            expect(strip.locator("tbody th").first).to_have_text("The class (1)")
        page.keyboard.press("ArrowRight")
    expect(page.locator(".lesson-strip")).to_have_count(0)
    expect(page.get_by_role("tab", name="Learn", exact=True)).to_have_attribute(
        "aria-selected", "true"
    )


LAID_OUT_LATE = """
const find = document.querySelector.bind(document);
let there = false;
document.querySelector = (which) => (which === '#guess' && !there ? null : find(which));
setTimeout(() => { there = true; document.body.append(''); }, 2000);
"""


def test_the_sheet_of_guesses_may_be_laid_out_after_the_strip(teacher: Visit, school: str) -> None:
    page = teacher.page
    page.add_init_script(LAID_OUT_LATE)
    teacher.go(f"{school}?lesson=guess")
    expect(page.locator("#guess")).to_be_visible()


def test_phones_vote_on_the_same_server_and_the_tally_fills(
    teacher: Visit, browser: Browser, school: str
) -> None:
    page = teacher.page
    teacher.go(f"{school}?lesson=guess")
    expect(page.locator("#guess")).to_be_visible()
    page.locator("#guess [data-vote=open]").click()
    code = page.locator("#guess .code")
    expect(code).to_have_text(re.compile(r"^\w{5}$"))
    for emotion in ("fear", "fear", "surprise"):
        with browser.new_context() as phone:
            vote = phone.new_page()
            vote.goto(f"{school}vote?code={code.inner_text()}")
            vote.locator(f'[data-option="{emotion}"]').click()
            expect(vote.locator("#said")).to_have_text(re.compile("counted"))
    expect(page.locator('#guess [data-emotion="fear"] .votes')).to_have_text("2")
    page.locator('#guess [data-emotion="anger"] [data-hand="1"]').click()
    assert grave_faults(page) == []
    page.locator("#guess [data-reveal]").click()
    row = page.locator(".lesson-strip tbody tr").first
    expect(row.locator("th")).to_have_text("The class (4)")
    expect(row).to_contain_text("50")
    assert grave_faults(page) == []


def test_faces_are_chosen_and_guessed_one_after_another(teacher: Visit, school: str) -> None:
    page = teacher.page
    teacher.go(f"{school}?lesson=guess")
    alone = page.locator("#guess img.alone")
    expect(alone).to_have_attribute("src", re.compile("^data:image/"))
    first = alone.get_attribute("src")
    page.locator('#samples [data-value="anger"]').click()
    expect(alone).not_to_have_attribute("src", str(first))
    page.keyboard.press("3")
    page.keyboard.press("Space")
    expect(page.locator(".lesson-strip tbody th").first).to_have_text("The class (1)")
    page.locator('#samples [data-value="disgust"]').click()  # what was revealed was of another face
    expect(page.locator(".lesson-strip .revealed")).to_be_hidden()
    page.locator(".lesson-strip h2").click()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#guess")).to_be_visible()
    expect(page.locator('#guess [data-emotion="surprise"] output')).to_have_text("0")
    page.locator('#samples [data-value="fear"]').click()
    page.keyboard.press("Space")
    expect(page.locator(".lesson-strip .reveal")).to_be_visible()
    expect(page.locator(".lesson-strip tbody th").first).to_have_text(re.compile("The networks"))


def test_phones_stay_for_the_next_face(teacher: Visit, browser: Browser, school: str) -> None:
    page = teacher.page
    page.get_by_role("tab", name="Learn", exact=True).click()
    page.locator(".lesson-card").first.press("Enter")
    page.locator("#guess [data-vote=open]").click()
    code = page.locator("#guess .code")
    expect(code).to_have_text(re.compile(r"^\w{5}$"))
    said = code.inner_text()
    with browser.new_context() as phone:
        vote = phone.new_page()
        vote.goto(f"{school}vote?code={said}")
        for number in (1, 2):
            expect(page.locator(f'[data-step="mouth.{number}"]')).to_be_attached()
            expect(page.locator("#guess .join")).to_be_visible()
            expect(code).to_have_text(said)
            vote.locator('[data-option="fear"]').click()
            expect(page.locator('#guess [data-emotion="fear"] .votes')).to_have_text("1")
            page.keyboard.press("Space")
            expect(page.locator(".lesson-strip tbody th").first).to_have_text("The class (1)")
            page.keyboard.press("ArrowRight")


CLOSES_LATE = """
const send = window.fetch;
window.fetch = async (address, options) => {
  if (String(address).includes('vote/close')) await new Promise((done) => setTimeout(done, 1000));
  return send(address, options);
};
"""


def test_a_round_that_closes_late_leaves_the_next_one_open(
    teacher: Visit, browser: Browser, school: str
) -> None:
    page = teacher.page
    page.add_init_script(CLOSES_LATE)
    teacher.open(school)
    page.get_by_role("tab", name="Learn", exact=True).click()
    page.locator(".lesson-card").first.press("Enter")
    page.locator("#guess [data-vote=open]").click()
    expect(page.locator("#guess .code")).to_have_text(re.compile(r"^\w{5}$"))
    page.keyboard.press("ArrowRight")
    expect(page.locator('[data-step="mouth.2"]')).to_be_attached()
    page.wait_for_timeout(2000)
    expect(page.locator("#guess .join")).to_be_visible()
    with browser.new_context() as phone:
        vote = phone.new_page()
        vote.goto(f"{school}vote?code={page.locator('#guess .code').inner_text()}")
        vote.locator('[data-option="fear"]').click()
        expect(page.locator('#guess [data-emotion="fear"] .votes')).to_have_text("1")


FITS = "() => document.documentElement.scrollHeight <= innerHeight + 1"

SMALL_OR_AWAY = """
() => [...document.querySelectorAll('#guess *')].filter((each) => {
  const box = each.getBoundingClientRect();
  const says = [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  if (!box.width || getComputedStyle(each).visibility === 'hidden') return false;
  const small = says && parseFloat(getComputedStyle(each).fontSize) < 20;
  return small || box.bottom > innerHeight + 1 || box.right > innerWidth + 1;
}).map((each) => each.outerHTML.slice(0, 80))
"""


def test_a_projector_shows_the_question_the_code_and_the_reveal_without_scrolling(
    teacher: Visit, school: str
) -> None:
    page = teacher.page
    page.keyboard.press("p")
    page.get_by_role("tab", name="Learn", exact=True).click()
    page.locator(".lesson-card").first.press("Enter")
    expect(page.locator("#guess")).to_be_visible()
    assert page.evaluate(SMALL_OR_AWAY) == []
    page.locator("#guess [data-vote=open]").click()
    expect(page.locator("#guess .code")).to_have_text(re.compile(r"^\w{5}$"))
    expect(page.locator("#guess [data-vote=open]")).to_be_hidden()
    assert page.evaluate(SMALL_OR_AWAY) == []
    qr = page.locator("#guess .join img").bounding_box()
    assert qr is not None
    assert qr["height"] >= 180  # with the sentence that phones can't reach 127.0.0.1
    page.keyboard.press("ArrowRight")
    expect(page.locator('[data-step="mouth.2"]')).to_be_attached()
    page.keyboard.press("Space")
    expect(page.locator(".lesson-strip .reveal")).to_be_visible()
    expect(page.locator("#results .card.flipped").first).to_be_visible()
    expect(page.locator("#stage.behind")).to_have_count(0)
    assert page.evaluate(FITS)


def test_a_projector_shows_one_row_at_a_time(teacher: Visit) -> None:
    page = teacher.page
    page.keyboard.press("p")
    cards = page.locator("#results .card")
    expect(page.locator("#sidebar")).to_be_hidden()
    expect(cards.locator("visible=true")).to_have_count(1)
    first = cards.locator("visible=true").get_attribute("data-model")
    page.keyboard.press("ArrowDown")
    expect(cards.locator("visible=true")).not_to_have_attribute("data-model", str(first))
    assert page.evaluate(FITS)
    page.keyboard.press("P")
    expect(page.locator("#sidebar")).to_be_visible()
