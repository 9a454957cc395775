"""Resident memory of a page that many visit: `python -m tests.memory.visits [--visits N]`.

Starts app.py and visits it again and again, as a browser does, with requests alone: each visit
opens the page, turns to every tab with a face, a cover and a seed of its own, waits for the answer,
and leaves.
Prints the server's resident memory after the first ten visits, on the way, and after the last.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from tests.e2e.server import serving

TABS = ("Compare", "Attention", "Explain", "Robustness", "Feature space", "Live", "Benchmark")
SAMPLES = ("happiness", "neutral", "surprise", "sadness", "anger", "disgust", "fear", "contempt")
COVERS = ("surgical-mask", "sunglasses", "lower", "scarf", "hand", "random", "hair", "upper")
GROUP = "bars"
"""Covers of the robustness study: eight, each at eight amounts."""

FIRST, LIMIT_MB = 10, 300
PATIENCE_S = 600


@dataclass
class Page:
    """The page's configuration: its events by name, its components by number."""

    address: str
    config: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Fetch it."""
        self.config = httpx.get(f"{self.address}config", timeout=60).json()
        self.events = {each["api_name"]: each for each in self.config["dependencies"]}
        self.parts = {each["id"]: each["props"] for each in self.config["components"]}


class Visit:
    """One visitor: an open connection, and the choices on the page."""

    def __init__(self, page: Page, number: int, models: list[str]) -> None:
        """Choose a face, a cover and a seed by the number of the visit."""
        self._page = page
        self._session = uuid4().hex[:11]
        self._http = httpx.Client(base_url=f"{page.address}gradio_api/", timeout=PATIENCE_S)
        self._changes = 0
        self._chosen = {
            "samples": SAMPLES[number % len(SAMPLES)],
            "occluders": COVERS[number // len(SAMPLES) % len(COVERS)],
            "seed": number,
            "models": models,
            "robust-group": GROUP,
        }

    @contextmanager
    def connected(self) -> Iterator[None]:
        """Keep the heartbeat's connection open, as an open page does; to close it is to leave."""
        with self._http, self._http.stream("GET", f"heartbeat/{self._session}"):
            yield

    def see(self, title: str) -> None:
        """Turn to a tab and wait for its answer."""
        self._raise("shown_tab", {"value": title, "index": TABS.index(title), "selected": True})
        self._changes += 1
        self._raise("follow", {})
        self._raise("ask", {})

    def see_if_it_lasts(self, title: str) -> None:
        """Turn to a tab of a server that may end before it answers."""
        with suppress(httpx.HTTPError):
            self.see(title)

    def give(self, event: str, elem_id: str, value: object) -> None:
        """Raise an event of the page by its name, with another value in one of its components."""
        self._chosen[elem_id] = value
        self._raise(event, {})

    def _raise(self, name: str, data: dict[str, Any]) -> None:
        event = self._page.events[name]
        asked = {
            "data": [self._value(each) for each in event["inputs"]],
            "event_data": data,
            "fn_index": event["id"],
            "trigger_id": event["targets"][0][0],
            "session_hash": self._session,
        }
        self._http.post("queue/join", json=asked).raise_for_status()
        params = {"session_hash": self._session}
        with self._http.stream("GET", "queue/data", params=params) as messages:
            for line in messages.iter_lines():
                told = json.loads(line.removeprefix("data:") or "{}")
                assert told.get("success", True), f"{name}: {told['output']}"
                if told.get("msg") == "close_stream":
                    return

    def _value(self, component: int) -> Any:
        part = self._page.parts[component]
        if part.get("elem_id") == "changes":
            return str(self._changes)
        return self._chosen.get(part.get("elem_id", ""), part.get("value"))


def resident_mb(process: int) -> float:
    """Return the resident memory of a process in MB (10^6 bytes)."""
    status = Path(f"/proc/{process}/status").read_text("ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) * 1024 / 1e6


def main() -> None:
    """Visit, and print what it took."""
    parser = argparse.ArgumentParser(prog="python -m tests.memory.visits", description=__doc__)
    parser.add_argument("--visits", type=int, default=200)
    parser.add_argument("--weights", default="weights", help="folder of trained networks")
    parser.add_argument("--models", default="resnet18.ferplus", help="names, with commas between")
    options = parser.parse_args()
    models, after_ten = options.models.split(","), 0.0
    with serving(Path(options.weights)) as (address, server):
        page, started = Page(address), time.monotonic()
        for number in range(options.visits):
            visit = Visit(page, number, models)
            with visit.connected():
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
