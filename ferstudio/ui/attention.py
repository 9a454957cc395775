"""The Attention tab: what one network's own attention does with the face, and without it."""

from collections.abc import Iterator
from typing import Any

import gradio as gr

from ferstudio.studio.studio import Studio
from ferstudio.types import FaceCrop
from ferstudio.ui import attention_cards, cards, text
from ferstudio.ui.choice import Choice, Option
from ferstudio.ui.faces import ChosenFace
from ferstudio.ui.messages import friendly
from ferstudio.ui.sidebar import MODEL_EVENTS, QUIET, Sidebar, compare_request

COVERED = "covered"

_PICK = """
element.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-model]');
  if (!button) return;
  for (const other of element.querySelectorAll('button[data-model]'))
    other.setAttribute('aria-pressed', String(other === button));
  trigger('select', {model: button.dataset.model});
});
"""

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

    def look(self, shown: bool, *choices: Any) -> Iterator[Update]:
        """Yield what the chosen network has, then what that does; nothing while another tab shows.

        Args:
            shown: whether the tab is the one that is looked at.
            choices: the name picked last, "clean" or "covered", what is switched off, and the
                sidebar's choices in the order of `compare_request`.
        """
        if not shown:
            yield gr.skip(), gr.skip(), gr.skip()
            return
        try:
            yield from self._look(*choices)
        except Exception as error:  # noqa: BLE001  the visitor reads a sentence, no traceback
            yield gr.skip(), "", cards.message(friendly(error))

    def _look(
        self, chosen: str, picture: str, off: str, face: ChosenFace | None, *request: Any
    ) -> Iterator[Update]:
        models = request[0]
        name = chosen if chosen in models else next(iter(models), None)
        titles = {model.name: model.title for model in self._studio.models()}
        picker = attention_cards.picker([(model, titles[model]) for model in models], name)
        if face is None or name is None:
            yield picker, "", cards.message(self._missing(face))
            return
        blocks = self._studio.attention_blocks(name)
        yield picker, attention_cards.inventory(blocks), gr.skip()
        crop = self._crop(face, picture, *request)
        known = {block.module for block in blocks} | {attention_cards.ALL_BLOCKS}
        yield gr.skip(), gr.skip(), self._inside(name, crop, off if off in known else "")

    def _inside(self, name: str, crop: FaceCrop, off: str) -> str:
        report = self._studio.attention(name, crop)
        if not report.views:
            return attention_cards.inside(report, None, "")
        blocks = None if off in ("", attention_cards.ALL_BLOCKS) else [off]
        without = self._studio.without_attention(name, crop, blocks)
        return attention_cards.inside(report, without, off)

    def _crop(self, face: ChosenFace, picture: str, *request: Any) -> FaceCrop:
        if picture != COVERED:
            return face.crop
        return self._studio.cover(compare_request(face, *request)).crop

    def _missing(self, face: ChosenFace | None) -> str:
        if face is None:
            return text.NO_FACE_YET
        return text.NO_MODEL_CHOSEN if self._studio.models() else text.NO_WEIGHTS


def is_shown(event: gr.SelectData) -> bool:
    """Return whether the tab that was turned to is this one."""
    return bool(event.value == text.ATTENTION_TAB)


def picked(event: gr.EventData) -> str:
    """Return the name of the weights that were clicked."""
    return str(event._data.get("model"))


def switched(off: str, event: gr.EventData) -> str:
    """Return what is off after a click: what was clicked, or nothing where that was off already."""
    clicked = event._data.get("off")
    return clicked if isinstance(clicked, str) and clicked != off else ""


def build_attention(studio: Studio, sidebar: Sidebar) -> None:
    """Lay out the tab and wire it to the sidebar."""
    handlers = AttentionHandlers(studio)
    shown, chosen, off = gr.State(False), gr.State(""), gr.State("")
    with gr.Row(elem_id="inside-choices"):
        picker = gr.HTML(elem_id="inside-model", js_on_load=_PICK)
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
    _all_tabs(views).select(is_shown, None, shown, **QUIET)
    picker.select(picked, None, chosen, **QUIET)
    views.select(switched, off, off, **QUIET)
    gr.on(
        [shown.change, chosen.change, picture.input, off.change, *sidebar.changes],
        handlers.look,
        [shown, chosen, picture, off, *sidebar.request],
        [picker, has, views],
        show_progress="hidden",
        **MODEL_EVENTS,
    )


def _all_tabs(inside: gr.HTML) -> gr.Tabs:
    """Return the row of tabs around a component that stands directly in one of them."""
    tab = inside.parent
    tabs = None if tab is None else tab.parent
    if not isinstance(tabs, gr.Tabs):
        raise TypeError("the Attention tab must be built inside gr.Tab and gr.Tabs")
    return tabs
