"""What every event of the page has to do with: values, updates, clicks, and how events queue."""

from collections.abc import Mapping
from typing import Any, TypeVar

import gradio as gr
from gradio.components import Component

Values = Mapping[Component, Any]
"""What the page's components hold, as Gradio gives it to a listener whose inputs are a set."""

Updates = dict[Component, Any]
"""What an event sets; components that aren't in it stay as they are."""

Told = TypeVar("Told")

WAITING: dict[str, Any] = {"concurrency_limit": None}
"""Settings of events that wait for networks: all visitors wait at once, and the studio gives each
its turn (`ferstudio.studio.turns`)."""

QUIET: dict[str, Any] = {
    "api_visibility": "private",
    "show_progress": "hidden",
    "trigger_mode": "always_last",
}
"""Settings of events that are done before anybody could wonder; the newest of quick ones counts.

Only one listener may hang on an event with this `trigger_mode`: where Gradio 6.31 made one wait, it
raises the whole event once more afterwards, for all of its listeners, and two of them raise each
other for ever. (Changes of a `gr.State` are told to each listener apart.)
"""

CLICKS: dict[str, Any] = {**QUIET, "trigger_mode": "multiple"}
"""The same for events that say what was clicked: a waiting one would forget its own click."""


def told(event: gr.EventData, key: str, kind: type[Told]) -> Told | None:
    """Return what the browser said of an event under `key`; None where that is of another kind.

    A whole number will do for a `float`: JSON doesn't tell them apart.
    """
    try:
        value = getattr(event, key)
    except (AttributeError, TypeError):  # it said nothing under that key, or nothing at all
        return None
    if kind is float and isinstance(value, int):
        value = float(value)
    return value if isinstance(value, kind) else None
