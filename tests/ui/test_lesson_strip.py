"""Where a visitor is in a lesson, what the strip says there, and that a step's address sets it."""

from dataclasses import replace
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs

import gradio as gr
import pytest

from ferstudio.labels import DISPLAY_ORDER
from ferstudio.lessons.catalogue import LESSONS
from ferstudio.lessons.lesson import Reveal, Setting
from ferstudio.occlusion.kinds import list_kinds
from ferstudio.ui import lesson_words as words
from ferstudio.ui.address import Address
from ferstudio.ui.lesson_strip import (
    GUESS,
    MOST_HANDS,
    LessonStrip,
    Place,
    chart,
    guess_sheet,
    kept,
    link,
    place,
    revealed,
    shares,
    strip,
    texts,
)
from ferstudio.ui.mode import LITE_MODELS, Mode
from ferstudio.ui.page import TABS
from ferstudio.ui.sidebar import Sidebar
from tests.ui.events import event
from tests.ui.fake_studio import FakeStudio

STEPS = [
    pytest.param(Place(each, number), id=f"{each.name}.{number}")
    for each in LESSONS
    for number in range(1, len(each.steps) + 1)
]


@pytest.mark.parametrize("at", STEPS)
def test_a_place_is_found_by_its_text_before_and_after_the_reveal(at: Place) -> None:
    assert place(at.text) == at
    assert place(f"{at.text}.shown") == Place(at.lesson, at.number, shown=True)
    assert kept(at.text) == at.text


@pytest.mark.parametrize(
    "text", ["mouth", "mouth.0", "mouth.7", "mouth.x", "mouth.1.hidden", "latin.1", "guess.1", "."]
)
def test_what_names_no_place_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        kept(text)


def test_no_lesson_is_a_place_too() -> None:
    assert kept("") == ""
    assert place(GUESS) == Place(None)
    assert place("guess.shown").shown


@pytest.mark.slow
@pytest.mark.parametrize("at", STEPS)
def test_a_steps_address_names_what_is_there(at: Place) -> None:
    assert at.step is not None
    setting = at.step.setting
    asked = {name: values[0] for name, values in parse_qs(link(at)[1:]).items()}
    assert asked == {**texts(setting), "lesson": at.text}
    assert setting.tab in [tab.title for tab in TABS]
    assert setting.face in DISPLAY_ORDER
    with gr.Blocks():
        sidebar = Sidebar(FakeStudio(), TABS[0].title)
        tabs: dict[str, Any] = {tab.title: tab(sidebar) for tab in TABS}
        address = Address(sidebar, {name: tab.kept for name, tab in tabs.items()})
    assert set(setting.options) <= set(address._kept)
    restored = address.restore(None, event(query=link(at)[1:]))
    choices = sidebar.choices
    assert restored[choices.lesson] == at.text
    assert restored[choices.goto] == setting.tab
    assert restored[choices.amount] == setting.amount
    assert restored[choices.seed] == setting.seed


def test_a_reveal_goes_with_the_classs_guesses_and_happens_once() -> None:
    told = '{"fear": 3, "surprise": 0, "joy": 4, "anger": "9", "neutral": -2}'
    assert revealed("mouth.2", event(reveal="1", counts=told)) == ("mouth.2.shown", {"fear": 3})
    assert revealed("mouth.2.shown", event(reveal="1", counts="{}"))[0] == "mouth.2.shown"
    assert revealed("", event(reveal="1", counts="{}")) == ("", {})
    assert revealed("mouth.2", event(leave="1")) == ("", {})
    assert revealed("guess.shown", event(again="1")) == ("guess", {})


@pytest.mark.parametrize(
    "told", ["", "[1]", "{", "3", f'{{"fear": {MOST_HANDS + 1}}}', '{"fear": 0.5}']
)
def test_guesses_that_make_no_sense_count_nothing(told: str) -> None:
    assert revealed("guess", event(reveal="1", counts=told)) == ("guess.shown", {})


class Cells(HTMLParser):
    """The texts of a table's cells, row by row."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in ("th", "td"):
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] += data.strip().replace("\N{NO-BREAK SPACE}", " ")


def test_the_chart_shows_class_networks_and_people() -> None:
    cells = Cells()
    votes = {**dict.fromkeys(DISPLAY_ORDER, 0.0), "fear": 0.625, "surprise": 0.186}
    cells.feed(chart({"A": "surprise", "B": "surprise"}, {"fear": 1, "anger": 3}, votes))
    assert cells.rows == [
        ["", "surprise", "anger", "fear"],
        ["The class (4)", "", "75 %", "25 %"],
        ["The networks (2)", "100 %", "", ""],
        ["People", "19 %", "", "62 %"],
    ]
    assert chart({}, {}, {}) == ""


@pytest.mark.parametrize("at", STEPS)
def test_guesses_stand_beside_the_answer_that_was_guessed_alone(at: Place) -> None:
    with gr.Blocks():
        sidebar = Sidebar(FakeStudio(), TABS[0].title)
        laid_out = LessonStrip(sidebar)
    choices = sidebar.choices
    values: dict[Any, Any] = {each: each.value for each in (*choices.asked, choices.lesson)}
    values |= {choices.lesson: f"{at.text}.shown", laid_out.counts: {"fear": 3}}
    assert at.step is not None
    assert (f"{words.CLASS} (3)" in laid_out.shown(values)) == at.step.guess


def test_shares_of_nothing_are_nothing() -> None:
    assert shares({}) == {}
    assert shares({"fear": 0}) == {"fear": 0.0}
    assert shares({"fear": 1, "anger": 3}) == {"fear": 0.25, "anger": 0.75}


def test_before_the_reveal_the_strip_asks_and_after_it_it_tells() -> None:
    lesson = LESSONS[0]
    before, after = Place(lesson, 2), Place(lesson, 2, shown=True)
    step = lesson.steps[1]
    asking = strip(before)
    assert 'data-guess="1"' in asking
    assert step.look in asking
    assert step.take_home not in asking
    told = strip(after, Reveal("They <all> say it.", holds=True))
    assert 'data-guess="0"' in told
    assert "They &lt;all&gt; say it." in told
    assert step.take_home in told
    assert "data-reveal" not in told
    assert 'data-go="back"' in told
    assert 'data-go="next"' in told


def test_the_ends_of_a_lesson_lead_nowhere_but_to_all_lessons() -> None:
    lesson = LESSONS[0]
    assert 'data-go="back"' not in strip(Place(lesson, 1))
    assert "?tab=Learn" in strip(Place(lesson, len(lesson.steps)))
    assert "data-go" not in strip(Place(None))


def test_nowhere_a_first_visit_is_shown_the_way_unseen_until_the_browser_says_so() -> None:
    hint = strip(None)
    assert 'class="lesson-hint" hidden' in hint
    assert "lesson=mouth.1" in hint


def test_the_class_can_guess_every_emotion() -> None:
    assert [f'data-emotion="{name}"' in guess_sheet() for name in DISPLAY_ORDER] == [True] * 8


def test_covers_of_lessons_are_covers_that_the_sidebar_offers() -> None:
    used = {step.setting.cover for each in LESSONS for step in each.steps} - {"none"}
    assert used <= set(list_kinds())


def test_a_weak_machine_says_what_it_leaves_out_and_asks_few_networks() -> None:
    with gr.Blocks():
        strip_there = LessonStrip(Sidebar(FakeStudio(), "Compare", Mode(lite=True)))
    steps = [
        Place(each, number + 1)
        for each in LESSONS
        for number, step in enumerate(each.steps)
        if step.setting.tab == "Robustness"
    ]
    assert steps
    for at in steps:
        assert strip_there._reveal(at, {}).sentence == words.LEFT_OUT
    asked: list[Setting] = []

    def claim(_studio: object, setting: Setting, _watch: object) -> Reveal:
        asked.append(setting)
        return Reveal("said", holds=True)

    mouth = LESSONS[0]
    step = replace(mouth.steps[0], claim=claim)
    strip_there._reveal(Place(replace(mouth, steps=(step,)), 1), {})
    assert asked[0].models == step.setting.models[:LITE_MODELS]
