"""One clear sentence for those who start the studio on a Python it can't run on.

This module imports nothing but `sys` and parses on any Python from 3.8 on, so that it can say so.
"""

from __future__ import annotations

import sys

OLDEST = (3, 10)
NEWEST = (3, 13)
UV_COMMAND = "uv run --no-project --python 3.12 --with-requirements requirements.txt app.py"


def require_supported_python(version: tuple[int, ...] | None = None) -> None:
    """Leave the program with exit status 2 and one sentence where Python is too old or too new.

    Call it before anything else is imported.

    Args:
        version: major and minor version; None means that of the running Python.

    Raises:
        SystemExit: if the version isn't supported.
    """
    major, minor = (sys.version_info if version is None else version)[:2]
    if OLDEST <= (major, minor) <= NEWEST:
        return
    sys.stderr.write(
        f"ferstudio runs on Python 3.10 to 3.13 and this is {major}.{minor}; use one of those, or "
        f"let uv bring its own: {UV_COMMAND}\n"
    )
    raise SystemExit(2)
