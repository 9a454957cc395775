"""What is let through to the page's server, and what every answer says."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import Message

from ferstudio.ui.guard import ADDRESS_BYTES, JSON_BYTES, UPLOAD, UPLOAD_BYTES, Guard, Rules
from ferstudio.ui.serving import CALLS, MCP

JOIN = "/gradio_api/queue/join"


async def echo(request: Request) -> PlainTextResponse:
    return PlainTextResponse(f"{request.url.path} {len(await request.body())}")


SERVER = Starlette(routes=[Route("/{path:path}", echo, methods=["GET", "POST", "PUT"])])


def client(tmp_path: Path, **rules: Any) -> TestClient:
    return TestClient(Guard(SERVER, Rules(tmp_path, **rules)), base_url="http://localhost:7860")


@pytest.mark.parametrize(
    "path",
    [
        "/", "/config", "/theme.css", "/assets/a.js", "/static/img/logo.svg",
        "/gradio_api/queue/data?session_hash=a", "/gradio_api/file=/tmp/a.png",
        "/gradio_api/upload_progress?upload_id=a", "/gradio_api/heartbeat/abc",
    ],
)  # fmt: skip
def test_what_the_page_asks_for_goes_through(tmp_path: Path, path: str) -> None:
    answer = client(tmp_path).get(path)
    assert (answer.status_code, answer.text) == (200, f"{path.partition('?')[0]} 0")


def test_programs_are_let_through_to_the_endpoints_that_are_named(tmp_path: Path) -> None:
    guarded = client(tmp_path, calls=CALLS)
    for path in ("/gradio_api/call/compare", "/gradio_api/call/compare/0f"):
        assert guarded.post(path, json={}).status_code == 200
    for path in ("/gradio_api/call/ask", "/gradio_api/call/v2/compare", f"{MCP}/"):
        assert guarded.post(path, json={}).status_code == 404
    assert client(tmp_path, calls=(*CALLS, MCP)).post(f"{MCP}/", json={}).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/monitoring", "/monitoring/summary", "/gradio_api/deep_link?session_hash=a",
        "/gradio_api/run/ask", "/gradio_api/api/ask", "/gradio_api/call/ask", "/docs",
        "/openapi.json", "/gradio_api/openapi.json", "/gradio_api/proxy=https://example.org",
        "/gradio_api/file=https://example.org/a.png", "/gradio_api/runs", "/gradio_api/dev/reload",
        "/gradio_api/vibe-code/", "/.env", "/etc/passwd",
    ],
)  # fmt: skip
def test_all_else_is_not_there(tmp_path: Path, path: str) -> None:
    guarded = client(tmp_path)
    for answer in (guarded.get(path), guarded.post(path, json={})):
        assert (answer.status_code, answer.text) == (404, "There is nothing here.")


def test_the_server_says_that_it_is_well(tmp_path: Path) -> None:
    answer = client(tmp_path).get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize(
    "path", ["https://example.org/a.png", "http://127.0.0.1/", "/etc/passwd", "../a", "a\x00b", ""]
)
def test_no_file_from_elsewhere_can_be_named(tmp_path: Path, path: str) -> None:
    body = {"data": [[{"meta": {"_type": "gradio.FileData"}, "path": path}]], "fn_index": 1}
    answer = client(tmp_path).post(JOIN, json=body)
    assert (answer.status_code, answer.text) == (
        400,
        "Only files that were uploaded here can be named.",
    )


def test_a_file_that_was_uploaded_can_be_named(tmp_path: Path) -> None:
    body = json.dumps({"data": [{"path": str(tmp_path / "0a" / "me.png"), "url": "http://x/"}]})
    answer = client(tmp_path).post(JOIN, content=body)
    assert (answer.status_code, answer.text) == (200, f"{JOIN} {len(body)}")


def test_a_link_out_of_the_folder_is_followed_before_it_is_believed(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "out").symlink_to(tmp_path)
    guarded = client(tmp_path / "in")
    path = str(tmp_path / "in" / "out" / "secret.png")
    assert guarded.post(JOIN, json={"path": path}).status_code == 400


@pytest.mark.parametrize("content", [b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_json_is_refused(tmp_path: Path, content: bytes) -> None:
    answer = client(tmp_path).post(JOIN, content=content)
    assert (answer.status_code, answer.text) == (400, "This is no JSON.")


def test_bodies_are_limited_whatever_their_header_says(tmp_path: Path) -> None:
    guarded = client(tmp_path)
    assert guarded.post(JOIN, content=b" " * (JSON_BYTES + 1)).status_code == 413
    assert guarded.post(UPLOAD, content=b" " * (UPLOAD_BYTES + 1)).status_code == 413
    pieces = iter([b" " * 2**20] * 9)
    assert guarded.post(JOIN, content=pieces).status_code == 413  # sent in chunks, without a length
    assert guarded.post(UPLOAD, content=b"filename=" * 5).status_code == 413
    assert guarded.post(UPLOAD, content=b"filename=" * 4).status_code == 200


def test_addresses_and_methods_are_limited(tmp_path: Path) -> None:
    guarded = client(tmp_path)
    assert guarded.get("/config?" + "a" * ADDRESS_BYTES).status_code == 414
    assert guarded.put("/config").status_code == 405


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:7860", 200), ("127.0.0.1", 200), ("[::1]:7860", 200), ("LOCALHOST", 200),
        ("evil.example", 421), ("localhost.evil.example", 421), ("", 421),
    ],
)  # fmt: skip
def test_a_page_for_this_machine_is_served_under_its_own_names(
    tmp_path: Path, host: str, status: int
) -> None:
    rules = {"hosts": frozenset(("localhost", "127.0.0.1", "::1"))}
    assert client(tmp_path, **rules).get("/", headers={"host": host}).status_code == status
    assert client(tmp_path).get("/", headers={"host": host}).status_code == 200


def test_every_answer_has_the_headers(tmp_path: Path) -> None:
    guarded = client(tmp_path, ancestors=("https://huggingface.co",))
    for path in ("/", "/nothing", "/healthz"):
        headers = guarded.get(path).headers
        policy = headers["content-security-policy"]
        assert "frame-ancestors 'self' https://huggingface.co" in policy
        assert "object-src 'none'" in policy and "default-src 'self'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"


def test_a_socket_is_closed(tmp_path: Path) -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    asyncio.run(Guard(SERVER, Rules(tmp_path))({"type": "websocket"}, receive, send))
    assert sent == [{"type": "websocket.close", "code": 1008}]
