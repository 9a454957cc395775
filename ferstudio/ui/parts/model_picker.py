"""What the tabs about one model share: which of the ticked models it is, and who picks it."""

from collections.abc import Sequence

import gradio as gr
from markupsafe import Markup

from ferstudio.studio.studio import Studio
from ferstudio.ui import words
from ferstudio.ui.events import CLICKS, told
from ferstudio.ui.scripts import script
from ferstudio.ui.templates import render


def build_picker(chosen: gr.State, elem_id: str) -> gr.HTML:
    """Lay out the row of models to pick from; the name of the one that is goes to `chosen`."""
    row = gr.HTML(elem_id=elem_id, elem_classes="picker", js_on_load=script("pick"))
    row.select(picked, None, chosen, **CLICKS)
    return row


def picked(event: gr.EventData) -> str:
    """Return the name of the weights that were clicked."""
    return told(event, "model", str) or ""


def choose(studio: Studio, chosen: str, ticked: Sequence[str]) -> tuple[str | None, Markup]:
    """Return the model to show, None where none is ticked, and the row to pick another from.

    Args:
        studio: knows the models' titles.
        chosen: name of the model picked last; counts while it is ticked.
        ticked: names of the models to pick from.
    """
    name = chosen if chosen in ticked else next(iter(ticked), None)
    titles = {model.name: model.title for model in studio.models()}
    return name, picker([(each, titles[each]) for each in ticked], name)


def picker(models: Sequence[tuple[str, str]], chosen: str | None) -> Markup:
    """Return the models to pick from, given as names and titles, as a row of buttons."""
    return render("parts/model_row.html", words=words, models=models, chosen=chosen)
