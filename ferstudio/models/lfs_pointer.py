"""What Git leaves in place of a large file whose content nobody fetched."""

from pathlib import Path

from ferstudio.errors import WeightsError

LFS_POINTER = b"version https://git-lfs.github.com/spec/"
"""What such a file of a few lines begins with."""


def check_is_fetched(file: Path, content: bytes | None = None) -> None:
    """Refuse a pointer in place of a file.

    Args:
        file: what is looked at, or was read already.
        content: what it holds; None reads its beginning.

    Raises:
        WeightsError: saying how to fetch it.
        OSError: if it can't be read.
    """
    if content is None:
        with file.open("rb") as stream:
            content = stream.read(len(LFS_POINTER))
    if content.startswith(LFS_POINTER):
        raise WeightsError(
            f"{file} is a Git LFS pointer in place of the weights; run `git lfs pull` in the "
            "repository it came from."
        )
