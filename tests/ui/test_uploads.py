"""Pictures are gone as soon as they are read, and however the process ends."""

import os
import re
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from ferstudio.ui.uploads import PREFIX, taken, told_apart
from tests.e2e.server import serving
from tests.page_client import Page, Visit
from tests.studio_parts import write_picture

ROOT = Path(__file__).parents[2]
TYPE = 'multipart/form-data; boundary="xyz"'

START = """
import os, sys
from ferstudio.ui.uploads import keep_uploads_apart
print(keep_uploads_apart(), flush=True)
sys.stdin.read()
"""


def form(*files: tuple[str, bytes]) -> bytes:
    parts = (
        f'--xyz\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'.encode()
        + content
        for name, content in files
    )
    return b"\r\n".join((*parts, b"--xyz--\r\n"))


def test_files_of_the_same_name_are_told_apart() -> None:
    body = form(("me.jpg", b"one"), ("", b"two"))
    first, second = told_apart(body, TYPE), told_apart(body, TYPE)
    pattern = (
        rb'filename="[0-9a-f]{32}-me\.jpg"\r\n\r\none\r\n.*filename="[0-9a-f]{32}-"\r\n\r\ntwo'
    )
    assert re.search(pattern, first, re.DOTALL)
    assert first != second and len(first) == len(body) + 2 * 33


def test_nothing_in_a_picture_is_changed() -> None:
    content = b'\x89PNG filename="a.png"\r\n\r\nfilename="b"'
    assert content in told_apart(form(("me.png", content)), TYPE)
    assert told_apart(b"no form", "text/plain") == b"no form"


def test_a_file_is_removed_once_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "own"))
    inside, outside = tmp_path / "own" / "0a" / "me.png", tmp_path / "me.png"
    for file in (inside, outside):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"a picture")
        with pytest.raises(RuntimeError), taken(str(file)) as given:
            assert given.read_bytes() == b"a picture"
            raise RuntimeError
    assert not inside.parent.exists()
    assert outside.exists()  # nobody uploaded it


def test_the_folder_is_this_users_alone_and_the_killed_ones_go(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    killed = subprocess.Popen(
        [sys.executable, "-c", START], cwd=ROOT, env=environment,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert killed.stdout is not None
    folder = Path(killed.stdout.readline().strip())
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert folder.parent == tmp_path and folder.name.startswith(f"{PREFIX}{killed.pid}-")
    (folder / "me.png").write_bytes(b"a picture")
    killed.kill()
    killed.communicate()
    assert folder.exists()
    subprocess.run(
        [sys.executable, "-c", START], cwd=ROOT, env=environment, check=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    assert list(tmp_path.iterdir()) == []


def pictures_in(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.suffix == ".png"]


@pytest.mark.slow
@pytest.mark.parametrize("busy", [False, True], ids=["idle", "busy"])
@pytest.mark.parametrize("end", ["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"])
def test_no_picture_is_left_however_the_server_ends(
    shelf: Path, tmp_path: Path, end: str, *, busy: bool
) -> None:
    folder = tmp_path / "tmp"
    folder.mkdir()
    picture = write_picture(tmp_path / "me.png")
    with serving(shelf, TMPDIR=str(folder)) as (address, server):
        visit = Visit(Page(address), 0, ["resnet18.test"])
        with visit.connected():
            visit.give("upload", "upload", visit.upload(picture))
            visit.give("stuck", "sticker", visit.upload(picture))
            assert pictures_in(folder) == []  # each was read, and removed at once
            visit.upload(picture)  # one that nobody reads
            assert len(pictures_in(folder)) == 1
            if busy:
                threading.Thread(target=visit.see_if_it_lasts, args=["Robustness"]).start()
                time.sleep(2)
            server.send_signal(getattr(signal, end))
            assert server.wait(timeout=20) in (128 + getattr(signal, end), -signal.SIGKILL)
    if end == "SIGKILL":
        with serving(shelf, TMPDIR=str(folder)):
            assert pictures_in(folder) == []
    assert list(folder.iterdir()) == []
