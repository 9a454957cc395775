"""The Robustness tab: all ticked models under many covers, and how far each holds."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import gradio as gr
from markupsafe import Markup

from ferstudio.keep.numbers import robustness_rows
from ferstudio.plots.sweep import matrix_figure
from ferstudio.studio.robustness import Robustness, RobustnessPlan
from ferstudio.studio.selection import NONE
from ferstudio.studio.works import Watch
from ferstudio.ui import words as shared
from ferstudio.ui.address import BETWEEN, Kept, kept_choice, names
from ferstudio.ui.dispatch import Question
from ferstudio.ui.events import CLICKS, Updates, Values, told
from ferstudio.ui.keep.keeping import Keeping
from ferstudio.ui.messages import message
from ferstudio.ui.parts.amounts import amount_group
from ferstudio.ui.parts.choice import Choice, Option
from ferstudio.ui.parts.face_note import face_note
from ferstudio.ui.scripts import script
from ferstudio.ui.sidebar import Sidebar
from ferstudio.ui.tabs.robustness import words
from ferstudio.ui.tabs.robustness.cards import Shown, study
from ferstudio.ui.tabs.robustness.columns import column_amounts, columns, extra_column, joined


class RobustnessTab:
    """The tab as it is laid out."""

    title = words.TAB
    asks_models = True

    def __init__(self, sidebar: Sidebar) -> None:
        """Lay it out and wire its cells to the sidebar; it asks the sidebar's studio."""
        self._studio, choices = sidebar.studio, sidebar.choices
        groups = shared.OCCLUDER_GROUPS.items()
        with gr.Row(elem_id="robust-choices", elem_classes="choices"):
            self.group = Choice(
                [
                    Option("", words.MIX, words.MIX_TIP),
                    *(Option(name, title, "") for name, title in groups),
                ],
                value="",
                label=words.COLUMNS_LABEL,
                elem_id="robust-group",
            )
        self.place = gr.HTML(
            message(words.LOADING), elem_id="robust", js_on_load=script("robustness")
        )
        self.column = gr.State(("", ""))
        self.options = (self.group, self.column)
        self.kept = {
            "covers": kept_choice(self.group),
            "column": Kept(self.column, _cover_and_column, BETWEEN.join),
        }
        self.outputs = (self.place,)
        self._choices = choices
        self._opens = [
            choices.occluder, choices.amount, choices.amounts, choices.view, choices.goto,
            self.column,
        ]  # fmt: skip
        self.place.select(self.opened, set(self._opens), self._opens, **CLICKS)

    def answer(self, question: Question) -> Iterator[Updates]:
        """Yield a study as it grows; the chosen cover is always part of it."""
        selection, values = question.selection, question.values
        cover = selection.cover
        whole, usual, extra = self._plan(question)
        beside, clicked = values[self.column]
        chosen = cover.name if cover.name in usual else ""
        shown = Shown(
            column_amounts(whole.occluders, cover),
            clicked if beside == cover.name and clicked in whole.occluders else chosen,
            usual,
            face_note(selection),
        )
        plan = replace(whole, occluders=usual)
        for found in self._grown(whole, plan, extra, question.watch):
            yield {self.place: self._cards(found, shown)}

    def keeping(self, question: Question) -> Keeping:
        """Return the matrix, and beside it the curves of the chosen cover; and all numbers."""
        whole, usual, extra = self._plan(question)
        plan = replace(whole, occluders=usual)
        *_, found = self._grown(whole, plan, extra, question.watch)
        return Keeping(matrix_figure(found), robustness_rows(found))

    def _plan(self, question: Question) -> tuple[RobustnessPlan, tuple[str, ...], tuple[str, ...]]:
        """Return the plan of all columns, the usual ones, and the chosen cover's own."""
        selection, group = question.selection, question.values[self.group]
        usual = columns(group, self._studio.occluders(), selection.cover.layers)
        extra = extra_column(usual, selection.cover)
        return RobustnessPlan(selection, (*usual, *extra)), usual, extra

    def opened(self, values: Values, event: gr.EventData) -> list[Any]:
        """Return what all that a click may change is after it; Gradio can't skip a `Choice`.

        After one on a cell: its cover, how much of it, and the tab to see it in. After one on a
        column's head: its curves, as long as the sidebar's cover stays the one that it is.
        """
        choices, after = self._choices, dict(values)
        column = told(event, "column", str)
        if column is None:
            occluder = told(event, "occluder", str) or NONE
            after[choices.occluder] = occluder
            after[choices.amount] = told(event, "amount", float) or 0.0
            after[choices.amounts] = replace(values[choices.amounts], group=amount_group(occluder))
            after[choices.view] = after[choices.goto] = shared.COMPARE_TAB
        else:
            after[self.column] = (values[choices.occluder], column)
        return [after[each] for each in self._opens]

    def _grown(
        self, whole: RobustnessPlan, usual: RobustnessPlan, extra: tuple[str, ...], watch: Watch
    ) -> Iterator[Robustness]:
        """Yield the usual study, and beside it that of the chosen cover where it has another one.

        So another cover is one more column, not another study.
        """
        if not extra:
            yield from self._studio.robustness(usual, watch)
            return
        *_, own = self._studio.robustness(replace(whole, occluders=extra), watch)
        for found in self._studio.robustness(usual, watch):
            yield joined(whole, found, own)

    def _cards(self, found: Robustness, shown: Shown) -> Markup:
        titles = {model.name: model.title for model in self._studio.models()}
        rows = [titles.get(name, name) for name in found.plan.models]
        return study(found, rows, shown, partial(self._studio.film, found.plan))


def _cover_and_column(text: str) -> tuple[str, str]:
    """Return the sidebar's cover, and the one whose curves are shown beside it, of an address."""
    cover, column = names(text)
    return cover, column
