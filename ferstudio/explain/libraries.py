"""The libraries that explanations need, imported ahead of the first one."""

import importlib
import threading
from functools import cache

NAMES = ("pytorch_grad_cam", "scipy.stats")
"""Each is imported where it is used, and takes a second or more."""


@cache
def import_ahead() -> threading.Thread:
    """Return the thread that imports them meanwhile; there is one in a process."""
    thread = threading.Thread(target=lambda: [*map(importlib.import_module, NAMES)], daemon=True)
    thread.start()
    return thread
