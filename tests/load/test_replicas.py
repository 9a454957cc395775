"""The page behind nginx: a visit stays with the server that it began with."""

import shutil
from pathlib import Path

import httpx
import pytest

from tests.e2e.server import ROOT
from tests.load.replicas import configured, replicas

INSTALLED = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")


def test_the_file_for_replicas_names_the_servers() -> None:
    text = configured(["http://127.0.0.1:1/", "http://127.0.0.1:2/"], 3)
    assert "server 127.0.0.1:1; server 127.0.0.1:2;" in text
    assert "listen 127.0.0.1:3;" in text


@pytest.mark.parametrize("name", ["replicas.conf", "ferstudio_proxy.conf"])
def test_proxies_keep_nothing_on_their_disk(name: str) -> None:
    lines = (ROOT / "deploy" / name).read_text("utf-8").split("\n")
    directives = {line.partition("#")[0].strip() for line in lines}
    assert {"proxy_buffering off;", "proxy_request_buffering off;"} <= directives


@pytest.mark.slow
@pytest.mark.skipif(INSTALLED is None, reason="nginx isn't installed")
def test_a_visit_stays_with_its_server(tmp_path: Path) -> None:
    with replicas(tmp_path, 2) as (address, _):

        def served_by(client: httpx.Client) -> str:
            return str(client.get("gradio_api/app_id").json()["app_id"])

        homes = set()
        for _ in range(12):
            with httpx.Client(base_url=address) as visit:
                places = {served_by(visit) for _ in range(3)}
            assert len(places) == 1
            homes |= places
        assert len(homes) == 2  # 12 visits fall to one of two servers once in 2,048 times
