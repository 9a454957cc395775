"""The faces of a study: a folder, a ZIP file or a CSV of pictures, with labels or without."""

import csv
import hashlib
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from ferstudio.errors import DataError, ImageError, UsageError
from ferstudio.labels import LABEL_SETS, SYNONYMS
from ferstudio.report.photographs import is_picture, photographs

MAX_PICTURE_BYTES = 256 * 2**20
"""Of one picture in a ZIP file, unpacked: a small file can hold gigabytes of zeros."""

COLUMNS = ("file", "label")
"""Header of a CSV of faces; the second may be missing."""


@dataclass(frozen=True, slots=True)
class StudyFace:
    """One picture of a study.

    Attributes:
        name: its path from the folder, in the ZIP file, or as the CSV gives it.
        label: the emotion that it shows, as models call it; "" where nobody says.
        size_bytes: of the file.
    """

    name: str
    label: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class StudyFaces:
    """All pictures of a study, in the order of their names or of the CSV.

    Attributes:
        source: the folder's or file's own name.
        faces: what there is to know of each.
        read: returns what `Studio.find_faces_in` takes of one of them: a path, or a file's content.
    """

    source: str
    faces: tuple[StudyFace, ...]
    read: Callable[[StudyFace], Path | bytes] = field(compare=False)

    @property
    def digest(self) -> str:
        """A hex digest of names, labels and sizes: another one means another study."""
        said = "\n".join(f"{each.name}\t{each.label}\t{each.size_bytes}" for each in self.faces)
        return hashlib.sha256(said.encode("utf-8", "surrogateescape")).hexdigest()


def study_faces(place: Path) -> StudyFaces:
    """Return the pictures in a folder, a ZIP file or a CSV.

    In folders and ZIP files a picture is labelled by the folder it lies in, where that is called
    like an emotion; a CSV has the header `file` or `file,label`, and its files lie beside it.

    Raises:
        UsageError: if there is no such folder or file, or no picture in it.
        DataError: if a ZIP file or CSV can't be read.
    """
    if place.is_dir():
        return _of_folder(place)
    if not place.is_file():
        raise UsageError(f"{place} doesn't exist; give a folder, a ZIP file or a CSV of faces.")
    if place.suffix.lower() == ".csv":
        return _of_csv(place)
    if zipfile.is_zipfile(place):
        return _of_zip(place)
    raise UsageError(f"{place} is no folder, ZIP file or CSV of faces.")


def emotion_of(word: str) -> str:
    """Return the emotion that a folder or label means, as models call it; "" for none."""
    plain = word.strip().lower()
    name = SYNONYMS.get(plain, plain)
    return name if name in {each for names in LABEL_SETS.values() for each in names} else ""


def _of_folder(place: Path) -> StudyFaces:
    files = [Path(file) for file in photographs([place])]
    faces = tuple(
        StudyFace(
            file.relative_to(place).as_posix(), emotion_of(file.parent.name), file.stat().st_size
        )
        for file in files
    )
    return StudyFaces(place.resolve().name, faces, lambda face: place / face.name)


def _of_zip(place: Path) -> StudyFaces:
    try:
        archive = zipfile.ZipFile(place)
    except (OSError, zipfile.BadZipFile, NotImplementedError) as error:
        raise DataError(f"{place} can't be opened as a ZIP file ({error}).") from error
    entries = {
        entry.filename: entry
        for entry in archive.infolist()
        if not entry.is_dir() and _is_picture(PurePosixPath(entry.filename))
    }
    if not entries:
        raise UsageError(f"{place} holds no pictures.")
    faces = tuple(
        StudyFace(name, emotion_of(PurePosixPath(name).parent.name), entries[name].file_size)
        for name in sorted(entries)
    )

    def read(face: StudyFace) -> bytes:
        try:
            with archive.open(entries[face.name]) as stream:
                content = stream.read(MAX_PICTURE_BYTES + 1)
        except (OSError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error) as e:
            raise ImageError(f"{face.name} can't be unpacked ({e}).") from e
        if len(content) > MAX_PICTURE_BYTES:
            raise ImageError(f"{face.name} unpacks to more than {MAX_PICTURE_BYTES >> 20} MB.")
        return content

    return StudyFaces(place.name, faces, read)


def _is_picture(name: PurePosixPath) -> bool:
    return is_picture(name) and "__MACOSX" not in name.parts


def _of_csv(place: Path) -> StudyFaces:
    faces = tuple(
        StudyFace(name, label, _size_bytes(place.parent / name)) for name, label in _rows(place)
    )
    if not faces:
        raise UsageError(f"{place} names no pictures.")
    return StudyFaces(place.name, faces, lambda face: place.parent / face.name)


def _size_bytes(file: Path) -> int:
    return file.stat().st_size if file.is_file() else 0  # what is missing is told when it is read


def _rows(place: Path) -> list[tuple[str, str]]:
    try:
        with place.open(encoding="utf-8-sig", newline="") as stream:
            lines = list(csv.reader(stream))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{place} can't be read as a CSV ({error}).") from error
    header = tuple(name.strip().lower() for name in lines[0]) if lines else ()
    if header not in (COLUMNS[:1], COLUMNS):
        raise DataError(f"{place} must begin with the header file or file,label.")
    return [_row(place, number, cells) for number, cells in enumerate(lines[1:], 2) if cells]


def _row(place: Path, number: int, cells: Sequence[str]) -> tuple[str, str]:
    name, word = cells[0].strip(), cells[1].strip() if len(cells) > 1 else ""
    label = emotion_of(word)
    if not name or len(cells) > len(COLUMNS):
        raise DataError(f"{place}, line {number}: give a file and at most a label.")
    if word and not label:
        known = sorted({each for names in LABEL_SETS.values() for each in names})
        raise DataError(f"{place}, line {number}: {word!r} is none of {', '.join(known)}.")
    return name, label
