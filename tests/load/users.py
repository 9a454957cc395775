"""Many at once, each with a photograph of their own: `python -m tests.load.users` or `make load`.

Starts app.py, once or, with `--replicas`, several times behind nginx; so many users upload a
picture each and ask two networks about it under rising amounts of a cover, all at the same time.
Some of what they read is asked again of a new server, alone: whoever read somebody else's answer is
found so. Prints errors, mixed answers, the seconds of an answer (p50, p95) and resident memory
after a quarter of the questions and after all.
"""

import argparse
import json
import re
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from tests.e2e.server import serving
from tests.load.replicas import replicas
from tests.memory.visits import resident_mb
from tests.page_client import Page, Visit
from tests.studio_parts import write_picture

NUMBERS = re.compile(r"(\d+)\s%")
COVER = "lower"
LIMIT_MB = 300


class Users:
    """Users of one server, and what they met."""

    def __init__(self, page: Page, models: list[str], pictures: list[Path], asks: int) -> None:
        """Send one user with each picture, for so many questions."""
        self._page, self._models, self._pictures, self._asks = page, models, pictures, asks
        self._lock = threading.Lock()
        self.read: dict[tuple[int, int], tuple[str, ...]] = {}
        self.seconds: list[float] = []
        self.errors: list[str] = []

    def stay(self, number: int) -> None:
        """Upload one's picture and ask about it again and again."""
        try:
            visit = Visit(self._page, number, self._models)
            with visit.connected():
                visit.photograph(self._pictures[number])
                for ask in range(self._asks):
                    began = time.monotonic()
                    found = answer(visit, ask, self._asks)
                    with self._lock:
                        self.seconds.append(time.monotonic() - began)
                        self.read[number, ask] = found
        except Exception as error:  # noqa: BLE001  counted, whatever it is
            with self._lock:
                self.errors.append(f"user {number}: {error!r}")


def answer(visit: Visit, ask: int, asks: int) -> tuple[str, ...]:
    """Ask one question and return the shares that the answer tells, in order."""
    visit.choose(occluders=COVER, amount=(ask + 1) / asks, seed=7)
    said = json.dumps(visit.see("Compare"), ensure_ascii=False)
    found = tuple(NUMBERS.findall(said))
    assert found, "the answer tells nothing"
    return found


def main() -> None:
    """Run the load, and print what it met."""
    parser = argparse.ArgumentParser(prog="python -m tests.load.users", description=__doc__)
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--asks", type=int, default=10, help="questions of each")
    parser.add_argument("--weights", type=Path, default=Path("weights"))
    parser.add_argument("--models", default="resnet18.ferplus,acsinet.ferplus")
    parser.add_argument("--replicas", type=int, default=1, help="servers behind one nginx")
    options = parser.parse_args()
    models = options.models.split(",")
    with tempfile.TemporaryDirectory() as folder:
        pictures = [write_picture(Path(folder) / f"{n}.png", n) for n in range(options.users)]
        with replicas(options.weights, options.replicas) as (address, servers):
            users = Users(Page(address), models, pictures, options.asks)
            with ThreadPoolExecutor(options.users) as crowd:
                done = [crowd.submit(users.stay, number) for number in range(options.users)]
                whole = options.users * options.asks
                while len(users.seconds) < whole / 4 and not all(each.done() for each in done):
                    time.sleep(0.2)
                early_mb = sum(map(resident_mb, servers))
            grown_mb = sum(map(resident_mb, servers)) - early_mb
        mixed = _mixed(options.weights, users, models, pictures, options.asks)
    p50, p95 = np.percentile(users.seconds or [float("nan")], [50, 95])
    print(*users.errors, sep="\n", end="\n" if users.errors else "")
    print(
        f"{len(users.seconds)} answers to {options.users} users: {len(users.errors)} errors, "
        f"{len(mixed)} mixed; p50 {p50:.1f} s, p95 {p95:.1f} s; memory grew by {grown_mb:.0f} MB "
        f"after the first quarter, {LIMIT_MB * options.replicas} MB are allowed"
    )
    sys.exit(int(bool(users.errors or mixed) or grown_mb > LIMIT_MB * options.replicas))


def _mixed(
    weights: Path, users: Users, models: list[str], pictures: list[Path], asks: int
) -> list[int]:
    """Return the users whose last answer isn't what a new server says of their picture."""
    wrong = []
    with serving(weights) as (address, _):
        page = Page(address)
        for number, picture in enumerate(pictures):
            visit = Visit(page, number, models)
            with visit.connected():
                visit.photograph(picture)
                alone = answer(visit, asks - 1, asks)
            if users.read.get((number, asks - 1), alone) != alone:
                wrong.append(number)
    return wrong


if __name__ == "__main__":
    main()
