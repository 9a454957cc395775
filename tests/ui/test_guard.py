"""What is let through to the page's server, and what every answer says."""

import asyncio
import json
from collections.abc import Iterator
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import gradio as gr
import httpx
import pytest
from gradio.routes import App
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route
from starlette.types import Message

from ferstudio.ui.guard import (
    ADDRESS_BYTES,
    JSON_BYTES,
    UPLOAD,
    UPLOAD_BYTES,
    UPLOAD_FILES,
    Guard,
    Rules,
)
from ferstudio.ui.serving import CALLS, MCP
from ferstudio.ui.words import FULL
from tests.asgi_client import Client

JOIN = "/gradio_api/queue/join"


async def echo(request: Request) -> PlainTextResponse:
    return PlainTextResponse(f"{request.url.path} {len(await request.body())}")


SERVER = Starlette(routes=[Route("/{path:path}", echo, methods=["GET", "POST", "PUT"])])


def client(tmp_path: Path, **rules: Any) -> Client:
    return Client(Guard(SERVER, Rules(tmp_path, **rules)))


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
        assert (answer.status_code, answer.json()["detail"]) == (404, "There is nothing here.")


def test_the_server_says_that_it_is_well(tmp_path: Path) -> None:
    answer = client(tmp_path).get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize(
    "path", ["https://example.org/a.png", "http://127.0.0.1/", "/etc/passwd", "../a", "a\x00b", ""]
)
def test_no_file_from_elsewhere_can_be_named(tmp_path: Path, path: str) -> None:
    body = {"data": [[{"meta": {"_type": "gradio.FileData"}, "path": path}]], "fn_index": 1}
    answer = client(tmp_path).post(JOIN, json=body)
    assert answer.status_code == 400
    assert answer.json()["detail"] == "Only files that were uploaded here can be named."


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
    assert (answer.status_code, answer.json()["detail"]) == (400, "This is no JSON.")


def test_bodies_are_limited_whatever_their_header_says(tmp_path: Path) -> None:
    guarded = client(tmp_path)
    assert guarded.post(JOIN, content=b" " * (JSON_BYTES + 1)).status_code == 413
    assert guarded.post(UPLOAD, content=b" " * (UPLOAD_BYTES + 1)).status_code == 413
    pieces = iter([b" " * 2**20] * 9)
    assert guarded.post(JOIN, content=pieces).status_code == 413  # sent in chunks, without a length


def files(count: int, size_bytes: int = 10) -> list[tuple[str, tuple[str, bytes]]]:
    return [("files", (f"{number}.png", b" " * size_bytes)) for number in range(count)]


def upload(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **sent: Any) -> httpx.Response:
    """Send a form to the server of a page."""
    return Client(page_server(tmp_path, monkeypatch)).post(UPLOAD, **sent)


def page_server(folder: Path, monkeypatch: pytest.MonkeyPatch) -> App:
    """Return the guarded server of a page whose uploads lie in `folder`."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(folder))
    with gr.Blocks() as page:
        gr.Markdown("Hello")
    page.max_file_size = None  # as launch() has it
    middleware = [Middleware(Guard, rules=Rules(folder))]
    return App.create_app(page, app_kwargs={"middleware": middleware})


def kept(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()]


def test_an_upload_goes_through_in_pieces_and_under_a_name_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = upload(tmp_path, monkeypatch, files=files(UPLOAD_FILES, 300_000))
    assert answer.status_code == 200
    paths = [Path(path) for path in answer.json()]
    assert sorted(paths) == sorted(kept(tmp_path))
    assert len(set(paths)) == UPLOAD_FILES
    assert {path.read_bytes() for path in paths} == {b" " * 300_000}


def test_an_upload_of_many_files_is_refused_and_nothing_of_it_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = upload(tmp_path, monkeypatch, files=files(UPLOAD_FILES + 1))
    assert answer.status_code == 413
    assert answer.text.startswith("More than 16 files at once aren't taken.")
    assert kept(tmp_path) == []


def test_an_endless_upload_is_refused_and_nothing_of_it_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
    endless = chain([head], repeat(b" " * 2**20, UPLOAD_BYTES // 2**20 + 1))
    headers = {"content-type": "multipart/form-data; boundary=x"}
    answer = upload(tmp_path, monkeypatch, content=endless, headers=headers)
    assert answer.status_code == 413
    assert kept(tmp_path) == []


def test_an_upload_that_breaks_off_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = page_server(tmp_path, monkeypatch)
    head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
    told: Iterator[Message] = iter(
        [
            {"type": "http.request", "body": head + b" " * 100_000, "more_body": True},
            {"type": "http.disconnect"},
        ]
    )
    seen: list[int] = []

    async def receive() -> Message:
        message = next(told)
        seen.append(len(kept(tmp_path)))
        return message

    async def send(message: Message) -> None:
        pass

    scope = {
        "type": "http", "method": "POST", "path": UPLOAD, "raw_path": UPLOAD.encode(),
        "query_string": b"", "root_path": "", "scheme": "http", "server": ("localhost", 7860),
        "headers": [(b"content-type", b"multipart/form-data; boundary=x")], "client": ("a", 1),
    }  # fmt: skip
    asyncio.run(app(scope, receive, send))
    assert seen == [0, 1]  # it had begun to be written
    assert kept(tmp_path) == []


def test_where_nothing_may_be_brought_there_is_no_upload_and_no_camera(tmp_path: Path) -> None:
    kiosk, open_page = client(tmp_path, uploads=False), client(tmp_path)
    for path in (UPLOAD, f"{UPLOAD}?upload_id=a"):
        assert kiosk.post(path, files=files(1)).status_code == 404
        assert open_page.post(path, files=files(1)).status_code == 200
    assert "camera=()" in kiosk.get("/").headers["permissions-policy"]
    assert "camera=(self)" in open_page.get("/").headers["permissions-policy"]


def test_a_full_queue_is_told_in_the_studios_words(tmp_path: Path) -> None:
    async def full(request: Request) -> JSONResponse:
        return JSONResponse({"detail": "Queue is full. Max size is 1 and size is 1."}, 503)

    server = Starlette(routes=[Route(JOIN, full, methods=["POST"])])
    answer = Client(Guard(server, Rules(tmp_path))).post(JOIN, json={})
    assert (answer.status_code, answer.json()) == (429, {"detail": FULL})
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_addresses_and_methods_are_limited(tmp_path: Path) -> None:
    guarded = client(tmp_path)
    assert guarded.get("/config?" + "a" * ADDRESS_BYTES).status_code == 414
    assert guarded.ask("PUT", "/config").status_code == 405


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
