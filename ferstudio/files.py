"""Files that appear whole or not at all."""

from pathlib import Path


def write_whole(file: Path, content: bytes) -> None:
    """Write `content` to `file`: to a hidden name beside it first, then renamed.

    A reader, or a run that is stopped half-way, never meets a part of it.
    """
    temporary = file.with_name(f".{file.name}.part")
    temporary.write_bytes(content)
    temporary.replace(file)
