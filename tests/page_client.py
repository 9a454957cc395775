"""The page's server asked as a browser asks it, with requests alone: quicker than a browser."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

TABS = ("Compare", "Attention", "Explain", "Robustness", "Feature space", "Live", "Benchmark")
SAMPLES = ("happiness", "neutral", "surprise", "sadness", "anger", "disgust", "fear", "contempt")
COVERS = ("surgical-mask", "sunglasses", "lower", "scarf", "hand", "random", "hair", "upper")
GROUP = "bars"
"""Covers of the robustness study: eight, each at eight amounts."""

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

    def see(self, title: str) -> list[Any]:
        """Turn to a tab, wait for its answer and return what was said on the way."""
        self._raise("shown_tab", {"value": title, "index": TABS.index(title), "selected": True})
        self._changes += 1
        self._raise("follow", {})
        return self._raise("ask", {})

    def choose(self, **chosen: object) -> None:
        """Change choices by the names of their components, without asking."""
        self._chosen.update(chosen)

    def upload(self, picture: Path) -> dict[str, object]:
        """Bring a picture to the server; return what names it."""
        files = {"files": (picture.name, picture.read_bytes(), "image/png")}
        answer = self._http.post("upload", files=files).raise_for_status()
        return {"path": answer.json()[0], "meta": {"_type": "gradio.FileData"}}

    def photograph(self, picture: Path) -> None:
        """Use a picture of one's own."""
        self.give("upload", "upload", self.upload(picture))
        self._chosen["samples"] = ""

    def see_if_it_lasts(self, title: str) -> None:
        """Turn to a tab of a server that may end before it answers."""
        with suppress(httpx.HTTPError):
            self.see(title)

    def tell(self, event: str, **said: object) -> list[Any]:
        """Raise an event of the page by its name, with what the browser says of it."""
        return self._raise(event, said)

    def give(self, event: str, elem_id: str, value: object) -> None:
        """Raise an event of the page by its name, with another value in one of its components."""
        self._chosen[elem_id] = value
        self._raise(event, {})

    def _raise(self, name: str, data: dict[str, Any]) -> list[Any]:
        event = self._page.events[name]
        asked = {
            "data": [self._value(each) for each in event["inputs"]],
            "event_data": data,
            "fn_index": event["id"],
            "trigger_id": event["targets"][0][0],
            "session_hash": self._session,
        }
        self._http.post("queue/join", json=asked).raise_for_status()
        params, said = {"session_hash": self._session}, list[Any]()
        with self._http.stream("GET", "queue/data", params=params) as messages:
            for line in messages.iter_lines():
                told = json.loads(line.removeprefix("data:") or "{}")
                assert told.get("success", True), f"{name}: {told['output']}"
                if "output" in told:
                    said.append(told["output"].get("data"))
                if told.get("msg") == "close_stream":
                    break
        return said

    def _value(self, component: int) -> Any:
        part = self._page.parts[component]
        if part.get("elem_id") == "changes":
            return str(self._changes)
        return self._chosen.get(part.get("elem_id", ""), part.get("value"))
