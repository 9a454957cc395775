"""Several servers behind one address: nginx, as `deploy/replicas.conf` sets it up."""

import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from tests.e2e.server import ROOT, free_port, serving

NGINX = """
daemon off;
pid {folder}/pid;
error_log stderr warn;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/replicas.conf;
}}
"""


def configured(addresses: list[str], port: int) -> str:
    """Return `deploy/replicas.conf` for servers at addresses, listening on a port."""
    text = (ROOT / "deploy" / "replicas.conf").read_text("utf-8")
    servers = [f"server {address.removeprefix('http://').rstrip('/')};" for address in addresses]
    for old, new in (
        ("server replica:7860;", " ".join(servers)),
        ("listen 8080;", f"listen 127.0.0.1:{port};"),
    ):
        if old not in text:
            raise ValueError(f"deploy/replicas.conf has no line {old!r}")
        text = text.replace(old, new)
    return text


@contextmanager
def replicas(weights: Path, count: int) -> Iterator[tuple[str, list[int]]]:
    """Serve the page of `weights` by so many processes; yield where, and their numbers.

    Several stand behind nginx.

    Raises:
        FileNotFoundError: if nginx isn't installed.
    """
    with ExitStack() as stack:
        served = [stack.enter_context(serving(weights)) for _ in range(count)]
        addresses = [address for address, _ in served]
        if count > 1:
            addresses = [stack.enter_context(_in_front_of(addresses))]
        yield addresses[0], [process.pid for _, process in served]


@contextmanager
def _in_front_of(addresses: list[str]) -> Iterator[str]:
    program = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    if program is None:
        raise FileNotFoundError("nginx isn't installed")
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # its workers are another user's
        Path(folder, "replicas.conf").write_text(configured(addresses, port), "utf-8")
        Path(folder, "nginx.conf").write_text(NGINX.format(folder=folder), "utf-8")
        front = subprocess.Popen([program, "-p", folder, "-c", f"{folder}/nginx.conf"])
        try:
            address = f"http://127.0.0.1:{port}/"
            for _ in range(100):
                with suppress(OSError), urllib.request.urlopen(f"{address}healthz", timeout=5):
                    break
                time.sleep(0.1)
            yield address
        finally:
            front.terminate()
            front.wait(timeout=30)
