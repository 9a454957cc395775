"""How many visitors may wait for an answer at a time: the others are told, and can try again."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ferstudio.errors import FerStudioError
from ferstudio.ui.words import FULL

MOST_WAITING = 80
"""Answers that are worked on or waited for at a time, of all visitors: beyond, the last one would
wait for minutes, and each takes a thread (see `ferstudio.ui.page.THREADS`)."""


class FullError(FerStudioError):
    """Raised where there is no room for another answer."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__(FULL)


class Crowd:
    """Those who wait. Any thread may come."""

    def __init__(self, most: int = MOST_WAITING) -> None:
        """Have room for `most`."""
        self._lock = threading.Lock()
        self._left = most

    @contextmanager
    def place(self) -> Iterator[None]:
        """Take a place until the block ends.

        Raises:
            FullError: if there is none.
        """
        with self._lock:
            if not self._left:
                raise FullError
            self._left -= 1
        try:
            yield
        finally:
            with self._lock:
                self._left += 1
