"""The Compare tab: what each model says and where it looks, on the clean and the covered face."""

from typing import Any

import gradio as gr

from ferstudio.studio.results import Comparison
from ferstudio.studio.studio import Studio
from ferstudio.ui import words as text
from ferstudio.ui.messages import friendly
from ferstudio.ui.parts.faces import ChosenFace
from ferstudio.ui.parts.one_model import missing
from ferstudio.ui.selection import selection_of
from ferstudio.ui.sidebar import MODEL_EVENTS, QUIET, Sidebar
from ferstudio.ui.tabs.compare import cards


class CompareHandlers:
    """The tab's events."""

    def __init__(self, studio: Studio) -> None:
        """Ask `studio`."""
        self._studio = studio

    def compare(
        self,
        tab: str,
        last: Comparison | None,
        face: ChosenFace | None,
        models: list[str],
        *choices: Any,
        progress: gr.Progress = gr.Progress(),  # noqa: B008  Gradio finds it by its default
    ) -> tuple[Any, Any]:
        """Return the comparison, kept for `rescale`, and the cards that show it.

        Both stay as they are while another tab shows, and where `last` answers this already.
        """
        if tab != text.COMPARE_TAB:
            return gr.skip(), gr.skip()
        if face is None or not models:
            return None, cards.message(missing(self._studio, face))
        *request, scale = choices
        try:
            asked = selection_of(face, models, *request)
            if last is not None and last.selection == asked:
                return gr.skip(), gr.skip()
            found = self._studio.compare(asked, lambda share, words: progress(share, desc=words))
            return found, cards.results(found, scale == "one")
        except Exception as error:  # noqa: BLE001  the visitor reads a sentence, no traceback
            return None, cards.message(friendly(error))

    def rescale(self, comparison: Comparison | None, scale: str) -> Any:
        """Return the same cards with their heat on another scale."""
        return gr.skip() if comparison is None else cards.results(comparison, scale == "one")


def build_compare(studio: Studio, sidebar: Sidebar) -> None:
    """Lay out the tab and wire it to the sidebar."""
    handlers = CompareHandlers(studio)
    last = gr.State(None)
    results = gr.HTML(cards.message(text.LOADING), elem_id="results")
    gr.on(
        [sidebar.tab.change, *sidebar.changes],
        handlers.compare,
        [sidebar.tab, last, *sidebar.request, sidebar.scale],
        [last, results],
        show_progress_on=results,
        **MODEL_EVENTS,
    )
    sidebar.scale.input(handlers.rescale, [last, sidebar.scale], results, **QUIET)
