"""Pictures on their way in: in a folder of this process alone, and gone as soon as they are read.

Gradio writes an upload to disk before anybody reads it, by default into a folder that all users of
the machine share, and leaves it there. Here the folder is the process's own (only its user may
look), each file is removed once it is read, the whole on every way to end but SIGKILL, and what a
killed process left by the next one.
"""

import atexit
import os
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from uuid import uuid4

from ferstudio.files import process_runs

PREFIX = "ferstudio-"

MAX_UPLOAD_MB = 50
"""Of one file: all but a few pictures of as many pixels as are read are smaller."""

_FOLDER_VARIABLE = "GRADIO_TEMP_DIR"
_TRIES = 20
"""Of removing a folder into which other threads may still write."""

_FILE_NAME = re.compile(rb'(\bfilename=")([^"\r\n]*")', re.IGNORECASE)
_NAMED_ANEW = re.compile(r"\b[0-9a-f]{32}-")
_HEADER_END = b"\r\n\r\n"
_HEAD_BYTES = 16 * 2**10


def keep_uploads_apart() -> Path:
    """Have all temporary files of this process written to a new folder, which goes as it ends.

    To be called in the main thread, before Gradio is imported, which makes a folder at once.
    """
    parent = Path(tempfile.gettempdir())
    _sweep(parent)
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=parent))
    os.environ[_FOLDER_VARIABLE] = tempfile.tempdir = str(folder)
    atexit.register(_remove, folder)

    def end(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  as signals call it
        tunneling = sys.modules.get("gradio.tunneling")
        for tunnel in tunneling.CURRENT_TUNNELS if tunneling else ():  # of a public link
            tunnel.kill()
        _remove(folder)
        with suppress(OSError):
            sys.stderr.write("Stopped.\n")
            sys.stderr.flush()
        os._exit(128 + number)  # threads that compute don't end in time, nor quietly

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), end)
    return folder


@contextmanager
def taken(path: str | Path) -> Iterator[Path]:
    """Give an uploaded file, and remove it as the block ends."""
    file = Path(path)
    try:
        yield file
    finally:
        own = os.environ.get(_FOLDER_VARIABLE)
        if own and file.resolve().is_relative_to(Path(own).resolve()):
            with suppress(OSError):
                file.unlink()
                file.parent.rmdir()


def given_names(text: str) -> str:
    """Return a text with the names that visitors gave their files (see `Renaming`)."""
    return _NAMED_ANEW.sub("", text)


class Renaming:
    """A form on its way in, piece by piece, whose files get names that no other upload has.

    Gradio stores equal files of equal names once: without this the first of two visitors who bring
    the same picture would take it away from the other.

    Attributes:
        files: how many have been named so far.
    """

    def __init__(self, content_type: str) -> None:
        """Begin a form.

        Args:
            content_type: the header of a multipart/form-data request.
        """
        _, _, boundary = content_type.partition("boundary=")
        self._mark = b"\r\n--" + boundary.split(";")[0].strip(' "').encode("latin-1", "replace")
        self._held = b"\r\n"  # as if a part had ended before the first one
        self._unsent = 2  # of what is held: what the form itself doesn't begin with
        self._in_head = False
        self.files = 0

    def fed(self, piece: bytes, *, last: bool) -> bytes:
        """Return what the next piece of the form, with what was held back, becomes."""
        self._held += piece
        done = bytearray()
        while (end := self._end()) > 0:
            part, self._held = self._held[:end], self._held[end:]
            if self._in_head:
                part, found = _FILE_NAME.subn(_named_anew, part)
                self.files += found
            self._in_head = not self._in_head
            done += part
        held = len(self._held) if self._in_head else len(self._mark) - 1
        if last or (self._in_head and held > _HEAD_BYTES):  # Gradio refuses such a head
            held = 0
        sent = max(0, len(self._held) - held)
        done += self._held[:sent]
        self._held = self._held[sent:]
        unsent = min(self._unsent, len(done))
        self._unsent -= unsent
        return bytes(done[unsent:])

    def _end(self) -> int:
        """Return where in what is held the head or the content of a part ends, or 0."""
        mark = _HEADER_END if self._in_head else self._mark
        return self._held.find(mark) + len(mark) if mark in self._held else 0


def _named_anew(match: re.Match[bytes]) -> bytes:
    return match[1] + uuid4().hex.encode() + b"-" + match[2]


def _sweep(parent: Path) -> None:
    """Remove the folders of processes that are no more, where they are this user's."""
    for left in parent.glob(f"{PREFIX}*"):
        number = left.name.removeprefix(PREFIX).partition("-")[0]
        if number.isdecimal() and not process_runs(int(number)):
            shutil.rmtree(left, ignore_errors=True)


def _remove(folder: Path) -> None:
    for _ in range(_TRIES):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
