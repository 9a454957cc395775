"""Where long work stops for a moment, so that other work gets its turn.

Work that may take long calls `pause` between its steps, between two batches of pictures say, and
never while it holds a network: whoever gets the turn may want that very network. Who runs work in
turns says so with `taking` for the thread that it runs in; anywhere else a pause is none.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol


class Turn(Protocol):
    """The right of one piece of work to run now."""

    def pause(self, share_done: float | None) -> None:
        """Let others run where it is their turn, and go on afterwards.

        Args:
            share_done: share of the whole work that is done, in [0, 1]; None says nothing new.
        """
        ...

    def wait(self, acquire: Callable[[float], bool], holder: "Turn | None") -> None:
        """Let others run until `acquire`, which is given seconds to try, has succeeded.

        Args:
            acquire: tries to get what is waited for.
            holder: who has it; None where that isn't work in turns.
        """
        ...


_turn: ContextVar[Turn | None] = ContextVar("turn", default=None)
_part: ContextVar[tuple[float, float]] = ContextVar("part", default=(0.0, 1.0))


def pause(share_done: float | None = None) -> None:
    """Let other work run where it is its turn; the step after this may come seconds later.

    Args:
        share_done: share of this `part` of the work that is done, in [0, 1]; None says nothing new.
    """
    turn = _turn.get()
    if turn is not None:
        start, end = _part.get()
        turn.pause(None if share_done is None else start + (end - start) * share_done)


def in_turns() -> bool:
    """Return whether this work takes turns with other work, so that somebody may wait for it."""
    return _turn.get() is not None


@contextmanager
def part(start: float, end: float) -> Iterator[None]:
    """Let what is paused inside the block be that part of the whole, or of the part around it."""
    outer_start, outer_end = _part.get()
    length = outer_end - outer_start
    token = _part.set((outer_start + length * start, outer_start + length * end))
    try:
        yield
    finally:
        _part.reset(token)


@contextmanager
def taking(turn: Turn) -> Iterator[None]:
    """Let pauses inside the block be those of `turn`."""
    token = _turn.set(turn)
    try:
        yield
    finally:
        _turn.reset(token)


class TurnLock:
    """A lock that keeps nobody but those who want it from running: who waits for it has no turn."""

    def __init__(self) -> None:
        """Begin open."""
        self._lock = threading.Lock()
        self._holder: Turn | None = None

    def __enter__(self) -> None:
        """Get it, once whoever has it is done."""
        turn = _turn.get()
        if not self._lock.acquire(blocking=False):
            self._wait(turn)
        self._holder = turn

    def __exit__(self, *_: object) -> None:
        """Give it back."""
        self._holder = None
        self._lock.release()

    def _wait(self, turn: Turn | None) -> None:
        if turn is None:
            self._lock.acquire()
            return
        had = False

        def acquire(patience_s: float) -> bool:
            nonlocal had
            had = self._lock.acquire(timeout=patience_s)
            return had

        try:
            turn.wait(acquire, self._holder)
        except BaseException:
            if had:
                self._lock.release()
            raise
