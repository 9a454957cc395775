"""The strip above the answer: a lesson's question, the class's guess, and what networks really do.

Where a visitor is stands in one short text, which the page's address keeps: "mouth.2" is the second
step of that lesson, "mouth.2.shown" the same after the reveal, and "guess" is no lesson but any
face under any cover, guessed first. A step is an address: the page is set as the address says.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

import gradio as gr
from gradio.blocks import Block
from markupsafe import Markup

from ferstudio.errors import FerStudioError
from ferstudio.labels import DISPLAY_ORDER, EMOTION_COLOURS
from ferstudio.lessons.catalogue import LESSONS, ROBUSTNESS, lesson
from ferstudio.lessons.claims import people, shown_answers
from ferstudio.lessons.lesson import Lesson, Reveal, Setting, Step
from ferstudio.studio.works import Standing
from ferstudio.ui import lesson_words as words
from ferstudio.ui.events import CLICKS, QUIET, WAITING, Values, told
from ferstudio.ui.messages import friendly
from ferstudio.ui.scripts import script
from ferstudio.ui.sidebar import Sidebar
from ferstudio.ui.templates import render

GUESS = "guess"
"""Stands for guessing first without a lesson."""

_SHOWN = "shown"

MOST_HANDS = 10_000
"""More of them raised for one emotion are taken for a slip."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a visitor is.

    Attributes:
        lesson: None where faces are guessed without one.
        number: of the step, from 1 on; 0 without a lesson.
        shown: whether the networks' answers were revealed.
    """

    lesson: Lesson | None
    number: int = 0
    shown: bool = False

    @property
    def step(self) -> Step | None:
        """The step; None without a lesson."""
        return None if self.lesson is None else self.lesson.steps[self.number - 1]

    @property
    def guesses(self) -> bool:
        """Whether the class guesses before the reveal."""
        return self.step is None or self.step.guess

    @property
    def text(self) -> str:
        """The place in the page's address, before the reveal."""
        return GUESS if self.lesson is None else f"{self.lesson.name}.{self.number}"


def place(text: str) -> Place:
    """Return the place that a text of the address names.

    Raises:
        ValueError: if there is none.
    """
    name, *rest = text.split(".")
    shown = rest[-1:] == [_SHOWN]
    rest = rest[:-1] if shown else rest
    if name == GUESS and not rest:
        return Place(None, shown=shown)
    try:
        found = lesson(name)
    except FerStudioError as error:
        raise ValueError(text) from error
    if len(rest) != 1 or not rest[0].isdecimal() or not 1 <= int(rest[0]) <= len(found.steps):
        raise ValueError(text)
    return Place(found, int(rest[0]), shown)


def kept(text: str) -> str:
    """Return a text of the address that names a place, or "".

    Raises:
        ValueError: if it names none.
    """
    return text and (place(text), text)[1]


def link(at: Place) -> str:
    """Return the address of a step: what it puts on the page, and which step it is."""
    assert at.step is not None
    return f"?{urlencode({**texts(at.step.setting), 'lesson': at.text}, safe=',')}"


def texts(setting: Setting) -> dict[str, str]:
    """Return a setting in the words of the page's address."""
    return {
        "tab": setting.tab,
        "face": setting.face,
        "cover": setting.cover,
        "amount": f"{setting.amount:g}",
        "seed": str(setting.seed),
        "models": ",".join(setting.models),
        "heat": setting.explainer,
        **setting.options,
    }


class LessonStrip:
    """The strip as it is laid out."""

    def __init__(self, sidebar: Sidebar) -> None:
        """Lay it out; what it shows follows from where the visitor is."""
        self._sidebar = sidebar
        choices = sidebar.choices
        self.counts = gr.State({})
        self.place = gr.HTML(
            strip(None), elem_id="lesson", js_on_load=script("following", "lesson")
        )
        asked: set[Block] = {choices.lesson, self.counts, *choices.asked}
        choices.lesson.change(self.shown, asked, self.place, **QUIET, **WAITING)
        self.place.select(revealed, choices.lesson, [choices.lesson, self.counts], **CLICKS)

    def shown(self, values: Values) -> Markup:
        """Return the strip for where the visitor is."""
        text = values[self._sidebar.choices.lesson]
        if not text:
            return strip(None)
        at = place(text)
        if not at.shown:
            return strip(at)
        face = values[self._sidebar.choices.samples] if at.step is None else at.step.setting.face
        try:
            reveal = self._reveal(at, values)
        except Exception as error:  # noqa: BLE001  the visitor reads a sentence, no traceback
            reveal = Reveal(friendly(error), holds=False)
        counts = values[self.counts] if at.guesses else {}
        return strip(at, reveal, chart(reveal.answers, counts, people(face)))

    def _reveal(self, at: Place, values: Values) -> Reveal:
        studio, mode = self._sidebar.studio, self._sidebar.mode
        if at.step is not None and at.step.setting.tab == ROBUSTNESS and not mode.study:
            return Reveal(words.LEFT_OUT, holds=True)
        if at.step is not None:
            asked = replace(at.step.setting, models=mode.asked(at.step.setting.models))
            return at.step.claim(studio, asked, _patient)
        return shown_answers(studio, self._sidebar.selection(values), _patient)


def revealed(text: str, event: gr.EventData) -> tuple[str, dict[str, int]]:
    """Return the place after a click, and how often the class guessed each emotion."""
    if told(event, "leave", str):
        return "", {}
    if told(event, "again", str):
        return GUESS, {}
    counts = _counts(told(event, "counts", str) or "")
    if not text or place(text).shown:
        return text, counts
    return f"{text}.{_SHOWN}", counts


def strip(at: Place | None, reveal: Reveal | None = None, bars: Markup | None = None) -> Markup:
    """Return the strip as HTML.

    Args:
        at: where the visitor is; None for nowhere, where a first visit is shown the way.
        reveal: what the networks really do, once it is shown.
        bars: the class's, the networks' and people's answers.
    """
    if at is None:
        first = link(Place(LESSONS[0], 1))
        return render("learn/hint.html", words=words, lesson=LESSONS[0], first=first)
    number, found = at.number, at.lesson
    back = link(Place(found, number - 1)) if number > 1 else ""
    after = link(Place(found, number + 1)) if found and number < len(found.steps) else ""
    return render(
        "learn/strip.html",
        words=words,
        at=at,
        step=at.step,
        guess=at.guesses,
        reveal=reveal,
        bars=bars or "",
        back=back,
        next=after,
    )


def guess_sheet() -> Markup:
    """Return as HTML what lies over the answer while the class guesses."""
    return render("learn/guess.html", words=words, options=DISPLAY_ORDER, colours=EMOTION_COLOURS)


def chart(
    answers: Mapping[str, str], counts: Mapping[str, int], votes: Mapping[str, float]
) -> Markup:
    """Return who says what, as HTML: the class, the networks and people, emotion by emotion.

    People's votes stand beside somebody's answer; where a step asks for none there is no chart.

    Args:
        answers: each network's, by its title.
        counts: how often the class guessed each emotion.
        votes: share of people's votes for each emotion, on the bare faces.
    """
    networks = {name: sum(each == name for each in answers.values()) for name in DISPLAY_ORDER}
    groups = [
        (words.CLASS, shares(counts), sum(counts.values())),
        (words.NETWORKS, shares(networks), sum(networks.values())),
        (words.PEOPLE, dict(votes), 0),
    ]
    there = [group for group in groups if any(group[1].values())] if counts or answers else []
    named = [
        name
        for name in DISPLAY_ORDER
        if any(group[1].get(name, 0) >= words.LEAST_SHARE for group in there)
    ]
    return render(
        "learn/chart.html", words=words, groups=there, emotions=named, colours=EMOTION_COLOURS
    )


def shares(counts: Mapping[str, int]) -> dict[str, float]:
    """Return counts as shares of their sum; all 0 where there are none."""
    total = sum(counts.values())
    return {name: count / total if total else 0.0 for name, count in counts.items()}


def _counts(text: str) -> dict[str, int]:
    """Return what the browser says of the class's guesses; what makes no sense counts nothing."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {
        name: found[name]
        for name in DISPLAY_ORDER
        if type(found.get(name)) is int and 0 < found[name] <= MOST_HANDS
    }


def _patient(_: Standing) -> None:
    """Wait however long it takes."""
