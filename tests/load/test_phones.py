"""Thirty phones vote at once on a real server, and nothing of it is left on its disk."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import httpx
import pytest

from ferstudio.labels import DISPLAY_ORDER
from ferstudio.ui.voting.routes import COOKIE
from tests.e2e.server import serving
from tests.page_client import Page, Visit
from tests.studio_parts import write_picture

PHONES = 30
PATIENCE_S = 60
PICTURES = {".png", ".jpg", ".jpeg", ".webp"}
CAST = [DISPLAY_ORDER[number % 4] for number in range(PHONES)]


@pytest.mark.slow
def test_thirty_phones_vote_at_once_and_leave_nothing(tmp_path: Path) -> None:
    disk, weights = tmp_path / "disk", tmp_path / "weights"
    disk.mkdir()
    weights.mkdir()
    photograph = write_picture(tmp_path / "photograph.png")
    tally = {
        name: sum(DISPLAY_ORDER[n % 4] == name for n in range(PHONES)) for name in DISPLAY_ORDER
    }
    with serving(weights, TMPDIR=str(disk), HOME=str(disk)) as (address, _):
        teacher = Visit(Page(address), 0, [])
        with teacher.connected(), httpx.Client(base_url=address, timeout=PATIENCE_S) as wall:
            teacher.photograph(photograph)
            own: dict[str, str] = {}
            for number in (1, 2):
                made = wall.post("vote/open", json={"page": address, **own}).json()
                assert own in ({}, {"code": made["code"], "key": made["key"]})
                own = {"code": made["code"], "key": made["key"]}
                cookies, said = _votes(address, made["code"])
                assert said == [[True, number], [False, number]] * PHONES
                assert len(set(cookies)) == PHONES
                assert wall.post("vote/tally", json=own).json() == tally
                secrets = [*cookies, *own.values()]
                assert _holding(disk, secrets, photograph.read_bytes()) == []
                assert wall.post("vote/close", json=own).json() == tally
                assert _holding(disk, secrets, photograph.read_bytes()) == []


def _votes(address: str, code: str) -> tuple[list[str], list[list[Any]]]:
    """Let every phone vote twice, all at once; return their cookies and what they are told."""
    ready = Barrier(PHONES, timeout=PATIENCE_S)

    def phone(which: int) -> tuple[str, list[list[Any]]]:
        with httpx.Client(base_url=address, timeout=PATIENCE_S) as device:
            device.get("vote", params={"code": code})
            vote = {"code": code, "option": CAST[which]}
            ready.wait()
            told = [device.post("vote/cast", json=vote).json() for _ in range(2)]
            return device.cookies[COOKIE], [[each["counted"], each["number"]] for each in told]

    with ThreadPoolExecutor(PHONES) as phones:
        found = list(phones.map(phone, range(PHONES)))
    return [cookie for cookie, _ in found], [line for _, told in found for line in told]


def _holding(disk: Path, secrets: list[str], photograph: bytes) -> list[Path]:
    """Return the files that are pictures, or hold a photograph or anything of a vote."""
    told = [photograph, *(each.encode() for each in secrets)]

    def holds(file: Path) -> bool:
        return file.suffix.lower() in PICTURES or any(each in file.read_bytes() for each in told)

    return [file for file in disk.rglob("*") if file.is_file() and holds(file)]
