"""Serve the page at an address that was looked at first, so that what is wrong is one sentence."""

import errno
import os
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import gradio as gr
from gradio.utils import get_upload_folder
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from ferstudio.errors import UsageError
from ferstudio.ui.endpoints.endpoints import NAMES
from ferstudio.ui.guard import Guard, Rules
from ferstudio.ui.mode import Mode
from ferstudio.ui.page import launch_settings

LOOPBACK = ("127.0.0.1", "localhost", "::1")

CALLS = tuple(f"/gradio_api/call/{name}" for name in NAMES)
"""How the paths of the endpoints for programs begin, and of the answers to them."""

MCP = "/gradio_api/mcp"

SPACE_FRAMES = ("https://huggingface.co", "https://*.hf.space")

_UNUSABLE = {
    errno.EADDRINUSE: "is taken; choose another --port, or none for the first free one",
    errno.EACCES: "needs rights that this user hasn't got; choose a --port from 1024 on",
    errno.EADDRNOTAVAIL: "is no address of this machine; choose another --host",
}


@dataclass(frozen=True, slots=True)
class Address:
    """Where the page is served.

    Attributes:
        host: name or number to listen on; None for this machine alone.
        port: None for the first free one from 7860 on.
        root_path: path under which a proxy serves the page; None for the top.
        share: whether a public link is opened.
        names: other names of hosts under which a page for this machine alone may be asked, as a
            proxy before it passes them on.
        mcp: whether the endpoints are tools of an MCP server, too.
    """

    host: str | None = None
    port: int | None = None
    root_path: str | None = None
    share: bool = False
    names: tuple[str, ...] = ()
    mcp: bool = False


def serve(
    app: gr.Blocks,
    address: Address,
    mode: Mode = Mode(),  # noqa: B008  frozen
    routes: Sequence[BaseRoute] = (),
    *,
    once_up: Callable[[], object] = lambda: None,
) -> None:
    """Serve the page until interrupted.

    Args:
        app: the page.
        address: where it is served.
        mode: what it leaves out.
        routes: what else is served there (see `Rules`, which lets requests through).
        once_up: called once the page can be asked for; comes back at once.

    Raises:
        UsageError: if it can't be served there.
    """
    check_address(address)
    spare_proxies(address.host)
    rules = Rules(
        Path(get_upload_folder()),
        allowed_hosts(address),
        _ancestors(),
        called(address, mode),
        uploads=not mode.kiosk,
    )
    try:
        app.launch(
            server_name=address.host,
            server_port=address.port,
            share=address.share,
            root_path=address.root_path,
            mcp_server=address.mcp,
            app_kwargs={"middleware": [Middleware(Guard, rules=rules)], "routes": list(routes)},
            prevent_thread_lock=True,
            **launch_settings(),
        )
    except OSError as error:
        if "empty port" not in str(error):
            raise
        raise UsageError("All ports that the page takes by itself are taken; give a --port.") from (
            error
        )
    once_up()
    app.block_thread()


def called(address: Address, mode: Mode) -> tuple[str, ...]:
    """Return how the paths begin that programs may ask.

    Raises:
        UsageError: if tools are wanted where programs may ask nothing.
    """
    if not mode.for_programs:
        if address.mcp:
            raise UsageError("--mcp goes with neither --lite nor --kiosk.")
        return ()
    return (*CALLS, MCP) if address.mcp else CALLS


def allowed_hosts(address: Address) -> frozenset[str] | None:
    """Return the names under which a page for this machine alone may be asked; None for any.

    A page that others reach is asked under names that only they know; for this machine alone, a
    foreign name is a foreign site that has it point here (DNS rebinding).
    """
    local = address.host is None or address.host in LOOPBACK
    if not local or address.share or address.root_path or os.environ.get("GRADIO_SERVER_NAME"):
        return None
    return frozenset((*LOOPBACK, *map(str.lower, address.names)))


def _ancestors() -> tuple[str, ...]:
    """Return who may show the page in a frame: Hugging Face does so with a Space."""
    return SPACE_FRAMES if os.environ.get("SYSTEM") == "spaces" else ()


def check_address(address: Address) -> None:
    """Refuse an address that can't be listened on.

    Raises:
        UsageError: saying why.
    """
    if address.mcp and find_spec("mcp") is None:
        raise UsageError("--mcp needs an extra: python -m pip install 'gradio[mcp]'.")
    if address.port is not None and not 1 <= address.port <= 65535:
        raise UsageError(f"A port lies between 1 and 65535, not {address.port}.")
    host, port = address.host or LOOPBACK[0], address.port or 0
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[
            0
        ]
    except (socket.gaierror, UnicodeError) as error:
        raise UsageError(f"There is no host {host!r} to listen on ({error}).") from error
    with socket.socket(family, kind, protocol) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(place)
        except OSError as error:
            where = f"{host}:{port}" if port else host
            reason = _UNUSABLE.get(error.errno or 0, f"can't be listened on: {error.strerror}")
            raise UsageError(f"{where} {reason}.") from error


def spare_proxies(host: str | None) -> None:
    """Keep the page's own requests to this machine away from a proxy that the environment names."""
    own = (*LOOPBACK, host) if host else LOOPBACK
    for variable in ("no_proxy", "NO_PROXY"):
        spared = [name for name in os.environ.get(variable, "").split(",") if name]
        os.environ[variable] = ",".join(dict.fromkeys([*spared, *own]))
