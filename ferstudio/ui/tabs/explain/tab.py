"""The Explain tab: what one network's answer hangs on, and whether its heatmap is true."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import gradio as gr

from ferstudio.keep.numbers import examination_rows
from ferstudio.labels import FERPLUS
from ferstudio.plots.sheet import examination_sheet
from ferstudio.studio.results import CamLayer
from ferstudio.studio.selection import Selection
from ferstudio.ui.address import Kept, kept_menu, one_of
from ferstudio.ui.dispatch import Question
from ferstudio.ui.events import CLICKS, Updates, told
from ferstudio.ui.keep.keeping import Keeping
from ferstudio.ui.messages import message
from ferstudio.ui.parts.model_picker import build_picker, choose
from ferstudio.ui.scripts import script
from ferstudio.ui.sidebar import Sidebar
from ferstudio.ui.tabs.explain import words
from ferstudio.ui.tabs.explain.cards import examination


class ExplainTab:
    """The tab as it is laid out."""

    title = words.TAB
    asks_models = True

    def __init__(self, sidebar: Sidebar) -> None:
        """Lay it out; it asks the sidebar's studio."""
        self._studio = sidebar.studio
        self.chosen = sidebar.choices.chosen
        with gr.Row(elem_id="why-choices", elem_classes="choices"):
            self.picker = build_picker(self.chosen, "why-model")
            self.target = _menu(
                [(words.OWN_ANSWER, ""), *((words.why(each), each) for each in FERPLUS)],
                words.TARGET_LABEL,
                "why-target",
            )
            self.layer = _menu([(words.NO_LAYER, "")], words.LAYER_LABEL, "why-layer")
        self.place = gr.HTML(message(words.LOADING), elem_id="why", js_on_load=script("pick"))
        self.face = gr.State("covered")
        self.place.select(turned_to, None, self.face, **CLICKS)
        self.options = (self.chosen, self.target, self.layer, self.face)
        self.kept = {
            "target": kept_menu(self.target),
            "layer": Kept(self.layer, layer_named),
            "parts": Kept(self.face, one_of(("clean", "covered"))),
        }
        self.outputs = (self.picker, self.layer, self.place)

    def answer(self, question: Question) -> Iterator[Updates]:
        """Yield what is known of the chosen network's answer, more each time."""
        selection, values = question.selection, question.values
        name, picker = choose(self._studio, values[self.chosen], selection.models)
        assert name is not None, "a model is ticked, or nobody asks"
        yield {self.picker: picker}
        layers = self._studio.cam_layers(name, selection.explainer)
        asked = self._asked(question, layers)
        yield {self.layer: layer_menu(layers, asked.layer)}
        covered = values[self.face] == "covered"
        for found in self._studio.examine(name, asked, question.watch):
            yield {self.place: examination(found, asked, covered)}

    def keeping(self, question: Question) -> Keeping:
        """Return where the network looked, and all that is known of its heatmap."""
        selection = question.selection
        name, _ = choose(self._studio, question.values[self.chosen], selection.models)
        assert name is not None, "a model is ticked, or nobody asks"
        asked = self._asked(question, self._studio.cam_layers(name, selection.explainer))
        *_, found = self._studio.examine(name, asked, question.watch)
        return Keeping(examination_sheet(found), examination_rows(found))

    def _asked(self, question: Question, layers: Sequence[CamLayer]) -> Selection:
        """Return what the studio is asked: with the emotion and the layer that are chosen here."""
        layer = question.values[self.layer]
        if layer not in {each.name for each in layers if not each.usual}:
            layer = ""
        return replace(question.selection, target=question.values[self.target], layer=layer)


def turned_to(event: gr.EventData) -> str:
    """Return which face's parts are hidden after a click: "clean" or "covered"."""
    return told(event, "face", str) or "covered"


def layer_menu(layers: Sequence[CamLayer], chosen: str) -> gr.Dropdown:
    """Return the menu of layers with one chosen, "" being the usual one."""
    others = [
        (words.layer(each.name, each.cells), each.name) for each in layers[::-1] if not each.usual
    ]
    usual = next((each for each in layers if each.usual), None)
    first = words.usual_layer(usual.name) if usual else words.NO_LAYER
    return gr.Dropdown([(first, ""), *others], value=chosen, interactive=usual is not None)


def layer_named(name: str) -> gr.Dropdown:
    """Return the menu of layers with one chosen that it doesn't offer yet; an answer sets it right.

    Raises:
        ValueError: if no layer can be named so.
    """
    if not all(part.isidentifier() or part.isdecimal() for part in name.split(".")):
        raise ValueError(name)
    return gr.Dropdown([(words.NO_LAYER, ""), (name, name)], value=name)


def _menu(choices: list[tuple[str, str]], label: str, elem_id: str) -> gr.Dropdown:
    return gr.Dropdown(
        choices,
        value="",
        label=label,
        show_label=False,
        container=False,
        elem_id=elem_id,
        min_width=0,
    )
