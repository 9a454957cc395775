"""The Compare tab: what each model says and where it looks, on the clean and the covered face."""

from collections.abc import Iterator
from dataclasses import replace

import gradio as gr

from ferstudio.keep.numbers import comparison_rows
from ferstudio.plots.comparison import comparison_plot
from ferstudio.studio.results import Comparison, ModelComparison
from ferstudio.ui import words as shared
from ferstudio.ui.address import BETWEEN, Kept, names
from ferstudio.ui.dispatch import Question
from ferstudio.ui.events import CLICKS, Updates, told
from ferstudio.ui.keep.keeping import Keeping
from ferstudio.ui.messages import message
from ferstudio.ui.parts.montage import MontageMaker
from ferstudio.ui.scripts import script
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
        self.place = gr.HTML(message(words.LOADING), elem_id="results", js_on_load=script("pick"))
        self.why_covered = gr.State(())
        self.place.select(explained, self.why_covered, self.why_covered, **CLICKS)
        MontageMaker(sidebar)
        self.options = (self.why_covered,)
        self.kept = {"why": Kept(self.why_covered, names, BETWEEN.join)}
        self.outputs = (self.place,)

    def answer(self, question: Question) -> Iterator[Updates]:
        """Yield the cards; another scale is another drawing of the same answer."""
        yield {self.place: results(self._found(question), question.selection.one_scale)}

    def keeping(self, question: Question) -> Keeping:
        """Return the sheet of all networks, and their probabilities."""
        found = self._found(question)
        return Keeping(comparison_plot(found), comparison_rows(found))

    def _found(self, question: Question) -> Comparison:
        selection = question.selection
        found = self._studio.compare(replace(selection, one_scale=False), question.watch)
        why_covered = question.values[self.why_covered]
        rows = tuple(
            self._why_covered(row, question) if row.name in why_covered else row
            for row in found.rows
        )
        return replace(found, rows=rows)

    def _why_covered(self, row: ModelComparison, question: Question) -> ModelComparison:
        """Return a row whose maps explain the answer to the covered face, where it is another."""
        if not row.flipped or row.clean.heatmap is None:
            return row
        target = row.covered.prediction.top
        return self._studio.explain_row(row, question.selection, target, question.watch)


def explained(why_covered: tuple[str, ...], event: gr.EventData) -> tuple[str, ...]:
    """Return the weights whose maps explain the answer to the covered face, after a click."""
    name, which = told(event, "row", str) or "", told(event, "why", str)
    others = tuple(each for each in why_covered if each != name)
    return (*others, name) if which == "covered" else others
