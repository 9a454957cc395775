"""The Learn tab: the lessons to choose from."""

from collections.abc import Iterator, Mapping

import gradio as gr
from markupsafe import Markup

from ferstudio.lessons.catalogue import LESSONS
from ferstudio.ui.address import Kept
from ferstudio.ui.dispatch import Question
from ferstudio.ui.events import Updates
from ferstudio.ui.lesson_strip import Place, link
from ferstudio.ui.sidebar import Sidebar
from ferstudio.ui.tabs.learn import words
from ferstudio.ui.templates import render


class LearnTab:
    """The tab as it is laid out."""

    title = words.TAB
    asks_models = False

    def __init__(self, _: Sidebar) -> None:
        """Lay it out; what it offers is always the same."""
        self.place = gr.HTML(_offered(), elem_id="learn")
        self.options: tuple[gr.State, ...] = ()
        self.kept: Mapping[str, Kept] = {}
        self.outputs = (self.place,)

    def answer(self, _: Question) -> Iterator[Updates]:
        """Yield the lessons, which stand there already."""
        yield {self.place: _offered()}


def _offered() -> Markup:
    lessons = [(lesson, link(Place(lesson, 1))) for lesson in LESSONS]
    return render("learn/lessons.html", words=words, lessons=lessons)
