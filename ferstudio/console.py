"""The frame of every command: what a person can mend is one line on stderr, never a traceback."""

import errno
import io
import os
import sys
from collections.abc import Callable

from ferstudio.errors import FerStudioError
from ferstudio.interruptions import STOPPED

MENDABLE = 2
"""Exit status of what a person can mend."""

_FULL = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))
_REFUSED = frozenset(
    (
        errno.EACCES, errno.EEXIST, errno.EIO, errno.EISDIR, errno.ENAMETOOLONG, errno.ENOENT,
        errno.ENOTDIR, errno.ENOTEMPTY, errno.EPERM, errno.EROFS,
    )
)  # fmt: skip


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
