"""Pictures are gone as soon as they are read, and however the process ends."""

import base64
import os
import re
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path
from uuid import uuid4

import pytest

from ferstudio.errors import ImageError, WeightsError
from ferstudio.ui.messages import friendly
from ferstudio.ui.uploads import PREFIX, Renaming, given_names, taken
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


def renamed(body: bytes, piece_bytes: int, content_type: str = TYPE) -> tuple[bytes, int]:
    """Return what a form in pieces becomes, and how many files were counted."""
    renaming, pieces = Renaming(content_type), [b""]
    for start in range(0, len(body), piece_bytes):
        piece = body[start : start + piece_bytes]
        pieces.append(renaming.fed(piece, last=start + piece_bytes >= len(body)))
    return b"".join(pieces), renaming.files


@pytest.mark.parametrize("piece_bytes", [1, 7, 64, 10_000])
def test_files_of_the_same_name_are_told_apart(piece_bytes: int) -> None:
    body = form(("me.jpg", b"one"), ("", b""), ("a", b"\r\n--xy\r\n\r\n"))
    (first, count), (second, _) = renamed(body, piece_bytes), renamed(body, piece_bytes)
    pattern = (
        rb'filename="[0-9a-f]{32}-me\.jpg"\r\n\r\none\r\n--xyz\r\n.*'
        rb'filename="[0-9a-f]{32}-"\r\n\r\n\r\n--xyz\r\n'
    )
    assert re.search(pattern, first, re.DOTALL)
    assert count == 3
    assert first != second and len(first) == len(body) + 3 * 33
    assert re.sub(rb"[0-9a-f]{32}-", b"", first) == body


@pytest.mark.parametrize("piece_bytes", [1, 5, 10_000])
def test_nothing_in_a_picture_is_changed(piece_bytes: int) -> None:
    content = b'\x89PNG filename="a.png"\r\n\r\nfilename="b"\r\n--xy\r'
    found, count = renamed(form(("me.png", content)), piece_bytes)
    assert content in found
    assert count == 1
    assert renamed(b"no form", piece_bytes, "text/plain") == (b"no form", 0)


def test_an_endless_head_is_not_kept() -> None:
    renaming = Renaming(TYPE)
    renaming.fed(b"--xyz\r\n", last=False)
    sent = [renaming.fed(b"a" * 4096, last=False) for _ in range(100)]
    assert sum(map(len, sent)) > 95 * 4096


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


def test_visitors_read_the_names_that_they_gave() -> None:
    named = f"{uuid4().hex}-my-{'a' * 31}.png is damaged."
    assert given_names(named) == f"my-{'a' * 31}.png is damaged."
    assert friendly(ImageError(named)) == given_names(named)


@pytest.mark.parametrize(
    ("sentence", "read"),
    [
        ("/srv/studio/weights/a.b/card.json is no JSON.", "a.b/card.json is no JSON."),
        (r"C:\studio\weights\a.b\card.json is no JSON.", "a.b/card.json is no JSON."),
        ("a.b is left out: /x/a.b has no card.", "a.b is left out: x/a.b has no card."),
        ("See https://example.org/a/b or 1 / 2 and/or hf:user/name.", None),
    ],
)
def test_visitors_dont_read_where_files_lie_on_this_machine(
    sentence: str, read: str | None
) -> None:
    assert friendly(WeightsError(sentence)) == (read or sentence)


def pictures_in(folder: Path) -> list[Path]:
    """Return the files that hold a picture, or what it is sent as, whatever they are called."""
    marks = (b"\x89PNG", b"data:image")
    files = (file for file in folder.rglob("*") if file.is_file())
    return [file for file in files if any(mark in file.read_bytes() for mark in marks)]


def painting(picture: Path) -> str:
    """Return a picture as the browser sends paint and frames of a camera."""
    return f"data:image/png;base64,{base64.b64encode(picture.read_bytes()).decode()}"


@pytest.mark.slow
@pytest.mark.parametrize("busy", [False, True], ids=["idle", "busy"])
@pytest.mark.parametrize("end", ["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"])
def test_no_picture_is_left_however_the_server_ends(
    shelf: Path, tmp_path: Path, end: str, *, busy: bool
) -> None:
    folder = tmp_path / "tmp"
    folder.mkdir()
    (folder / "gradio").touch()  # as another user's, where Gradio would keep files by itself
    picture = write_picture(tmp_path / "me.png")
    with serving(shelf, TMPDIR=str(folder)) as (address, server):
        visit = Visit(Page(address), 0, ["resnet18.test"])
        with visit.connected():
            # a pasted picture, a snapshot and a frozen frame are uploads, too (page.js)
            visit.give("upload", "upload", visit.upload(picture))
            visit.give("stuck", "sticker", visit.upload(picture))
            visit.tell("painted", layer=painting(picture))
            visit.tell("frame", frame=painting(picture), number=1)
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
    assert [left.name for left in folder.iterdir()] == ["gradio"]
