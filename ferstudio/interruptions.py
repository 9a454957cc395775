"""What an interruption (Ctrl-C) does to a command."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

STOPPED = 130
"""Exit status of an interrupted command, as shells have it."""

_to_tidy: set[object] = set()
"""One for each `left_tidy` that hasn't ended."""


def end_when_interrupted() -> None:
    """Have an interruption end this process at once and in one line.

    By itself it would be a traceback while libraries are imported, or be swallowed there, and break
    the process off noisily while other threads compute. Under `left_tidy` it stays a
    `KeyboardInterrupt`.

    To be called first of all, in the main thread of a process that is a command.
    """
    process = os.getpid()

    def end(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  as signals call it
        if _to_tidy:
            raise KeyboardInterrupt
        if os.getpid() == process:
            with suppress(OSError):  # not by sys.stderr, which may be in the middle of a line
                os.write(2, b"Stopped.\n")
        os._exit(STOPPED)

    signal.signal(signal.SIGINT, end)


@contextmanager
def left_tidy() -> Iterator[None]:
    """Have what the block begins be put away by it, also where it is interrupted.

    It is for files that aren't whole yet and for processes that share the work.
    """
    begun = object()
    _to_tidy.add(begun)
    try:
        yield
    finally:
        _to_tidy.discard(begun)


@contextmanager
def deaf_to_interruptions() -> Iterator[None]:
    """Start processes that an interruption of the terminal says nothing to: this one ends them."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
