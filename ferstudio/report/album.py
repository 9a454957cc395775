"""Pictures on disk under names that tell what they show and never collide."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ferstudio.errors import UsageError
from ferstudio.files import write_whole, writes_to


def unique_stems(files: Sequence[str | Path]) -> list[str]:
    """Return the stem of each file name; a number tells those apart that would be the same.

    Names that differ in case only count as the same, as they do on some file systems.
    """
    stems: list[str] = []
    taken: set[str] = set()
    for file in files:
        first = stem = Path(file).stem
        number = 1
        while stem.casefold() in taken:
            number += 1
            stem = f"{first}-{number}"
        taken.add(stem.casefold())
        stems.append(stem)
    return stems


def refuse_to_overwrite(given: Iterable[str | Path], made: Iterable[Path]) -> None:
    """Refuse files to be written that are among those that were given.

    Raises:
        UsageError: naming the first.
    """
    inputs = {Path(file).resolve() for file in given}
    for file in made:
        if file.resolve() in inputs:
            raise UsageError(f"{file} was given to be asked about; name another folder by --out.")


class Album:
    """Writes the pictures made from one photograph as `STEM.PART.PART.png`."""

    def __init__(self, folder: Path | None, stem: str) -> None:
        """Write into `folder`, which is made when the first picture comes; None writes nothing."""
        self._folder = folder
        self._stem = stem

    def write(self, image: NDArray[np.uint8], *parts: str) -> str | None:
        """Write one picture, whole or not at all.

        Args:
            image: (H, W, 3) uint8 RGB.
            parts: what it shows, for its name.

        Returns:
            The file's path, None where there is no folder.

        Raises:
            UsageError: if the folder can't be written.
        """
        if self._folder is None:
            return None
        file = self._folder / ".".join((self._stem, *parts, "png"))
        encoded = cv2.imencode(".png", image[:, :, ::-1])[1].tobytes()
        with writes_to(file):
            self._folder.mkdir(parents=True, exist_ok=True)
            write_whole(file, encoded)
        return str(file)
