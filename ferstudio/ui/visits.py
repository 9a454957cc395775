"""A visitor who has left is forgotten: state, pictures, everything the page kept for the visit.

Gradio itself deletes the values of a closed visit's `gr.State` after an hour, and keeps the page's
components as they stood, with all their pictures, until so many others have come.
"""

import ctypes
import sys
import threading
from datetime import datetime

import gradio as gr

KEPT_S = 120.0
"""Seconds for which a visit is kept after its page was closed: connections break for a while."""


def forget_visitors(app: gr.Blocks, latest: gr.State) -> None:
    """Let `app` stop the work for visitors who leave, and forget them soon after.

    Args:
        app: the page.
        latest: holds what tells a visitor's events whether anybody waits for them.
    """

    def left(request: gr.Request) -> None:
        visit = str(request.session_hash)
        session = app.state_holder.session_data.get(visit)
        if session is None:
            return
        session[latest._id].leave()
        timer = threading.Timer(KEPT_S, forget, (app, visit, datetime.now()))
        timer.daemon = True
        timer.start()
        give_back_memory()

    app.unload(left)


def forget(app: gr.Blocks, visit: str, left: datetime) -> None:
    """Drop all that is kept for a visit, unless somebody came back to it after it was `left`."""
    holder = app.state_holder
    with holder.lock:
        if holder.time_last_used.get(visit, left) <= left:
            holder.session_data.pop(visit, None)
            holder.time_last_used.pop(visit, None)


def give_back_memory() -> None:
    """Return freed memory to the system, where the C library can (glibc's `malloc_trim`).

    Pictures of a robustness study, 20 to 30 MB each, are made and freed by short-lived threads;
    glibc keeps what they freed: `tests.memory.visits` grew by 800 MB in 60 visits.
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
