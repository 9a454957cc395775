"""The studio as a Space runs it: `python -m tests.load.space [--models all]`.

Copies exactly a Space's files into a new folder, takes the right to write there away, and starts
app.py in it as Hugging Face does: no git, another home, host and port by variables. Asks networks
about a picture, clean and covered, with heatmaps, and prints the seconds to the page and the
largest resident memory.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.space import copy_parts
from tests.e2e.server import free_port, running
from tests.page_client import Page, Visit
from tests.studio_parts import write_picture

LIMIT_MB = 4000


@contextmanager
def as_a_space(folder: Path, port: int) -> Iterator[tuple[str, int]]:
    """Serve a Space's files from `folder`, which is made; yield where, and the process's number."""
    source, home = folder / "source", folder / "home"
    copy_parts(source)
    home.mkdir()
    places = [source, *source.rglob("*")]
    for place in places:
        place.chmod(0o555 if place.is_dir() else 0o444)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "SYSTEM": "spaces",
        "SPACE_ID": "user/ferstudio",
        "GRADIO_SERVER_NAME": "0.0.0.0",
        "GRADIO_SERVER_PORT": str(port),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    address = f"http://127.0.0.1:{port}/"
    try:
        with running(["app.py"], address, environment, source) as app:
            yield address, app.pid
        assert sorted([source, *source.rglob("*")]) == sorted(places), "the source was written to"
    finally:
        for place in places:
            place.chmod(0o755 if place.is_dir() else 0o644)


def peak_mb(process: int) -> float:
    """Return the largest resident memory that a process has had, in megabytes (10^6 bytes)."""
    status = Path(f"/proc/{process}/status").read_text("ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6


def main() -> None:
    """Start it, ask, and print what that took."""
    parser = argparse.ArgumentParser(prog="python -m tests.load.space", description=__doc__)
    parser.add_argument("--models", default="all", help="names, with commas between, or all")
    parser.add_argument("--port", type=int, default=7860)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        began = time.monotonic()
        with as_a_space(Path(scratch), options.port or free_port()) as (address, process):
            page_s = time.monotonic() - began
            page = Page(address)
            (menu,) = (part for part in page.parts.values() if part.get("elem_id") == "models")
            every = [value for _, value in menu["choices"]]
            models = every if options.models == "all" else options.models.split(",")
            visit = Visit(page, 0, models)
            with visit.connected():
                visit.photograph(write_picture(Path(scratch) / "picture.png", 0))
                visit.see("Compare")
            answer_s, mb = time.monotonic() - began - page_s, peak_mb(process)
    print(
        f"page after {page_s:.1f} s; {len(models)} networks answered in {answer_s:.1f} s; "
        f"largest resident memory {mb:.0f} MB of {LIMIT_MB}"
    )
    sys.exit(int(mb > LIMIT_MB))


if __name__ == "__main__":
    main()
