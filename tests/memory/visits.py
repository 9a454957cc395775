"""Resident memory of a page that many visit: `python -m tests.memory.visits [--minutes M]`.

Starts app.py and visits it again and again, as a browser does, with requests alone: each visit
opens the page, turns to every tab with a face, a cover and a seed of its own, waits for the answer,
and leaves; with `--photographs` the face is a picture of its own.
Prints the server's resident memory after the first ten visits, on the way, and after the last.
"""

import argparse
import sys
import time
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.e2e.server import serving
from tests.page_client import TABS, Page, Visit
from tests.studio_parts import write_picture

FIRST, LIMIT_MB = 10, 300


def resident_mb(process: int) -> float:
    """Return the resident memory of a process in MB (10^6 bytes)."""
    status = Path(f"/proc/{process}/status").read_text("ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) * 1024 / 1e6


def main() -> None:
    """Visit, and print what it took."""
    parser = argparse.ArgumentParser(prog="python -m tests.memory.visits", description=__doc__)
    parser.add_argument("--visits", type=int, default=200)
    parser.add_argument("--minutes", type=float, help="visit so long instead")
    parser.add_argument("--photographs", action="store_true", help="bring a picture each time")
    parser.add_argument("--weights", default="weights", help="folder of trained networks")
    parser.add_argument("--models", default="resnet18.ferplus", help="names, with commas between")
    options = parser.parse_args()
    models, after_ten = options.models.split(","), 0.0
    with serving(Path(options.weights)) as (address, server), TemporaryDirectory() as folder:
        page, started = Page(address), time.monotonic()
        for number in count():
            if options.minutes is None and number >= options.visits:
                break
            if options.minutes is not None and time.monotonic() - started > 60 * options.minutes:
                break
            visit = Visit(page, number, models)
            with visit.connected():
                if options.photographs:
                    visit.photograph(write_picture(Path(folder) / "picture.png", number))
                for title in TABS:
                    visit.see(title)
            if (number + 1) % FIRST == 0:
                now = resident_mb(server.pid)
                after_ten = after_ten or now
                print(
                    f"{number + 1:4} visits {now:7.0f} MB {time.monotonic() - started:6.0f} s",
                    flush=True,
                )
        grown = resident_mb(server.pid) - after_ten
    print(f"grown by {grown:.0f} MB since the first {FIRST} visits; {LIMIT_MB} MB are allowed")
    sys.exit(int(grown > LIMIT_MB))


if __name__ == "__main__":
    main()
