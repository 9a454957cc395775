"""A client of an ASGI application in the same process."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Any

import httpx
from starlette.types import ASGIApp


@dataclass(frozen=True)
class Client:
    """Asks `app` without a network."""

    app: ASGIApp
    address: str = "http://localhost:7860"

    def get(self, path: str, **sent: Any) -> httpx.Response:
        """Return the answer to GET."""
        return self.ask("GET", path, **sent)

    def post(self, path: str, **sent: Any) -> httpx.Response:
        """Return the answer to POST; `content` may be pieces, which are sent without a length."""
        return self.ask("POST", path, **sent)

    def ask(self, method: str, path: str, **sent: Any) -> httpx.Response:
        """Return the answer to a request."""
        return asyncio.run(self._answer(method, path, sent))

    async def _answer(self, method: str, path: str, sent: dict[str, Any]) -> httpx.Response:
        content = sent.get("content")
        if content is not None and not isinstance(content, bytes | str):
            sent["content"] = _pieces(content)
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url=self.address) as client:
            return await client.request(method, path, **sent)


async def _pieces(content: Iterable[bytes]) -> AsyncIterator[bytes]:
    for piece in content:
        yield piece
