"""The Explain tab: what one network's answer hangs on, and whether its heatmap is true."""

from collections.abc import Iterator
from typing import Any

import gradio as gr

from ferstudio.studio.results import NONE
from ferstudio.studio.studio import Studio
from ferstudio.ui import cards, explain_cards, text_explain
from ferstudio.ui.faces import ChosenFace
from ferstudio.ui.one_model import build_picker, choose, guarded, missing, nothing
from ferstudio.ui.request import compare_request
from ferstudio.ui.sidebar import MODEL_EVENTS, Sidebar

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
            choices: the name picked last, and the sidebar's choices in the order of
                `compare_request`.
        """
        if tab != text_explain.TAB:
            yield nothing(2)
            return
        yield from guarded(self._look(*choices), lambda words: (gr.skip(), words))

    def _look(self, chosen: str, face: ChosenFace | None, *request: Any) -> Iterator[Update]:
        name, picker = choose(self._studio, chosen, request[0])
        if face is None or name is None:
            yield picker, cards.message(missing(self._studio, face))
            return
        yield picker, gr.skip()
        asked = compare_request(face, *request)
        noun = "" if asked.occluder == NONE else cards.cover_noun(asked.occluder)
        for found in self._studio.examine(name, asked):
            yield gr.skip(), explain_cards.examination(found, noun)


def build_explain(studio: Studio, sidebar: Sidebar) -> None:
    """Lay out the tab and wire it to the sidebar."""
    handlers = ExplainHandlers(studio)
    with gr.Row(elem_id="why-choices", elem_classes="choices"):
        picker = build_picker(sidebar.chosen, "why-model")
    found = gr.HTML(cards.message(text_explain.LOADING), elem_id="why")
    gr.on(
        [sidebar.tab.change, sidebar.chosen.change, *sidebar.changes],
        handlers.look,
        [sidebar.tab, sidebar.chosen, *sidebar.request],
        [picker, found],
        show_progress="hidden",
        **MODEL_EVENTS,
    )
