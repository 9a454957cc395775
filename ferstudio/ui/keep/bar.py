"""The row that saves what the tab in view shows: picture, numbers, report, link."""

import base64
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timezone

import gradio as gr

from ferstudio.errors import UsageError
from ferstudio.studio.works import unwatched
from ferstudio.ui import words as shared
from ferstudio.ui.dispatch import Question, Tab
from ferstudio.ui.events import QUIET, WAITING, Updates, Values
from ferstudio.ui.keep import words
from ferstudio.ui.keep.files import MAKERS, Shown
from ferstudio.ui.keep.keeping import Keeping, Keeps
from ferstudio.ui.messages import friendly
from ferstudio.ui.scripts import script
from ferstudio.ui.sidebar import Sidebar
from ferstudio.ui.templates import render

BUTTONS = (
    ("png", words.PNG, words.PNG_TIP),
    ("svg", words.SVG, words.SVG_TIP),
    ("csv", words.CSV, words.CSV_TIP),
    ("json", words.JSON, words.JSON_TIP),
    ("report", words.REPORT, words.REPORT_TIP),
)


class KeepBar:
    """The row as it is laid out."""

    def __init__(self, sidebar: Sidebar, tabs: Sequence[Tab]) -> None:
        """Lay it out and wire its buttons.

        Args:
            sidebar: what is chosen for all tabs.
            tabs: those that may be in view.
        """
        self._sidebar = sidebar
        self._tabs = {tab.title: tab for tab in tabs}
        options = [option for tab in tabs for option in tab.options]
        with gr.Row(elem_id="keep"):
            titles = ",".join(tab.title for tab in tabs if isinstance(tab, Keeps))
            caption = render("keep/caption.html", words=words, tabs=titles)
            gr.HTML(caption, elem_id="keep-caption")
            buttons = {kind: _button(kind, name) for kind, name, _ in BUTTONS}
            link = _button("link", words.LINK)
            self.note = gr.HTML(elem_id="keep-note")
        self.file = gr.HTML(elem_id="keep-file", js_on_load=script("keep"))
        for kind, button in buttons.items():
            button.click(
                self._saving(kind),
                {*sidebar.choices.asked, *options},
                [self.file, self.note],
                **QUIET,
                **WAITING,
            )
        link.click(None, None, self.note, js=script("link"), api_visibility="private")

    def save(self, kind: str, values: Values) -> Iterator[Updates]:
        """Yield what is said meanwhile, then a file of what is shown."""
        yield {self.file: "", self.note: words.MAKING}  # the same file again is given again
        try:
            file = MAKERS[kind](self._shown(values))
        except Exception as error:  # noqa: BLE001  the visitor reads a sentence, no traceback
            yield {self.note: friendly(error)}
            return
        content = base64.b64encode(file.content).decode("ascii")
        html = render("keep/file.html", file=file, content=content)
        yield {self.file: html, self.note: words.saved(file.name)}

    def _saving(self, kind: str) -> Callable[[Values], Iterator[Updates]]:
        def save(values: Values) -> Iterator[Updates]:
            yield from self.save(kind, values)

        return save

    def _shown(self, values: Values) -> Shown:
        tab = self._tabs[values[self._sidebar.choices.view]]
        selection = self._sidebar.selection(values)

        def keeping() -> Keeping:
            if not isinstance(tab, Keeps):
                raise UsageError(words.NOTHING_KEPT)
            if tab.asks_models and not selection.models:
                raise UsageError(shared.NO_MODEL_CHOSEN)
            return tab.keeping(Question(selection, values, unwatched))

        today = datetime.now(timezone.utc).date()
        study = self._sidebar.mode.study
        return Shown(self._sidebar.studio, tab.title, selection, keeping, today, study)


def _button(kind: str, name: str) -> gr.Button:
    return gr.Button(name, size="sm", elem_id=f"keep-{kind}", min_width=0)
