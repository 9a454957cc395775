"""The Explain tab: what one network's answer hangs on, and whether its heatmap is true."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import gradio as gr

from ferstudio.errors import FerStudioError
from ferstudio.labels import FERPLUS
from ferstudio.studio.results import CamLayer
from ferstudio.studio.studio import Studio
from ferstudio.ui.parts.faces import ChosenFace
from ferstudio.ui.parts.one_model import build_picker, choose, guarded, missing, nothing
from ferstudio.ui.selection import selection_of
from ferstudio.ui.sidebar import MODEL_EVENTS, QUIET, Sidebar
from ferstudio.ui.tabs.compare import cards
from ferstudio.ui.tabs.explain import cards as explain_cards
from ferstudio.ui.tabs.explain import words as text_explain

Update = tuple[Any, Any]
"""The picker and the cards."""


class ExplainHandlers:
    """The tab's events."""

    def __init__(self, studio: Studio) -> None:
        """Ask `studio`."""
        self._studio = studio

    def look(self, tab: str, *choices: Any) -> Iterator[Update]:
        """Yield what is known of the chosen network's answer, more each time.

        Args:
            tab: title of the tab that is looked at; nothing is done while it is another one.
            choices: the name picked last, the emotion and the layer to explain, "" for the usual
                ones, and the sidebar's choices in the order of `selection_of`.
        """
        if tab != text_explain.TAB:
            yield nothing(2)
            return
        yield from guarded(self._look(*choices), lambda words: (gr.skip(), words))

    def _look(
        self, chosen: str, target: str, layer: str, face: ChosenFace | None, *request: Any
    ) -> Iterator[Update]:
        name, picker = choose(self._studio, chosen, request[0])
        if face is None or name is None:
            yield picker, cards.message(missing(self._studio, face))
            return
        yield picker, gr.skip()
        asked = selection_of(face, *request)
        layers = {each.name for each in self._studio.cam_layers(name, asked.explainer)}
        asked = replace(asked, target=target, layer=layer if layer in layers else "")
        noun = "" if asked.cover.bare else cards.cover_noun(asked.cover.name)
        for found in self._studio.examine(name, asked):
            yield gr.skip(), explain_cards.examination(found, noun)

    def layers(self, tab: str, chosen: str, layer: str, models: list[str], explainer: str) -> Any:
        """Return the menu of what the method can show of the chosen network, one kept if it can.

        It isn't an output of `look`, whose last step would take back what was chosen meanwhile.
        """
        name, _ = choose(self._studio, chosen, models)
        if tab != text_explain.TAB or name is None:
            return gr.skip()
        try:
            found = self._studio.cam_layers(name, explainer)
        except FerStudioError:  # `look` says what is wrong
            return gr.skip()
        return layer_menu(found, layer if layer in {each.name for each in found} else "")


def layer_menu(layers: Sequence[CamLayer], chosen: str) -> gr.Dropdown:
    """Return the menu of layers with one chosen, "" being the usual one."""
    others = [(text_explain.layer(each.name, each.cells), each.name) for each in layers[::-1]]
    usual = next((each for each in layers if each.usual), None)
    words = text_explain.usual_layer(usual.name) if usual else text_explain.NO_LAYER
    return gr.Dropdown([(words, ""), *others], value=chosen, interactive=usual is not None)


def build_explain(studio: Studio, sidebar: Sidebar) -> None:
    """Lay out the tab and wire it to the sidebar."""
    handlers = ExplainHandlers(studio)
    with gr.Row(elem_id="why-choices", elem_classes="choices"):
        picker = build_picker(sidebar.chosen, "why-model")
        target = _menu(
            [(text_explain.OWN_ANSWER, ""), *((text_explain.why(each), each) for each in FERPLUS)],
            text_explain.TARGET_LABEL,
            "why-target",
        )
        layer = _menu([(text_explain.NO_LAYER, "")], text_explain.LAYER_LABEL, "why-layer")
    found = gr.HTML(cards.message(text_explain.LOADING), elem_id="why")
    gr.on(
        [
            sidebar.tab.change,
            sidebar.chosen.change,
            target.input,
            layer.input,
            *sidebar.changes,
        ],
        handlers.look,
        [sidebar.tab, sidebar.chosen, target, layer, *sidebar.request],
        [picker, found],
        show_progress="hidden",
        **MODEL_EVENTS,
    )
    gr.on(
        [sidebar.tab.change, sidebar.chosen.change, sidebar.models.input, sidebar.explainer.input],
        handlers.layers,
        [sidebar.tab, sidebar.chosen, layer, sidebar.models, sidebar.explainer],
        layer,
        trigger_mode="always_last",
        **QUIET,
    )


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
