"""The Attention tab: what one network's own attention does with the face, and without it."""

from collections.abc import Iterator
from typing import Any

import gradio as gr

from ferstudio.studio.studio import Studio
from ferstudio.types import FaceCrop
from ferstudio.ui import words as text
from ferstudio.ui.parts.choice import Choice, Option
from ferstudio.ui.parts.faces import ChosenFace
from ferstudio.ui.parts.one_model import build_picker, choose, guarded, missing, nothing
from ferstudio.ui.selection import selection_of
from ferstudio.ui.sidebar import MODEL_EVENTS, QUIET, Sidebar
from ferstudio.ui.tabs.attention import cards as attention_cards
from ferstudio.ui.tabs.compare import cards

COVERED = "covered"

_SWITCH = """
element.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-off]');
  if (button) trigger('select', {off: button.dataset.off});
});
"""

Update = tuple[Any, Any, Any]
"""The picker, the inventory and the views."""


class AttentionHandlers:
    """The tab's events."""

    def __init__(self, studio: Studio) -> None:
        """Ask `studio`."""
        self._studio = studio

    def look(self, tab: str, *choices: Any) -> Iterator[Update]:
        """Yield what the chosen network has, then what that does; nothing while another tab shows.

        Args:
            tab: title of the tab that is looked at.
            choices: the name picked last, "clean" or "covered", what is switched off, and the
                sidebar's choices in the order of `selection_of`.
        """
        if tab != text.ATTENTION_TAB:
            yield nothing(3)
            return
        yield from guarded(self._look(*choices), lambda words: (gr.skip(), "", words))

    def _look(
        self, chosen: str, picture: str, off: str, face: ChosenFace | None, *request: Any
    ) -> Iterator[Update]:
        name, picker = choose(self._studio, chosen, request[0])
        if face is None or name is None:
            yield picker, "", cards.message(missing(self._studio, face))
            return
        blocks = self._studio.attention_blocks(name)
        yield picker, attention_cards.inventory(blocks), gr.skip()
        crop = face.crop
        if picture == COVERED:
            crop = self._studio.cover(selection_of(face, *request), name).crop
        known = {block.module for block in blocks} | {attention_cards.ALL_BLOCKS}
        yield gr.skip(), gr.skip(), self._inside(name, crop, off if off in known else "")

    def _inside(self, name: str, crop: FaceCrop, off: str) -> str:
        report = self._studio.attention(name, crop)
        if not report.views:
            return attention_cards.inside(report, None, "")
        blocks = None if off in ("", attention_cards.ALL_BLOCKS) else [off]
        without = self._studio.without_attention(name, crop, blocks)
        return attention_cards.inside(report, without, off)


def switched(off: str, event: gr.EventData) -> str:
    """Return what is off after a click: what was clicked, or nothing where that was off already."""
    clicked = event._data.get("off")
    return clicked if isinstance(clicked, str) and clicked != off else ""


def build_attention(studio: Studio, sidebar: Sidebar) -> None:
    """Lay out the tab and wire it to the sidebar."""
    handlers = AttentionHandlers(studio)
    off = gr.State("")
    with gr.Row(elem_id="inside-choices", elem_classes="choices"):
        picker = build_picker(sidebar.chosen, "inside-model")
        picture = Choice(
            [
                Option("clean", text.CLEAN, text.INSIDE_CLEAN_TIP),
                Option(COVERED, text.COVERED, text.INSIDE_COVERED_TIP),
            ],
            value="clean",
            label=text.INSIDE_PICTURE_LABEL,
            elem_id="inside-picture",
        )
    has = gr.HTML(elem_id="inventory")
    views = gr.HTML(cards.message(text.INSIDE_LOADING), elem_id="inside", js_on_load=_SWITCH)
    views.select(switched, off, off, **QUIET)
    gr.on(
        [
            sidebar.tab.change,
            sidebar.chosen.change,
            picture.input,
            off.change,
            *sidebar.changes,
        ],
        handlers.look,
        [sidebar.tab, sidebar.chosen, picture, off, *sidebar.request],
        [picker, has, views],
        show_progress="hidden",
        **MODEL_EVENTS,
    )
