"""Work that a button begins and that grows on the page: a later one, or Stop, ends it."""

from dataclasses import dataclass
from typing import Any

import gradio as gr

from ferstudio.studio.works import Standing, Watch
from ferstudio.ui import words
from ferstudio.ui.events import WAITING


class NotWantedError(Exception):
    """Raised inside of work that nobody waits for any more."""


@dataclass(slots=True)
class Wanted:
    """Which piece of work of a visit is waited for: one that is asked later, or Stop, ends it."""

    number: int = 0
    stopped: bool = False

    def next(self) -> int:
        """Want another one, and return its number."""
        self.number += 1
        self.stopped = False
        return self.number

    def stop(self) -> None:
        """Want none."""
        self.number += 1
        self.stopped = True

    def begun(self, progress: gr.Progress) -> Watch:
        """Want another one, and return what shows how it stands as long as it is wanted.

        It raises `NotWantedError` from then on.
        """
        number = self.next()

        def watch(standing: Standing) -> None:
            if self.number != number:
                raise NotWantedError
            progress(standing.share_done, desc=words.standing(standing))

        return watch


def growing_on(place: gr.HTML) -> dict[str, Any]:
    """Return the settings of events whose work grows in a place."""
    return {
        "show_progress_on": place,
        "api_visibility": "private",
        "trigger_mode": "multiple",
        **WAITING,
    }
