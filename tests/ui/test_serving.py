"""An address that the page can't be served at is one sentence; a proxy doesn't come between."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from ferstudio.errors import UsageError
from ferstudio.ui import serving as serving_module
from ferstudio.ui.mode import Mode
from ferstudio.ui.serving import (
    CALLS,
    LOOPBACK,
    MCP,
    Address,
    allowed_hosts,
    called,
    check_address,
    serve,
    spare_proxies,
)
from tests.e2e.server import serving

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        (Address(port=80000), "A port lies between 1 and 65535, not 80000"),
        (Address(port=-1), "A port lies between 1 and 65535, not -1"),
        (Address(port=0), "A port lies between 1 and 65535, not 0"),
        (Address(host="no-such-host.invalid"), "There is no host 'no-such-host.invalid' to listen"),
        (Address(host="a" * 300), "There is no host 'aaa"),
        (Address(host="192.0.2.1"), r"192\.0\.2\.1 is no address of this machine"),
    ],
)
def test_what_can_not_be_listened_on_is_refused(address: Address, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        check_address(address)


def test_what_answers_need_is_begun_once_the_page_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    done = list[str]()

    class Page:
        def launch(self, *, prevent_thread_lock: bool, **_: object) -> None:
            assert prevent_thread_lock
            done.append("up")

        def block_thread(self) -> None:
            done.append("served")

    monkeypatch.setattr(serving_module, "spare_proxies", lambda _: None)
    monkeypatch.setattr(serving_module, "get_upload_folder", lambda: ".")
    serve(Page(), Address(), once_up=lambda: done.append("begun"))  # type: ignore[arg-type]
    assert done == ["up", "begun", "served"]


def test_a_taken_port_is_refused_and_a_free_one_is_left_free() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(UsageError, match=rf"127\.0\.0\.1:{port} is taken; choose another"):
            check_address(Address(port=port))
    check_address(Address(port=port))
    check_address(Address(port=port))


def test_the_page_itself_goes_past_any_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "example.org,localhost")
    monkeypatch.delenv("NO_PROXY", raising=False)
    spare_proxies("192.0.2.7")
    assert os.environ["no_proxy"] == "example.org,localhost,127.0.0.1,::1,192.0.2.7"
    assert os.environ["NO_PROXY"].split(",") == [*LOOPBACK, "192.0.2.7"]


@pytest.mark.parametrize(
    ("address", "hosts"),
    [
        (Address(), {*LOOPBACK}),
        (Address(host="localhost", names=("Studio.example",)), {*LOOPBACK, "studio.example"}),
        (Address(host="0.0.0.0"), None),
        (Address(root_path="/studio"), None),
        (Address(share=True), None),
    ],
)
def test_a_page_for_this_machine_has_its_own_names(
    monkeypatch: pytest.MonkeyPatch, address: Address, hosts: set[str] | None
) -> None:
    monkeypatch.delenv("GRADIO_SERVER_NAME", raising=False)
    assert allowed_hosts(address) == hosts


def test_mcp_without_its_extra_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving_module, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"--mcp needs an extra: .*gradio\[mcp\]"):
        check_address(Address(mcp=True))


def test_programs_may_ask_a_page_without_limits_only() -> None:
    assert called(Address(), Mode()) == CALLS
    assert called(Address(mcp=True), Mode()) == (*CALLS, MCP)
    for mode in (Mode(lite=True), Mode(kiosk=True)):
        assert called(Address(), mode) == ()
        with pytest.raises(UsageError, match="--mcp goes with neither"):
            called(Address(mcp=True), mode)


@pytest.mark.slow
def test_it_starts_where_the_environment_names_a_proxy(tmp_path: Path) -> None:
    with serving(tmp_path, http_proxy="http://127.0.0.1:9", HTTP_PROXY="http://127.0.0.1:9"):
        pass


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--port", "80000"], "A port lies between 1 and 65535, not 80000.\n"),
        (["--weights", "runs/typo"], "There is no weights folder runs/typo; a Hub repository is"),
    ],
)
def test_the_command_ends_in_one_line(arguments: list[str], line: str) -> None:
    done = subprocess.run(
        [sys.executable, "app.py", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(line) and done.stderr.count("\n") == 1
