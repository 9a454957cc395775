"""The Papers tab: each of the five papers' figures and tables, made anew from our networks."""

from collections.abc import Iterator
from types import MappingProxyType
from typing import Any

import gradio as gr

from ferstudio.results import read_results
from ferstudio.ui import words as shared
from ferstudio.ui.address import kept_choice
from ferstudio.ui.dispatch import Question
from ferstudio.ui.events import CLICKS, Updates, Values, told
from ferstudio.ui.messages import message
from ferstudio.ui.parts.choice import Choice, Option
from ferstudio.ui.scripts import script
from ferstudio.ui.sidebar import Sidebar
from ferstudio.ui.tabs.papers import words
from ferstudio.ui.tabs.papers.cards import paper_view
from ferstudio.ui.tabs.papers.exhibits import VIEWS
from ferstudio.ui.tabs.papers.facts import Facts
from ferstudio.ui.tabs.papers.figures import PICTURES


class PapersTab:
    """The tab as it is laid out."""

    title = words.TAB
    asks_models = False

    def __init__(self, sidebar: Sidebar) -> None:
        """Lay it out and wire its drawings to the sidebar; it asks the sidebar's studio."""
        self._studio, choices, self._mode = sidebar.studio, sidebar.choices, sidebar.mode
        with gr.Row(elem_id="papers-choices", elem_classes="choices"):
            self.paper = Choice(
                [Option(view.network, view.title, "") for view in VIEWS.values()],
                value=next(iter(VIEWS)),
                label=words.CHOICE_LABEL,
                elem_id="papers-paper",
            )
        self.place = gr.HTML(message(words.LOADING), elem_id="papers", js_on_load=script("papers"))
        self.options = (self.paper,)
        self.kept = {"paper": kept_choice(self.paper)}
        self.outputs = (self.place,)
        self._choices = choices
        self._opens = [choices.models, choices.chosen, choices.view, choices.goto]
        self.place.select(self.opened, set(self._opens), self._opens, **CLICKS)

    def answer(self, question: Question) -> Iterator[Updates]:
        """Yield a paper's view, with one picture more each time."""
        network = question.values[self.paper]
        facts = Facts(read_results(), self._studio.models())
        yield {self.place: paper_view(network, facts)}
        pictures = {}
        for name, make in PICTURES[network].items():
            pictures[name] = make(self._studio, question.watch)
            facts = Facts(facts.results, facts.models, MappingProxyType(pictures))
            yield {self.place: paper_view(network, facts)}

    def opened(self, values: Values, event: gr.EventData) -> list[Any]:
        """Return what a click on attention changes: the network, ticked, and the tab to see it."""
        choices, after = self._choices, dict(values)
        name = told(event, "model", str) or ""
        if name in [value for _, value in choices.models.choices]:
            ticked = values[choices.models]
            more = ticked if name in ticked else [*ticked, name]
            if name not in self._mode.asked(more):  # a weak machine asks the first ones
                more = [name, *(each for each in more if each != name)]
            after[choices.models] = more
            after[choices.chosen] = name
            after[choices.view] = after[choices.goto] = shared.ATTENTION_TAB
        return [after[each] for each in self._opens]
