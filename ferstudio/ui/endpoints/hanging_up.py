"""Work for programs ends once they hang up."""

from gradio.context import LocalContext
from gradio.queueing import Event

from ferstudio.studio.turns import WorkEndedError
from ferstudio.studio.works import Standing, Watch


def until_it_hangs_up() -> Watch:
    """Return what ends the work on the question that is answered now once nobody waits for it.

    Gradio calls an event dead where the connection that its answer would go to was closed. Where
    no event is answered, as in a script that calls an endpoint itself, nothing ends.
    """
    event = _event()

    def watch(_: Standing) -> None:
        if event is not None and not event.alive:
            raise WorkEndedError

    return watch


def _event() -> Event | None:
    """Return the event that this thread answers."""
    page, number = LocalContext.blocks.get(None), LocalContext.event_id.get(None)
    if page is None or number is None:
        return None
    together = [event for events in page._queue.active_jobs for event in events or ()]
    return next((event for event in together if event._id == number), None)
