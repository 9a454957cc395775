"""Keep the start-up chatter of mediapipe's native code off the terminal, and nothing else.

Its libraries write straight to file descriptor 2, before any logger of theirs can be configured.
"""

import os
import re
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_CHATTER = re.compile(rb"INFO: |W0000 |I0000 |WARNING: All log messages before absl::InitializeLog")
_turn = threading.Lock()


@contextmanager
def without_native_chatter() -> Iterator[None]:
    """Hold back what is written to stderr inside, and pass on all that isn't such chatter.

    The descriptor belongs to the whole process, so the lines of other threads come a little late,
    but they come.
    """
    with _turn, tempfile.TemporaryFile() as held:
        sys.stderr.flush()
        original = os.dup(2)
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(original, 2)
            held.seek(0)
            kept = [line for line in held if not _CHATTER.match(line)]
            os.write(original, b"".join(kept))
            os.close(original)
