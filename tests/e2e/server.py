"""app.py, running in a process of its own."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]
START_S = 120


@contextmanager
def serving(
    weights: Path, *options: str, **environment: str
) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """Serve the page of the networks in `weights`; yield where, and the process.

    `options` are further ones of app.py; `environment` holds variables that it finds beside those
    of this process.
    """
    port = free_port()
    command = ["app.py", "--port", str(port), "--weights", str(weights), *options]
    with running(command, f"http://127.0.0.1:{port}/", {**os.environ, **environment}) as app:
        yield f"http://127.0.0.1:{port}/", app


@contextmanager
def running(
    command: list[str], address: str, environment: dict[str, str], folder: Path = ROOT
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run Python on `command` in a folder until the block ends; begin once `address` answers.

    `environment` holds all variables that it finds.
    """
    with tempfile.TemporaryFile() as log:
        app = subprocess.Popen(
            [sys.executable, *command],
            cwd=folder,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=environment,
        )
        try:
            if not _answers(address, app):
                log.seek(0)
                raise RuntimeError(f"app.py doesn't answer:\n{log.read().decode()}")
            yield app
        finally:
            app.terminate()
            app.wait(timeout=30)


def free_port() -> int:
    """Return the number of a port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(address: str, app: "subprocess.Popen[bytes]") -> bool:
    """Wait until the page answers; return whether it does within `START_S`."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and app.poll() is None:
        with suppress(OSError), urllib.request.urlopen(address, timeout=5):
            return True
        time.sleep(0.3)
    return False
