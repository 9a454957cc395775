"""How much memory this machine, or the container around this process, has."""

import os
from pathlib import Path

UNKNOWN_BYTES = 4 * 2**30
"""What is taken for it where the system doesn't say."""

_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


def memory_bytes() -> int:
    """Return the bytes of memory that there are, a container's limit counted."""
    return min((*_machine(), *_container()), default=UNKNOWN_BYTES)


def _machine() -> tuple[int, ...]:
    try:
        return (os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),)
    except (AttributeError, ValueError, OSError):  # as on Windows
        return ()


def _container() -> tuple[int, ...]:
    found = []
    for file in _LIMITS:
        try:
            text = file.read_text("ascii").strip()
        except OSError:
            continue
        if text.isdecimal() and int(text) > 0:
            found.append(int(text))
    return tuple(found)
