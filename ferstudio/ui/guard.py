"""Stands before the page's server: lets through what the page needs, and nothing else.

Gradio serves more than the page asks for: it fetches any address that a file's data names, runs
events past their queue, keeps links with whole sessions on disk, and tells paths of this machine in
its errors. Here requests are measured against short lists first (paths, hosts, sizes, the files
that they name), and every answer gets the headers that a page with people's pictures should have.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.formparsers import MultiPartException
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ferstudio.studio.montage import MAX_FACES
from ferstudio.ui.uploads import MAX_UPLOAD_MB, Renaming
from ferstudio.ui.words import FULL

HEALTH = "/healthz"

UPLOAD = "/gradio_api/upload"
"""Where files come in; all other bodies are JSON."""

UPLOAD_BYTES = (MAX_UPLOAD_MB + 1) * 2**20
"""Of one upload: a file and the form around it."""

UPLOAD_FILES = MAX_FACES
"""Of one upload: a montage's pictures come together."""

JSON_BYTES = 8 * 2**20
"""Of one question: a painted cover is the largest part of any."""

ADDRESS_BYTES = 4096

_PAGES = ("/", "/config", "/config/", "/theme.css", "/favicon.ico", "/robots.txt", "/manifest.json")
_FOLDERS = ("/assets/", "/static/", "/svelte/", "/pwa_icon")
_CALLS = (
    "/gradio_api/app_id",
    "/gradio_api/cancel",
    "/gradio_api/file=",
    "/gradio_api/heartbeat/",
    "/gradio_api/info",
    "/gradio_api/login_check",
    "/gradio_api/queue/data",
    "/gradio_api/queue/join",
    "/gradio_api/reset",
    "/gradio_api/startup-events",
    "/gradio_api/theme.css",
    "/vote",
    UPLOAD,  # and how far it has come
)

_QUEUE_FULL = 503

_AS_GRADIO_SAYS = "(It exceeds the maximum allowed size.)"
"""What makes Gradio answer 413 rather than 400."""

_METHODS = frozenset(("GET", "HEAD", "OPTIONS", "POST"))


@dataclass(frozen=True, slots=True)
class Rules:
    """What is let through.

    Attributes:
        folder: the only one whose files a request may name.
        hosts: names under which the page may be asked, without ports; None for any.
        ancestors: origins of pages that may show this one in a frame.
        calls: how paths for programs begin, which are let through beside the page's own.
        uploads: whether files may be brought, and a camera be asked.
    """

    folder: Path
    hosts: frozenset[str] | None = None
    ancestors: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    uploads: bool = True

    def headers(self) -> dict[str, str]:
        """Return the headers of every answer."""
        policy = {
            "default-src": "'self'",
            "script-src": "'self' 'unsafe-inline' 'unsafe-eval'",  # Gradio's page is made of both
            "style-src": "'self' 'unsafe-inline'",
            "img-src": "'self' data: blob:",
            "media-src": "'self' data: blob:",
            "font-src": "'self' data:",
            "connect-src": "'self' data: blob:",
            "worker-src": "'self' blob:",
            "object-src": "'none'",
            "base-uri": "'self'",
            "form-action": "'self'",
            "frame-ancestors": " ".join(("'self'", *self.ancestors)),
        }
        camera = "(self)" if self.uploads else "()"
        return {
            "Content-Security-Policy": "; ".join(f"{name} {what}" for name, what in policy.items()),
            "Permissions-Policy": f"camera={camera}, microphone=(), geolocation=()",
            "Referrer-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
        }


class RefusedError(Exception):
    """A request that isn't let through."""

    def __init__(self, status: int, sentence: str) -> None:
        """Answer it with an HTTP status and a sentence."""
        super().__init__(sentence)
        self.status = status


class Guard:
    """The ASGI middleware that applies `Rules`."""

    def __init__(self, app: ASGIApp, rules: Rules) -> None:
        """Stand before `app`."""
        self._app = app
        self._rules = rules
        self._headers = rules.headers()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer: Response
        try:
            self._check(scope)
            if _path(scope) == HEALTH:
                answer = JSONResponse({"status": "ok"})
            else:
                receive = await self._checked_body(scope, receive)
                await self._app(scope, receive, _friendly(self._sent(send)))
                return
        except RefusedError as refusal:
            answer = _told(refusal)
        await answer(scope, receive, self._sent(send))

    def _check(self, scope: Scope) -> None:
        if scope["method"] not in _METHODS:
            raise RefusedError(405, "This method isn't used here.")
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > ADDRESS_BYTES:
            raise RefusedError(414, "The address is too long.")
        hosts, host = self._rules.hosts, Headers(scope=scope).get("host", "")
        if hosts is not None and _without_port(host) not in hosts:
            raise RefusedError(421, "The page isn't served under this name.")
        path = _path(scope)
        known = path in (*_PAGES, HEALTH) or path.startswith(
            (*_FOLDERS, *_CALLS, *self._rules.calls)
        )
        if not known or "://" in path or (path == UPLOAD and not self._rules.uploads):
            raise RefusedError(404, "There is nothing here.")

    async def _checked_body(self, scope: Scope, receive: Receive) -> Receive:
        if scope["method"] != "POST":
            return receive
        uploads = _path(scope) == UPLOAD
        limit = UPLOAD_BYTES if uploads else JSON_BYTES
        length = Headers(scope=scope).get("content-length", "0")
        if not length.isdecimal() or int(length) > limit:
            raise RefusedError(413, _too_much(limit))
        if uploads:
            renaming = Renaming(Headers(scope=scope).get("content-type", ""))
            del MutableHeaders(scope=scope)["content-length"]  # names become longer
            return _renamed(receive, renaming)
        body = await _whole(receive, limit)
        self._check_json(body)
        return _replayed(body, receive)

    def _check_json(self, body: bytes) -> None:
        try:
            value = json.loads(body or b"null")
        except (ValueError, RecursionError):
            raise RefusedError(400, "This is no JSON.") from None
        folder = self._rules.folder.resolve()
        for path in _paths(value):
            if "://" in path or not _inside(path, folder):
                raise RefusedError(400, "Only files that were uploaded here can be named.")

    def _sent(self, send: Send) -> Send:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
            await send(message)

        return with_headers


def _told(refusal: RefusedError) -> Response:
    """Return the answer to what isn't let through; the page shows what stands under "detail"."""
    return JSONResponse({"detail": str(refusal)}, status_code=refusal.status)


def _friendly(send: Send) -> Send:
    """Return what sends answers on, but for that of a full queue, which is said in our words."""
    full = False

    async def or_full(message: Message) -> None:
        nonlocal full
        if message["type"] == "http.response.start" and message["status"] == _QUEUE_FULL:
            full = True
            answer = _told(RefusedError(429, FULL))  # of 503 the page has words of its own
            start = {"type": "http.response.start", "status": 429, "headers": answer.raw_headers}
            await send(start)
            await send({"type": "http.response.body", "body": answer.body})
        elif not full:
            await send(message)

    return or_full


def _path(scope: Scope) -> str:
    return str(scope["path"]).removeprefix(scope.get("root_path", "")) or "/"


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0].strip("[]").lower()
    return host.partition(":")[0].lower()


async def _whole(receive: Receive, limit: int) -> bytes:
    """Return a request's body.

    Raises:
        RefusedError: if it is longer than `limit` bytes, or the visitor has gone.
    """
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise RefusedError(400, "The request broke off.")
        body += message.get("body", b"")
        if len(body) > limit:
            raise RefusedError(413, _too_much(limit))
        if not message.get("more_body"):
            return bytes(body)


def _renamed(receive: Receive, renaming: Renaming) -> Receive:
    """Return what gives an upload piece by piece, its files renamed, within its limits.

    Beyond them, or where the visitor goes, it raises what has Gradio remove the files so far.
    """
    taken = 0

    async def give() -> Message:
        nonlocal taken
        message = await receive()
        if message["type"] == "http.disconnect":
            raise MultiPartException("The upload broke off.")
        piece, more = message.get("body", b""), message.get("more_body", False)
        taken += len(piece)
        if taken > UPLOAD_BYTES:
            raise MultiPartException(f"{_too_much(UPLOAD_BYTES)} {_AS_GRADIO_SAYS}")
        body = renaming.fed(piece, last=not more)
        if renaming.files > UPLOAD_FILES:
            raise MultiPartException(
                f"More than {UPLOAD_FILES} files at once aren't taken. {_AS_GRADIO_SAYS}"
            )
        return {"type": "http.request", "body": body, "more_body": more}

    return give


def _too_much(limit: int) -> str:
    return f"More than {limit // 2**20} MB at once aren't taken."


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Return what gives a body that was read already, then whatever comes after it."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def _paths(value: Any) -> Iterator[str]:
    """Yield what stands under "path" anywhere in a JSON value: the files that it names."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            if isinstance(each.get("path"), str):
                yield each["path"]
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each


def _inside(path: str, folder: Path) -> bool:
    try:
        return Path(path).resolve().is_relative_to(folder)
    except (OSError, ValueError, RuntimeError):
        return False
