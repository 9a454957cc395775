"""The Feature space tab: two networks' maps of faces, and one face's way through them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import gradio as gr

from ferstudio.charts import feature_chart
from ferstudio.errors import WeightsError
from ferstudio.keep.numbers import feature_rows
from ferstudio.plots.feature_map import feature_figure
from ferstudio.studio.feature_space import KINDS, FeatureSpace
from ferstudio.ui.address import Kept, kept_choice
from ferstudio.ui.dispatch import Question
from ferstudio.ui.events import Updates
from ferstudio.ui.keep.keeping import Keeping
from ferstudio.ui.messages import friendly, message
from ferstudio.ui.parts.choice import Choice, Option
from ferstudio.ui.parts.model_picker import build_picker, choose
from ferstudio.ui.sidebar import Sidebar
from ferstudio.ui.tabs.features import words
from ferstudio.ui.tabs.features.cards import headline, notes


@dataclass(frozen=True, slots=True)
class Side:
    """One map and what stands over it: whose it is, and its numbers."""

    picker: gr.HTML
    notes: gr.HTML
    chart: gr.Plot


class FeaturesTab:
    """The tab as it is laid out."""

    title = words.TAB
    asks_models = True

    def __init__(self, sidebar: Sidebar) -> None:
        """Lay it out; it asks the sidebar's studio."""
        self._studio = sidebar.studio
        self.chosen, self.second = sidebar.choices.chosen, gr.State("")
        with gr.Row(elem_id="space-choices", elem_classes="choices"):
            self.place = gr.HTML(message(words.LOADING), elem_id="space-said")
            self.kind = Choice(
                [Option(name, words.KINDS[name], words.KIND_TIPS[name]) for name in KINDS],
                value=KINDS[0],
                label=words.KIND_LABEL,
                elem_id="space-kind",
            )
        with gr.Row(elem_id="spaces"):
            self.sides = (_side("left", self.chosen), _side("right", self.second))
        shown = [part for side in self.sides for part in (side.picker, side.notes, side.chart)]
        self.options = (self.chosen, self.second, self.kind)
        self.kept = {"second": Kept(self.second, str), "kind": kept_choice(self.kind)}
        self.outputs = (self.place, *shown)

    def answer(self, question: Question) -> Iterator[Updates]:
        """Yield both maps with the face in them."""
        selection, values = question.selection, question.values
        first, row = choose(self._studio, values[self.chosen], selection.models)
        others = [name for name in selection.models if name != first]
        second, other_row = choose(self._studio, values[self.second], others)
        kind = values[self.kind]
        found = [self._space(name, question, kind) for name in (first, second)]
        spaces = [space for space in found if isinstance(space, FeatureSpace)]
        updates: Updates = {self.place: headline(spaces, selection)}
        for side, picker, space in zip(self.sides, (row, other_row), found, strict=True):
            said, chart = _shown(space, shows_face=selection.crop.shows_face)
            updates |= {side.picker: picker, side.notes: said, side.chart: chart}
        yield updates

    def keeping(self, question: Question) -> Keeping:
        """Return both maps, and the face's way through them."""
        selection, values = question.selection, question.values
        first, _ = choose(self._studio, values[self.chosen], selection.models)
        others = [name for name in selection.models if name != first]
        second, _ = choose(self._studio, values[self.second], others)
        found = [self._space(name, question, values[self.kind]) for name in (first, second)]
        spaces = tuple(space for space in found if isinstance(space, FeatureSpace))
        if not spaces:
            raise WeightsError(next(each for each in found if isinstance(each, str)))
        return Keeping(feature_figure(spaces), feature_rows(spaces))

    def _space(self, name: str | None, question: Question, kind: str) -> FeatureSpace | str | None:
        """Return a model's map, or a sentence where it has none."""
        if name is None:
            return None
        try:
            return self._studio.feature_space(name, question.selection, kind, question.watch)
        except WeightsError as error:
            return friendly(error)


def _side(name: str, state: gr.State) -> Side:
    with gr.Column(min_width=0, elem_classes="space"):
        return Side(
            build_picker(state, f"space-{name}"),
            gr.HTML(elem_classes="space-notes"),
            gr.Plot(show_label=False, elem_id=f"space-map-{name}"),
        )


def _shown(space: FeatureSpace | str | None, *, shows_face: bool) -> tuple[str, Any]:
    """Return a side's notes and map."""
    if space is None:
        return "", None
    if isinstance(space, str):
        return message(space), None
    return notes(space, shows_face=shows_face), feature_chart(space)
