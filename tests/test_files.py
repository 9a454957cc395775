import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ferstudio.files import copied_folder, replaced_folder, write_whole

ROOT = Path(__file__).parent.parent


def test_content_replaces_the_old_and_leaves_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "card.json"
    file.write_bytes(b"old")
    write_whole(file, b"new")
    assert file.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [file]


def test_a_failed_write_keeps_the_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "card.json"
    file.write_bytes(b"old")

    def full(self: Path, content: bytes) -> int:
        with self.open("wb") as stream:
            stream.write(content[:1])
        raise OSError("No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space"):
        write_whole(file, b"new")
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("existed", [False, True])
def test_a_folder_takes_the_place_of_the_old_one(tmp_path: Path, existed: bool) -> None:
    folder = tmp_path / "shelf" / "net"
    if existed:
        folder.mkdir(parents=True)
        (folder / "old.txt").write_text("old")
    with replaced_folder(folder) as part:
        assert part.parent == folder.parent and part.name.startswith(".")
        assert list(part.iterdir()) == []
        (part / "new.txt").write_text("new")
        assert folder.exists() == existed
    assert [file.name for file in folder.iterdir()] == ["new.txt"]
    assert list(folder.parent.iterdir()) == [folder]
    assert folder.stat().st_mode & 0o777 == 0o755


def test_a_block_that_fails_leaves_the_old_folder(tmp_path: Path) -> None:
    folder = tmp_path / "net"
    folder.mkdir()
    (folder / "old.txt").write_text("old")
    with pytest.raises(RuntimeError, match="half-way"), replaced_folder(folder) as part:
        (part / "new.txt").write_text("new")
        raise RuntimeError("half-way")
    assert [file.name for file in folder.iterdir()] == ["old.txt"]
    assert list(tmp_path.iterdir()) == [folder]


def test_a_copy_that_is_changed_takes_the_place_of_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "net"
    folder.mkdir()
    (folder / "kept.txt").write_text("kept")
    (folder / "changed.txt").write_text("old")
    with copied_folder(folder) as copy:
        (copy / "changed.txt").write_text("new")
        assert (folder / "changed.txt").read_text() == "old"
    assert {file.name: file.read_text() for file in folder.iterdir()} == {
        "kept.txt": "kept",
        "changed.txt": "new",
    }
    with pytest.raises(RuntimeError, match="half-way"), copied_folder(folder) as copy:
        (copy / "kept.txt").unlink()
        raise RuntimeError("half-way")
    assert (folder / "kept.txt").read_text() == "kept"
    assert list(tmp_path.iterdir()) == [folder]


def test_what_a_killed_process_left_goes_with_the_next(tmp_path: Path) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", LEFT_BEHIND, str(tmp_path / "new")], cwd=ROOT, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    (left,) = tmp_path.iterdir()
    assert left.name.startswith(".part-")
    at_work = tmp_path / f".part-{os.getpid()}-other"
    at_work.mkdir()
    with replaced_folder(tmp_path / "new") as part:
        (part / "a").write_text("whole")
    assert {path.name for path in tmp_path.iterdir()} == {"new", at_work.name}


LEFT_BEHIND = """
import os, signal, sys
from pathlib import Path
from ferstudio.files import replaced_folder
with replaced_folder(Path(sys.argv[1])):
    os.kill(os.getpid(), signal.SIGKILL)
"""
