"""A visitor who has left is forgotten, one who came back isn't."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import gradio as gr
import pytest
from gradio.state_holder import StateHolder

from ferstudio.system_memory import give_back_memory
from ferstudio.ui import visits
from ferstudio.ui.dispatch import Latest
from ferstudio.ui.page import build_app
from ferstudio.ui.parts.faces import Photo
from tests.ui.fake_studio import FakeStudio, crop


@pytest.fixture
def studio() -> FakeStudio:
    return FakeStudio()


@pytest.fixture
def app(studio: FakeStudio) -> gr.Blocks:
    page = build_app(studio)
    StateHolder().set_blocks(page)
    return page


def latest(app: gr.Blocks) -> int:
    return next(
        block._id for block in app.blocks.values()
        if isinstance(block, gr.State) and isinstance(block.value, Latest)
    )  # fmt: skip


def photo(app: gr.Blocks) -> int:
    """Return the number of what an upload sets."""
    upload = next(fn for fn in app.fns.values() if fn.name == "upload")
    return next(block._id for block in upload.outputs if isinstance(block, gr.State))


def timers() -> set[threading.Thread]:
    """Return the timers that run; what else begins meanwhile is none of ours."""
    return {each for each in threading.enumerate() if isinstance(each, threading.Timer)}


def wait_for_timers(before: set[threading.Thread]) -> None:
    """Wait until all timers that weren't there before have run."""
    for timer in timers() - before:
        timer.join()


def leave(app: gr.Blocks, visit: str) -> None:
    (left,) = [fn for fn in app.fns.values() if fn.name == "left"]
    request = gr.Request(session_hash=visit)
    assert left.fn is not None
    left.fn(request)


def test_who_leaves_stops_the_work_and_is_forgotten(
    app: gr.Blocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visits, "KEPT_S", 0.05)
    given: list[bool] = []
    monkeypatch.setattr(visits, "give_back_memory", lambda: given.append(True))
    session = app.state_holder["someone"]
    session[latest(app)].told(4)
    before = timers()
    leave(app, "someone")
    assert session[latest(app)].stopped == 4
    assert given == [True]
    wait_for_timers(before)
    assert "someone" not in app.state_holder
    assert "someone" not in app.state_holder.time_last_used


def test_what_was_found_about_a_visitors_picture_goes_with_the_visit(
    app: gr.Blocks, studio: FakeStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visits, "KEPT_S", 0.05)
    monkeypatch.setattr(visits, "give_back_memory", lambda: None)
    own = Photo(crop(3))
    app.state_holder["someone"][photo(app)] = own
    assert app.state_holder["with a sample"][photo(app)] is None
    before = timers()
    leave(app, "someone")
    leave(app, "with a sample")
    assert studio.forgotten == []
    wait_for_timers(before)
    assert studio.forgotten == [own.crop]


def test_who_came_back_is_kept(app: gr.Blocks) -> None:
    left = datetime.now() - timedelta(seconds=1)
    holder = app.state_holder
    holder["someone"]
    visits.forget(app, "someone", left)
    assert "someone" in holder
    visits.forget(app, "someone", datetime.now())
    assert "someone" not in holder


def test_who_was_never_there_is_no_trouble(app: gr.Blocks) -> None:
    leave(app, "nobody")
    visits.forget(app, "nobody", datetime.now())
    assert "nobody" not in app.state_holder


def test_memory_is_given_back_wherever_that_can_be_done(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    class Library:
        @staticmethod
        def malloc_trim(kept: int) -> None:
            asked.append(kept)

    for platform, library in (("linux", Library), ("linux", object), ("win32", Library)):
        monkeypatch.setattr("sys.platform", platform)
        monkeypatch.setattr("ctypes.CDLL", lambda name, found=library: found)
        give_back_memory()
    assert asked == [0]


def test_who_came_back_by_a_broken_connection_is_forgotten_once_idle(
    app: gr.Blocks, studio: FakeStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_to: list[tuple[float, Callable[[], None]]] = []

    class Hourglass:
        """Runs when it is turned."""

        def __init__(self, seconds: float, work: Callable[..., None], given: tuple[Any, ...]):
            set_to.append((seconds, lambda: work(*given)))

        def start(self) -> None:
            """Wait to be turned."""

    monkeypatch.setattr(threading, "Timer", Hourglass)
    session = app.state_holder["someone"]
    session[photo(app)] = Photo(crop())
    leave(app, "someone")
    app.state_holder.time_last_used["someone"] = datetime.now() + timedelta(microseconds=1)
    (first_s, first), *_ = set_to
    first()
    assert "someone" in app.state_holder.session_data  # somebody asked meanwhile
    _, (second_s, second) = set_to
    assert (first_s, second_s) == (visits.KEPT_S, visits.IDLE_S)
    second()
    assert "someone" not in app.state_holder.session_data
    assert len(studio.forgotten) == 1
