"""The Compare tab: what each model says and where it looks, on the clean and the covered face."""

from collections.abc import Iterator
from dataclasses import replace

import gradio as gr
from gradio.components import Component

from ferstudio.ui import words as shared
from ferstudio.ui.address import Kept
from ferstudio.ui.dispatch import Question
from ferstudio.ui.events import Updates
from ferstudio.ui.messages import message
from ferstudio.ui.sidebar import Sidebar
from ferstudio.ui.tabs.compare import words
from ferstudio.ui.tabs.compare.cards import results


class CompareTab:
    """The tab as it is laid out."""

    title = shared.COMPARE_TAB
    asks_models = True

    def __init__(self, sidebar: Sidebar) -> None:
        """Lay it out; it asks the sidebar's studio."""
        self._studio = sidebar.studio
        self.place = gr.HTML(message(words.LOADING), elem_id="results")
        self.options: tuple[Component, ...] = ()
        self.kept: dict[str, Kept] = {}
        self.outputs = (self.place,)

    def answer(self, question: Question) -> Iterator[Updates]:
        """Yield the cards; another scale is another drawing of the same answer."""
        selection = question.selection
        found = self._studio.compare(replace(selection, one_scale=True), question.watch)
        yield {self.place: results(found, selection.one_scale)}
