"""Malformed inputs by the thousand: `python -m tests.load.fuzz [--inputs N]` or `make fuzz`.

Pictures, cards, shards and tables that are right are changed at random, byte by byte or piece by
piece, and read; requests of many kinds are sent to a server. Each ends in a result or in one of the
studio's own sentences; whatever else is raised, and any answer of 500 and above, is a fault. Prints
how many of each kind ended how, and the peak memory of this process and of the server.
"""

import argparse
import contextlib
import io
import json
import resource
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from PIL import Image
from safetensors.torch import save

from ferstudio.errors import FerStudioError
from ferstudio.faces.pictures import read_picture
from ferstudio.models.card import read_card
from ferstudio.models.weights import read_state
from tests.e2e.server import serving
from tests.memory.visits import resident_mb
from tests.networks import card, uneven_state, write_weights
from tests.studio_parts import picture
from tests.training.data.public_files import fer2013_rows, ferplus_rows, write
from training.data.fer2013 import read_fer2013
from training.data.ferplus import read_ferplus

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP", "PPM")
PIECES = (b"", b"\x00", b"\xff" * 64, b"{", b"null", b"-1", b"1e999", b"NaN", b"\n", b'"', b"," * 9)
MOST_CHANGES = 6
TIMES_S = 30.0
"""One input may take so long."""


@dataclass
class Tally:
    """How inputs of one kind ended."""

    ends: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def run(self, read: Callable[[], object]) -> None:
        """Read one input and note how that ended."""
        began = time.monotonic()
        try:
            read()
            end = "read"
        except FerStudioError as error:
            end = "refused" if "\n" not in str(error).strip() else "refused in several lines"
        except Exception:  # noqa: BLE001  every other one is a fault
            end = "fault"
            self.faults.append(traceback.format_exc())
        if time.monotonic() - began > TIMES_S:
            end = "too slow"
        self.ends[end] += 1

    @property
    def good(self) -> bool:
        """Whether nothing ended as it shouldn't."""
        return set(self.ends) <= {"read", "refused"}


def changed(content: bytes, rng: np.random.Generator) -> bytes:
    """Return content with some bytes or pieces changed, doubled, left out or put in."""
    data = bytearray(content)
    for _ in range(rng.integers(1, MOST_CHANGES + 1)):
        if not data:
            break
        at, length = int(rng.integers(len(data))), int(rng.integers(1, 40))
        kind = rng.integers(5)
        if kind == 0:
            data[at] ^= 1 << int(rng.integers(8))
        elif kind == 1:
            del data[at : at + length]
        elif kind == 2:
            data[at:at] = data[at : at + length]
        elif kind == 3:
            data[at : at + length] = PIECES[int(rng.integers(len(PIECES)))]
        else:
            del data[at:]
    return bytes(data)


def pictures(rng: np.random.Generator) -> Iterator[Callable[[], object]]:
    """Yield the reading of changed pictures of all formats."""
    whole = []
    for name in FORMATS:
        stream = io.BytesIO()
        Image.fromarray(picture(3)).save(stream, name)
        whole.append(stream.getvalue())
    while True:
        content = changed(whole[int(rng.integers(len(whole)))], rng)
        yield lambda content=content: read_picture(content)  # type: ignore[misc]


def cards(rng: np.random.Generator, folder: Path) -> Iterator[Callable[[], object]]:
    """Yield the reading of changed cards: of their text, or of one of their values."""
    write_weights(folder, card("resnet18"), uneven_state())
    file = folder / "resnet18.test" / "card.json"
    text = file.read_bytes()
    values: tuple[Any, ...] = (
        None,
        -1,
        10**30,
        1.5,
        "",
        "x" * 9,
        [],
        {},
        [[]],
        {"a": 1},
        float("nan"),
        True,
    )
    while True:
        raw = json.loads(text)
        if rng.integers(2):
            raw[str(rng.choice(sorted(raw)))] = values[int(rng.integers(len(values)))]
            content = json.dumps(raw).encode()
        else:
            content = changed(text, rng)

        def read(content: bytes = content) -> object:
            file.write_bytes(content)
            return read_card(file.parent)

        yield read


def shards(rng: np.random.Generator, folder: Path) -> Iterator[Callable[[], object]]:
    """Yield the reading of changed shards whose checksums are right all the same."""
    from dataclasses import replace
    from hashlib import sha256

    from ferstudio.models.shards import quantise

    written = write_weights(folder, card("resnet18", tag="shards"), uneven_state())
    content, home = save(quantise(uneven_state())), folder / written.name
    while True:
        other = changed(content, rng)

        def read(other: bytes = other) -> object:
            (home / written.files[0]).write_bytes(other)
            believed = replace(written, sha256=(sha256(other).hexdigest(),))
            return read_state(home, believed)

        yield read


def tables(rng: np.random.Generator, folder: Path) -> Iterator[Callable[[], object]]:
    """Yield the reading of changed tables of both kinds."""
    fer2013 = write(folder / "fer2013.csv", fer2013_rows()).read_bytes()
    ferplus = write(folder / "ferplus.csv", ferplus_rows()).read_bytes()
    file = folder / "changed.csv"
    while True:
        whole, reader = ((fer2013, read_fer2013), (ferplus, read_ferplus))[int(rng.integers(2))]
        content = changed(whole, rng)

        def read(content: bytes = content, reader: Callable[[Path], object] = reader) -> object:
            file.write_bytes(content)
            return reader(file)

        yield read


class ServerFaultError(Exception):
    """An answer that says that the server met a defect."""


def requests(rng: np.random.Generator, address: str) -> Iterator[Callable[[], object]]:
    """Yield requests to places that are there and not, with bodies of all kinds."""
    client = httpx.Client(base_url=address, timeout=TIMES_S)
    config = client.get("config").json()
    events = [each["id"] for each in config["dependencies"]]
    places = (
        "", "config", "healthz", "monitoring", "gradio_api/queue/join", "gradio_api/upload",
        "gradio_api/file=/etc/passwd", "gradio_api/run/ask", "gradio_api/queue/data",
        "gradio_api/heartbeat/a", "gradio_api/cancel", "gradio_api/reset", "assets/x", "%00", "..",
    )  # fmt: skip
    junk: tuple[Any, ...] = (
        None,
        "",
        "x",
        -1,
        1e30,
        [],
        {},
        {"path": "/etc/passwd"},
        {"path": "http://a/"},
        ["x"],
    )

    def join() -> bytes:
        data = [junk[int(rng.integers(len(junk)))] for _ in range(int(rng.integers(12)))]
        body = {
            "data": data,
            "fn_index": int(rng.choice([*events, -1, 10**9])),
            "session_hash": str(rng.integers(9)),
            "event_data": junk[int(rng.integers(len(junk)))],
        }
        return (
            changed(json.dumps(body).encode(), rng)
            if rng.integers(2)
            else json.dumps(body).encode()
        )

    while True:
        place = places[int(rng.integers(len(places)))]
        posts = place.startswith("gradio_api/queue/join") or bool(rng.integers(2))
        body = join() if posts else b""

        def ask(place: str = place, body: bytes = body, *, posts: bool = posts) -> object:
            headers = {"content-type": "application/json"}
            method = "POST" if posts else "GET"
            sent = client.build_request(method, place, content=body, headers=headers)
            with contextlib.closing(client.send(sent, stream=True)) as answer:
                if answer.status_code >= 500:
                    raise ServerFaultError(f"{answer.status_code} for {place}: {body[:300]!r}")
            return answer.status_code

        yield ask


def main() -> None:
    """Run all kinds, and print what they met."""
    parser = argparse.ArgumentParser(prog="python -m tests.load.fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=5000, help="of all kinds together")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng, tallies = np.random.default_rng(options.seed), dict[str, Tally]()
    with tempfile.TemporaryDirectory() as scratch:
        folder, empty = Path(scratch) / "files", Path(scratch) / "empty"
        folder.mkdir()
        empty.mkdir()
        with serving(empty) as (address, server):
            kinds = {
                "pictures": pictures(rng),
                "cards": cards(rng, folder),
                "shards": shards(rng, folder),
                "tables": tables(rng, folder),
                "requests": requests(rng, address),
            }
            for name, inputs in kinds.items():
                tally = tallies.setdefault(name, Tally())
                for _ in range(options.inputs // len(kinds)):
                    tally.run(next(inputs))
                print(name, dict(tally.ends), flush=True)
            server_mb = resident_mb(server.pid)
            alive = server.poll() is None
    for tally in tallies.values():
        print(*tally.faults[:3], sep="\n", end="")
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    state = "well" if alive else "dead"
    print(f"peak memory {peak_mb:.0f} MB; the server's {server_mb:.0f} MB, {state}")
    sys.exit(int(not alive or not all(tally.good for tally in tallies.values())))


if __name__ == "__main__":
    main()
