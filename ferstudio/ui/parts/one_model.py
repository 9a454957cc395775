"""What the tabs about one model share: which of the ticked models it is, and who picks it."""

from collections.abc import Callable, Iterator, Sequence
from html import escape
from typing import Any, TypeVar

import gradio as gr

from ferstudio.studio.studio import Studio
from ferstudio.ui import words as text
from ferstudio.ui.messages import friendly
from ferstudio.ui.parts.faces import ChosenFace
from ferstudio.ui.sidebar import QUIET
from ferstudio.ui.tabs.compare import cards

_ON_LOAD = """
element.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-model]');
  if (!button) return;
  for (const other of element.querySelectorAll('button[data-model]'))
    other.setAttribute('aria-pressed', String(other === button));
  trigger('select', {model: button.dataset.model});
});
"""

Update = TypeVar("Update")
"""What an event sets: one value per component."""


def build_picker(chosen: gr.State, elem_id: str) -> gr.HTML:
    """Lay out the row of models to pick from; the name of the one that is goes to `chosen`."""
    row = gr.HTML(elem_id=elem_id, elem_classes="picker", js_on_load=_ON_LOAD)
    row.select(picked, None, chosen, **QUIET)
    return row


def picked(event: gr.EventData) -> str:
    """Return the name of the weights that were clicked."""
    return str(event._data.get("model"))


def choose(studio: Studio, chosen: str, ticked: Sequence[str]) -> tuple[str | None, str]:
    """Return the model to show, None where none is ticked, and the row to pick another from.

    Args:
        studio: knows the models' titles.
        chosen: name of the model picked last; counts while it is ticked.
        ticked: names of the models to pick from.
    """
    name = chosen if chosen in ticked else next(iter(ticked), None)
    titles = {model.name: model.title for model in studio.models()}
    return name, picker([(each, titles[each]) for each in ticked], name)


def picker(models: Sequence[tuple[str, str]], chosen: str | None) -> str:
    """Return the models to pick from, given as names and titles, as a row of buttons."""
    buttons = "".join(
        f'<button type="button" class="chip" data-model="{escape(name)}" title="{escape(name)}" '
        f'aria-pressed="{str(name == chosen).lower()}">{escape(title)}</button>'
        for name, title in models
    )
    label = escape(text.ONE_MODEL_LABEL)
    return f'<div class="choice" role="group" aria-label="{label}">{buttons}</div>'


def missing(studio: Studio, face: ChosenFace | None) -> str:
    """Return what to do where there is no face or no ticked model to show."""
    if face is None:
        return text.NO_FACE_YET
    return text.NO_MODEL_CHOSEN if studio.models() else text.NO_WEIGHTS


def guarded(steps: Iterator[Update], failed: Callable[[str], Update]) -> Iterator[Update]:
    """Yield the steps of an event; where one fails, what `failed` makes of a sentence in HTML."""
    try:
        yield from steps
    except Exception as error:  # noqa: BLE001  the visitor reads a sentence, no traceback
        yield failed(cards.message(friendly(error)))


def nothing(count: int) -> Any:
    """Return an update that leaves `count` components as they are."""
    return tuple(gr.skip() for _ in range(count))
