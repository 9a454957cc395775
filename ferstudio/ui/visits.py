"""A visitor who has left is forgotten: state, pictures, and what was found about them.

Gradio itself deletes the values of a closed visit's `gr.State` after an hour, and keeps the page's
components as they stood, with all their pictures, until so many others have come.
"""

import threading
from collections.abc import Callable
from datetime import datetime

import gradio as gr
from gradio.state_holder import SessionState

from ferstudio.system_memory import give_back_memory
from ferstudio.ui.parts.faces import Photo

KEPT_S = 120.0
"""Seconds for which a visit is kept after its page was closed: connections break for a while."""

IDLE_S = 600.0
"""Seconds for which a visit is kept after its last question where somebody came back to it:
Gradio's page doesn't mend a broken connection, so nothing tells when such a page is closed."""


def forget_visitors(
    app: gr.Blocks,
    latest: gr.State,
    photo: gr.State,
    forget_photo: Callable[[Photo | None], None],
) -> None:
    """Let `app` stop the work for visitors who leave, and forget them soon after.

    Args:
        app: the page.
        latest: holds what tells a visitor's events whether anybody waits for them.
        photo: holds a visitor's own picture, or None.
        forget_photo: drops what was found about such a picture.
    """

    def stayed_away(visit: str, since: datetime) -> None:
        session = forget(app, visit, since)
        if session is not None:
            forget_photo(session[photo._id])
        elif visit in app.state_holder:  # somebody came back, and will leave unseen
            later(IDLE_S, visit, datetime.now())

    def later(seconds: float, visit: str, since: datetime) -> None:
        timer = threading.Timer(seconds, stayed_away, (visit, since))
        timer.daemon = True
        timer.start()

    def left(request: gr.Request) -> None:
        visit = str(request.session_hash)
        session = app.state_holder.session_data.get(visit)
        if session is None:
            return
        session[latest._id].leave()
        later(KEPT_S, visit, datetime.now())
        give_back_memory()

    app.unload(left)


def forget(app: gr.Blocks, visit: str, left: datetime) -> SessionState | None:
    """Drop all that is kept for a visit, unless somebody came back to it after it was `left`.

    Returns:
        What was kept; None where nothing was, or it still is.
    """
    holder = app.state_holder
    with holder.lock:
        if holder.time_last_used.get(visit, left) > left:
            return None
        holder.time_last_used.pop(visit, None)
        session: SessionState | None = holder.session_data.pop(visit, None)
        return session
