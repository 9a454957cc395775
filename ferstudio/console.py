"""The frame of every command: what a person can mend is one line on stderr, never a traceback."""

import errno
import io
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from ferstudio.errors import FerStudioError
from ferstudio.files import is_writing

MENDABLE, STOPPED = 2, 130
"""Exit statuses: of what a person can mend, and of an interrupted command, as shells have it."""

_FULL = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))
_REFUSED = frozenset(
    (
        errno.EACCES, errno.EEXIST, errno.EIO, errno.EISDIR, errno.ENAMETOOLONG, errno.ENOENT,
        errno.ENOTDIR, errno.ENOTEMPTY, errno.EPERM, errno.EROFS,
    )
)  # fmt: skip


def end_when_interrupted() -> None:
    """Have an interruption (Ctrl-C) end this process at once and in one line.

    By itself it would be a traceback while libraries are imported, or be swallowed there, and break
    the process off noisily while other threads compute. Where a file is being written, or processes
    share the work, it stays a `KeyboardInterrupt`, so that nothing of either is left.

    To be called first of all, in the main thread of a process that is a command.
    """
    process = os.getpid()

    def end(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  as signals call it
        if is_writing() or _workers():
            raise KeyboardInterrupt
        if os.getpid() == process:
            with suppress(OSError):  # not by sys.stderr, which may be in the middle of a line
                os.write(2, b"Stopped.\n")
        os._exit(STOPPED)

    signal.signal(signal.SIGINT, end)


def _workers() -> bool:
    multiprocessing = sys.modules.get("multiprocessing")
    return bool(multiprocessing and multiprocessing.active_children())


@contextmanager
def deaf_to_interruptions() -> Iterator[None]:
    """Start processes that an interruption of the terminal says nothing to: this one ends them."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def framed(work: Callable[[], int]) -> int:
    """Return the exit status of `work`, or that of what ended it, which is told on stderr.

    A `FerStudioError` and whatever a disk refuses end in one line; an interruption, too; a reader
    of stdout that has seen enough, as `head`, ends the command without a word. Signs that a console
    lacks are printed as question marks.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        status = work()
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        say("Stopped.")
        return STOPPED
    except FerStudioError as error:
        say(error)
        return error.status
    except OSError as error:
        say(_disk_sentence(error))
        return MENDABLE
    return status


def say(sentence: object) -> None:
    """Print a sentence on stderr, as one line."""
    print(" ".join(str(sentence).split()), file=sys.stderr)


def _disk_sentence(error: OSError) -> str:
    """Return what a person can do about a refusal; any other fault is raised again."""
    place = f"{error.filename}: " if error.filename else ""
    if error.errno in _FULL:
        return f"{place}{error.strerror}; make room or choose another folder, then start again."
    if error.errno in _REFUSED:
        return f"{place}{error.strerror}."
    raise error
