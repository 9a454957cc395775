"""Files and folders that appear whole or not at all."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ferstudio.errors import UsageError
from ferstudio.interruptions import left_tidy


def write_whole(file: Path, content: bytes | memoryview) -> None:
    """Write `content` to `file`: to a hidden name beside it first, then renamed.

    A reader, or a run that is stopped half-way, never meets a part of it.
    """
    with whole_file(file) as part:
        part.write_bytes(content)


@contextmanager
def whole_file(file: Path) -> Iterator[Path]:
    """Give a hidden name beside `file`; what is written there takes its place as the block ends.

    Where the block fails, `file` is as it was, and nothing else stays.
    """
    part = file.with_name(f".{file.name}.part")
    with left_tidy():
        try:
            yield part
            part.replace(file)
        finally:
            part.unlink(missing_ok=True)


@contextmanager
def writes_to(place: Path) -> Iterator[None]:
    """Make a sentence that names `place` of what the disk refuses inside the block.

    Raises:
        UsageError: in place of an `OSError`.
    """
    try:
        yield
    except OSError as error:
        raise UsageError(f"{place} can't be written: {error.strerror}.") from error


@contextmanager
def replaced_folder(folder: Path) -> Iterator[Path]:
    """Give an empty hidden folder that takes the place of `folder` when the block ends.

    It lies beside it. Where the block or the renaming fails, `folder` is as it was, and nothing
    else stays; what a killed process left there goes with the next.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    _sweep(folder.parent)
    with left_tidy():
        part = Path(tempfile.mkdtemp(prefix=f".part-{os.getpid()}-", dir=folder.parent))
        part.chmod(0o755)
        retired = part.with_suffix(".old")
        try:
            yield part
            if folder.exists():
                folder.replace(retired)
            part.replace(folder)
        finally:
            shutil.rmtree(part, ignore_errors=True)
            if retired.exists() and not folder.exists():
                retired.replace(folder)
            shutil.rmtree(retired, ignore_errors=True)


def _sweep(parent: Path) -> None:
    """Remove the hidden folders of processes that are no more."""
    for left in parent.glob(".part-*"):
        number = left.name.split("-")[1]
        if number.isdecimal() and not process_runs(int(number)):
            shutil.rmtree(left, ignore_errors=True)


def process_runs(process: int) -> bool:
    """Return whether there is a process of that number; on Windows always true."""
    if sys.platform == "win32":  # there the question itself would end it
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@contextmanager
def copied_folder(folder: Path) -> Iterator[Path]:
    """Give a hidden copy of `folder` that takes its place when the block ends.

    Where the block fails, `folder` is as it was.
    """
    with replaced_folder(folder) as copy:
        shutil.copytree(folder, copy, dirs_exist_ok=True)
        yield copy
