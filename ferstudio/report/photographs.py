"""Which photographs a command is asked about, by files, folders and patterns, and which faces."""

import glob
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path, PurePath
from typing import Any, Literal

from ferstudio.errors import UsageError

FaceChoice = Literal["largest", "all"] | int
"""Which of a picture's faces: a number counts from 1 for the largest."""

_WORDS: tuple[Literal["largest", "all"], ...] = ("largest", "all")

PICTURE_SUFFIXES = frozenset(
    ".avif .bmp .dib .gif .heic .heif .jfif .jpe .jpeg .jpg .pbm .pgm .png .pnm .ppm .tif .tiff "
    ".webp".split()
)
"""Endings of the files that are taken out of a folder; a file that is named is always tried."""


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A photograph that no network could be asked about.

    Attributes:
        image: the file as it was given.
        error: what is wrong with it and what to do, one sentence.
    """

    image: str
    error: str

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values, keys named like the attributes."""
        return asdict(self)

    def table(self) -> str:
        """Return it as one line, which names the file once."""
        named = self.error.startswith(self.image)
        return self.error if named else f"{self.image}: {self.error}"


def photographs(places: Sequence[str | Path]) -> list[str]:
    """Return the files that `places` mean, in order, each once.

    Args:
        places: files; folders, for all pictures in them and below, sorted; patterns as `*.jpg`,
            for shells that don't expand them. What is none of these is returned as it is.

    Raises:
        UsageError: if a folder holds no picture, or nothing fits a pattern.
    """
    found: list[str] = []
    for place in map(str, places):
        if Path(place).is_dir():
            found += _pictures_below(Path(place))
        elif glob.has_magic(place) and not Path(place).exists():
            fitting = glob.glob(place, recursive=True)  # noqa: PTH207  it may be absolute
            files = sorted(file for file in fitting if Path(file).is_file())
            if not files:
                raise UsageError(f"No file fits {place}.")
            found += files
        else:
            found.append(place)
    return list(dict.fromkeys(found))


def is_picture(file: PurePath) -> bool:
    """Return whether a file's name is a picture's, and not one of those that systems hide."""
    return file.suffix.lower() in PICTURE_SUFFIXES and file.name[0] != "."


def _pictures_below(folder: Path) -> list[str]:
    files = sorted(str(file) for file in folder.rglob("*") if is_picture(file) and file.is_file())
    if not files:
        raise UsageError(f"{folder} holds no pictures.")
    return files


def face_choice(text: str) -> FaceChoice:
    """Return the choice that a text means.

    Raises:
        UsageError: if it is neither "largest" nor "all" nor a number from 1 on.
    """
    for word in _WORDS:
        if text == word:
            return word
    if not text.isdecimal() or int(text) == 0:
        raise UsageError(f"A face is largest, all or a number from 1 on, not {text!r}.")
    return int(text)


def face_numbers(choice: FaceChoice, count: int) -> list[int | None]:
    """Return the numbers, from 1 for the largest, of the faces of a picture that a choice means.

    Args:
        choice: which of them.
        count: faces in the picture; where there is none, its middle is taken instead: None.

    Raises:
        UsageError: if the choice is a number beyond the count.
    """
    if isinstance(choice, int):
        if choice > count:
            faces = "1 face" if count == 1 else f"{count or 'no'} faces"
            raise UsageError(f"it shows {faces}, so there is no face {choice}.")
        return [choice]
    if not count:
        return [None]
    return list(range(1, count + 1 if choice == "all" else 2))
