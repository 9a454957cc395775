"""Phones vote over HTTP, through the guard, once each."""

import asyncio
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import httpx
import pytest
from starlette.applications import Starlette

from ferstudio.labels import DISPLAY_ORDER
from ferstudio.ui.guard import Guard, Rules
from ferstudio.ui.voting import words
from ferstudio.ui.voting.rounds import Rounds
from ferstudio.ui.voting.routes import COOKIE, vote_routes

PAGE = "http://studio.example"


class Server:
    """The page's server with nothing but the votes on it, behind the guard."""

    def __init__(self, tmp_path: Path) -> None:
        app = Starlette(routes=vote_routes(Rounds()))
        self._transport = httpx.ASGITransport(app=Guard(app, Rules(tmp_path)))

    def device(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=self._transport, base_url=PAGE)


async def posted(device: httpx.AsyncClient, what: str, **asked: Any) -> dict[str, Any]:
    answer = await device.post(f"/vote/{what}", json=asked)
    found: dict[str, Any] = answer.json()
    return found


def test_thirty_phones_vote_in_one_round_and_none_of_them_twice(tmp_path: Path) -> None:
    server = Server(tmp_path)

    async def class_votes() -> None:
        async with server.device() as teacher:
            made = await posted(teacher, "open", page=f"{PAGE}/")
            assert made["join"] == f"{PAGE}/vote?code={made['code']}"
            for number in range(30):
                async with server.device() as phone:
                    page = await phone.get("/vote", params={"code": made["code"]})
                    assert page.status_code == 200
                    assert all(f'data-option="{name}"' in page.text for name in DISPLAY_ORDER)
                    vote = {"code": made["code"], "option": DISPLAY_ORDER[number % 3]}
                    assert await posted(phone, "cast", **vote) == {"counted": True, "number": 1}
                    assert await posted(phone, "cast", **vote) == {"counted": False, "number": 1}
            own = {"code": made["code"], "key": made["key"]}
            tally = await posted(teacher, "tally", **own)
            ten = dict.fromkeys(DISPLAY_ORDER[:3], 10)
            assert tally == {**dict.fromkeys(DISPLAY_ORDER, 0), **ten}
            assert await posted(teacher, "close", **own) == tally
            assert "error" in await posted(teacher, "tally", **own)

    asyncio.run(class_votes())
    assert list(tmp_path.iterdir()) == []


def test_phones_stay_for_the_next_question(tmp_path: Path) -> None:
    server = Server(tmp_path)

    async def two_questions() -> None:
        async with server.device() as teacher, server.device() as phone:
            made = await posted(teacher, "open", page=PAGE)
            own = {"code": made["code"], "key": made["key"]}
            await phone.get("/vote")
            vote = {"code": made["code"], "option": "fear"}
            assert await posted(phone, "cast", **vote) == {"counted": True, "number": 1}
            await posted(teacher, "close", **own)
            assert await posted(phone, "now", code=made["code"]) == {"number": 0}
            assert "error" in await posted(phone, "cast", **vote)
            assert await posted(teacher, "open", page=PAGE, **own) == made
            assert await posted(phone, "now", code=made["code"]) == {"number": 2}
            assert await posted(phone, "cast", **vote) == {"counted": True, "number": 2}
            assert (await posted(teacher, "tally", **own))["fear"] == 1
            stranger = {"code": made["code"], "key": "guessed"}
            assert (await posted(teacher, "open", page=PAGE, **stranger))["code"] != made["code"]

    asyncio.run(two_questions())


def test_the_cookie_tells_devices_apart_and_nothing_else_does(tmp_path: Path) -> None:
    server = Server(tmp_path)

    async def votes() -> None:
        async with server.device() as phone:
            made = await posted(phone, "open", page=PAGE)
            vote = {"code": made["code"], "option": "fear"}
            assert await posted(phone, "cast", **vote) == {"error": words.NO_COOKIE}
            answer = await phone.get("/vote")
            cookie = answer.headers["set-cookie"]
            assert cookie.startswith(f"{COOKIE}=")
            assert "HttpOnly" in cookie
            assert "SameSite=strict" in cookie
            assert "expires" not in cookie.lower()
            assert (await posted(phone, "cast", **vote))["counted"]
            assert "set-cookie" not in (await phone.get("/vote")).headers

    asyncio.run(votes())


@pytest.mark.parametrize(
    ("what", "asked"),
    [
        ("open", {}), ("open", {"page": "javascript:alert(1)"}),
        ("open", {"page": "http://" + "a" * 400}), ("cast", {"code": "XXXXX"}),
        ("cast", {"code": 3, "option": []}), ("tally", {"code": "XXXXX"}),
        ("tally", {"code": "XXXXX", "key": ""}), ("close", {"code": "XXXXX", "key": "é"}),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_one_sentence(
    tmp_path: Path, what: str, asked: dict[str, Any]
) -> None:
    async def ask() -> httpx.Response:
        async with Server(tmp_path).device() as device:
            await device.get("/vote")
            return await device.post(f"/vote/{what}", json=asked)

    answer = asyncio.run(ask())
    assert answer.status_code == 400
    assert answer.json()["error"].endswith(".")


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b"null", b'"\xff"'])
def test_what_is_no_question_is_refused(tmp_path: Path, body: bytes) -> None:
    async def ask() -> httpx.Response:
        async with Server(tmp_path).device() as device:
            return await device.post("/vote/open", content=body)

    assert asyncio.run(ask()).status_code == 400


def test_the_code_in_the_address_stands_in_the_page_as_text(tmp_path: Path) -> None:
    async def ask() -> httpx.Response:
        async with Server(tmp_path).device() as device:
            return await device.get("/vote", params={"code": '"><script>x'})

    text = asyncio.run(ask()).text
    assert 'value="&#34;&gt;&lt;script&gt;"' in text


def test_the_qr_code_is_a_picture_of_the_address(tmp_path: Path) -> None:
    async def ask() -> dict[str, Any]:
        async with Server(tmp_path).device() as device:
            return await posted(device, "open", page=f"{PAGE}/sub")

    made = asyncio.run(ask())
    assert made["join"] == f"{PAGE}/sub/vote?code={made['code']}"
    kind, _, drawn = made["qr"].partition(",")
    assert kind.startswith("data:image/svg+xml")
    svg = ET.fromstring(unquote(drawn))
    assert svg.tag.endswith("svg")
