"""One event asks the models: whatever changes on the page, the tab in view is asked about it, once.

Every choice in the sidebar, every option of a tab and the row of tabs tell `dispatch.js` that
something changed. It counts the changes and raises two events: at once one that covers the face
anew and ends what is worked on for an older change, and one that asks, when no other change has
come for a moment. Each has one listener. The tab in view is asked where its answer isn't there yet.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Protocol

import gradio as gr
from gradio.components import Component
from markupsafe import Markup

from ferstudio.studio.memory import face_digest, layers_value
from ferstudio.studio.selection import Selection
from ferstudio.studio.works import Standing, Watch
from ferstudio.ui import words
from ferstudio.ui.address import Address, Kept
from ferstudio.ui.crowd import Crowd
from ferstudio.ui.events import QUIET, WAITING, Updates, Values
from ferstudio.ui.messages import friendly, message, warning
from ferstudio.ui.parts.faces import ForgottenError
from ferstudio.ui.scripts import script
from ferstudio.ui.sidebar import Sidebar
from ferstudio.ui.templates import render


@dataclass(frozen=True, slots=True)
class Question:
    """What a tab is asked.

    Attributes:
        selection: the sidebar's choices.
        values: holds the tab's own options.
        watch: is told how the work stands; it raises where nobody waits for that any more.
    """

    selection: Selection
    values: Values
    watch: Watch


class Tab(Protocol):
    """A tab that is asked while it is in view."""

    @property
    def title(self) -> str:
        """Its title in the row of tabs."""
        ...

    @property
    def options(self) -> Sequence[Component]:
        """What can be chosen in the tab itself; a change of it is a change of the question."""
        ...

    @property
    def kept(self) -> Mapping[str, Kept]:
        """What the page's address keeps of the options, by short names."""
        ...

    @property
    def outputs(self) -> Sequence[Component]:
        """All that its answers set."""
        ...

    @property
    def place(self) -> Component:
        """Where the answer stands, or a sentence that says why there is none."""
        ...

    @property
    def asks_models(self) -> bool:
        """Whether the answer is about the sidebar's face, cover and models."""
        ...

    def answer(self, question: Question) -> Iterator[Updates]:
        """Yield the answer, more each time; who stops iterating stops the work."""
        ...


@dataclass(slots=True)
class Latest:
    """How far a visitor's page and the answers to it have come: what the visitor's events share.

    Attributes:
        change: number of the newest change that was told of.
        stopped: number of the change at which the visitor pressed Stop last.
        shown: number of the change that the answer in view is for.
        ended: number of the newest change on which work has ended.
    """

    change: int = 0
    stopped: int = -1
    shown: int = 0
    ended: int = 0

    def told(self, change: int) -> None:
        """Note a change; events may overtake one another."""
        self.change = max(self.change, change)

    def check(self, change: int) -> None:
        """Go on where somebody waits for the answer to a change.

        Raises:
            NobodyWaitsError: if not.
        """
        if change < self.change or change <= self.stopped:
            raise NobodyWaitsError

    def leave(self) -> None:
        """Note that the visitor has left: nobody waits for any answer so far."""
        self.stopped = self.change


class NobodyWaitsError(Exception):
    """Raised inside of an answer that nobody waits for any more."""


class Dispatcher:
    """Asks the tab in view, and nobody else."""

    def __init__(self, sidebar: Sidebar, tabs: Sequence[Tab]) -> None:
        """Lay out what counts changes and shows progress, and wire all that changes.

        Args:
            sidebar: what is chosen for all tabs.
            tabs: those that can be asked.
        """
        self._sidebar = sidebar
        self._tabs = {tab.title: tab for tab in tabs}
        self._crowd = Crowd(sidebar.mode.most_waiting)
        self.address = Address(sidebar, {tab.title: tab.kept for tab in tabs})
        self.changes = gr.HTML("0", elem_id="changes", js_on_load=script("dispatch"))
        gr.HTML(render("standing.html", words=words), elem_id="standing")
        with gr.Row(elem_id="asking"):
            self.answered = gr.HTML(answered(Latest()), elem_id="answered")
            stop = gr.Button(words.STOP, size="sm", elem_id="stop", min_width=0)
        self.latest = gr.State(Latest())
        self.keys: gr.State = gr.State({})
        self._wire([option for tab in tabs for option in tab.options])
        stop.click(self.stop, {self.changes, self.latest}, None, **QUIET)

    def _wire(self, options: Sequence[Component]) -> None:
        sidebar, shared = self._sidebar, {self.changes, self.latest}
        asked, shown = sidebar.choices.asked, sidebar.followers
        amount = [sidebar.choices.amount, sidebar.choices.amounts]
        gr.on(
            [*map(changed, (*asked, *options)), sidebar.ask.click],
            None,
            js=script("changed"),
            api_visibility="private",
        )
        self.changes.select(
            self.follow,
            {*shared, *asked, *amount, *self.address.components},
            [shown.picture, shown.share, shown.note, shown.method, *amount, self.address.place],
            **QUIET,
            **WAITING,
        )
        outputs = [output for tab in self._tabs.values() for output in tab.outputs]
        self.changes.submit(
            self.ask,
            {*shared, self.keys, *asked, *options},
            [*outputs, self.keys, self.answered],
            trigger_mode="always_last",
            show_progress_on=self.answered,
            api_visibility="private",
            **WAITING,
        )

    def follow(self, values: Values) -> Updates:
        """Return what follows a change in the sidebar itself, and end what is worked on before."""
        change, latest = int(values[self.changes]), values[self.latest]
        latest.told(change)
        try:
            updates = self._sidebar.follow(values, lambda _: latest.check(change))
        except NobodyWaitsError:  # the newer change is followed, too
            return {self.address.place: gr.skip()}
        except ForgottenError as error:
            return {self._sidebar.followers.note: warning(friendly(error))}
        chosen = dict(values)
        if not isinstance(amount := updates[self._sidebar.choices.amount], dict):  # or it stays
            chosen[self._sidebar.choices.amount] = amount
        return {**updates, self.address.place: self.address.shown(chosen, change)}

    def stop(self, values: Values) -> None:
        """End what is worked on."""
        values[self.latest].stopped = int(values[self.changes])

    def ask(
        self,
        values: Values,
        progress: gr.Progress = gr.Progress(),  # noqa: B008  Gradio finds it by its default
    ) -> Iterator[Updates]:
        """Yield the answer of the tab in view, more each time, where it doesn't stand there yet."""
        change, latest, keys = int(values[self.changes]), values[self.latest], {**values[self.keys]}
        latest.told(change)
        tab = self._tabs[values[self._sidebar.choices.view]]

        said: list[tuple[float, str]] = []

        def watch(standing: Standing) -> None:
            latest.check(change)
            now = (round(standing.share_done, 2), words.standing(standing))
            if said[-1:] != [now]:
                said[:] = [now]
                progress(now[0], desc=now[1])

        try:
            yield from self._asked(tab, values, keys, watch)
            latest.shown = change
        except NobodyWaitsError:
            if latest.change > change:  # that one asks, too
                yield {self.answered: gr.skip()}  # Gradio empties what a silent generator sets
                return
        except Exception as error:  # noqa: BLE001  the visitor reads a sentence, no traceback
            latest.shown = change
            keys.pop(tab.title, None)  # a sentence stands there, and no answer
            yield {tab.place: message(friendly(error))}
        latest.ended = change
        yield {self.keys: keys, self.answered: answered(latest)}

    def _asked(
        self, tab: Tab, values: Values, keys: dict[str, str], watch: Watch
    ) -> Iterator[Updates]:
        """Yield a tab's answer where another one stands there, and note in `keys` what stands now.

        A part of an answer is none of it: its key is noted with the end, the older one's is
        forgotten with the beginning. Only who is answered takes a place in the crowd.

        Raises:
            NobodyWaitsError: as soon as nobody waits for it any more.
            FullError: if there is no place; what stands there then is no answer.
        """
        change, latest = int(values[self.changes]), values[self.latest]
        selection = self._sidebar.selection(values)
        key = self._key(tab, selection, values)
        if keys.get(tab.title) == key:
            return
        keys.pop(tab.title, None)
        with self._crowd.place():
            for updates in self._answers(tab, Question(selection, values, watch)):
                latest.shown = change if tab.place in updates else latest.shown
                yield {**updates, self.keys: keys, self.answered: answered(latest)}
                latest.check(change)
        keys[tab.title] = key

    def _answers(self, tab: Tab, question: Question) -> Iterator[Updates]:
        if tab.asks_models and not question.selection.models:
            there_are = self._sidebar.studio.models()
            sentence = words.NO_MODEL_CHOSEN if there_are else words.NO_WEIGHTS
            yield {tab.place: message(sentence)}
            return
        yield from tab.answer(question)

    def _key(self, tab: Tab, selection: Selection, values: Values) -> str:
        """Return a short text that is another one where a tab's answer would be another one."""
        options = [values[option] for option in tab.options]
        return fingerprint(selection if tab.asks_models else None, options)


def changed(choice: Component) -> Any:
    """Return the event that tells of a change; menus may also be set by what they change."""
    told_by = "input" if isinstance(choice, gr.Dropdown) else "change"
    return getattr(choice, told_by)  # Gradio's events are made at run time


def answered(latest: Latest) -> Markup:
    """Return for `dispatch.js` how far the answers have come, as HTML."""
    return render("answered.html", latest=latest, words=words)


def fingerprint(selection: Selection | None, options: Sequence[Any]) -> str:
    """Return a digest of a selection and a tab's options: nothing of the face is kept in it."""
    asked: tuple[Any, ...] = ()
    if selection is not None:
        cover, how = selection.cover, (selection.explainer, selection.one_scale)
        asked = (
            face_digest(selection.crop), cover.name, cover.amount, cover.seed,
            layers_value(cover.layers), selection.models, *how,
        )  # fmt: skip
    return sha256(repr((asked, options)).encode()).hexdigest()
