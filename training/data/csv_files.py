"""CSV files in any wrapping, read row by row with the place of each; written whole.

What a table is packed in is told by its first bytes, not by its name: xz, gzip, bzip2, ZIP, and tar
in any of the first three. Inside, columns are found by their names, whatever their order, their
case, blanks around them, a byte order mark, or other columns beside them.
"""

import bz2
import csv
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any

from ferstudio.errors import DataError
from ferstudio.files import write_whole

MAX_LINE = 1 << 17
"""Characters of a line: ten times what a face of 48 x 48 pixels needs."""

_SHOWN_COLUMNS = 14
_DELIMITERS = ",;\t"
_UNPACKERS: dict[bytes, Callable[[IO[bytes]], Any]] = {
    b"\x1f\x8b": gzip.open,
    b"\xfd7zXZ\x00": lzma.open,
    b"BZh": bz2.open,
}
_DAMAGE = (
    lzma.LZMAError,
    gzip.BadGzipFile,
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
)
_ENCODINGS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
"""By the byte order mark; all else is UTF-8, with a mark or without."""

_NO_TEXT = {b"7z\xbc\xaf\x27\x1c": "7z", b"Rar!": "RAR", b"\x89HDF": "HDF5", b"PAR1": "Parquet"}


@contextmanager
def open_text(file: Path) -> Iterator[io.TextIOBase]:
    """Open a text file, or the only .csv file in an archive.

    Raises:
        DataError: if the file is missing, or can't be unpacked or decoded while it is read.
    """
    try:
        with ExitStack() as stack:
            yield _open_stream(file, stack)
    except UnicodeDecodeError as error:
        raise DataError(f"{file} is no text in UTF-8: {error.reason}; save it as one.") from error
    except (EOFError, csv.Error) as error:
        raise DataError(f"{file} can't be read: {error}.") from error
    except _DAMAGE as error:
        raise DataError(f"{file} is damaged or cut short: {error}.") from error
    except OSError as error:
        raise DataError(f"{file} can't be read: {error.strerror or error}.") from error


def _open_stream(file: Path, stack: ExitStack) -> io.TextIOBase:
    binary: Any = stack.enter_context(file.open("rb"))
    for magic, unpack in _UNPACKERS.items():
        if _begins(binary, magic):
            binary = stack.enter_context(io.BufferedReader(unpack(binary)))
    if _begins(binary, b"PK\x03\x04") or _begins(binary, b"PK\x05\x06"):
        binary = _zip_member(file, binary, stack)
    elif _begins(binary, b"ustar", at=257):
        binary = _tar_member(file, binary, stack)
    for magic, kind in _NO_TEXT.items():
        if _begins(binary, magic):
            raise DataError(f"{file} is a {kind} file; unpack it to .csv first.")
    encodings = (code for mark, code in _ENCODINGS.items() if _begins(binary, mark))
    encoding = next(encodings, "utf-8-sig")
    return stack.enter_context(io.TextIOWrapper(binary, encoding, newline=""))


def _begins(binary: Any, magic: bytes, *, at: int = 0) -> bool:
    return bool(binary.peek(at + len(magic))[at:].startswith(magic))


def _zip_member(file: Path, binary: IO[bytes], stack: ExitStack) -> Any:
    archive = stack.enter_context(zipfile.ZipFile(binary))
    name = _only_table(file, archive.namelist())
    if archive.getinfo(name).flag_bits & 1:
        raise DataError(f"{file} is encrypted; unpack it with its password first.")
    return io.BufferedReader(stack.enter_context(archive.open(name)))


def _tar_member(file: Path, binary: IO[bytes], stack: ExitStack) -> Any:
    archive = stack.enter_context(tarfile.TarFile(fileobj=binary))
    members = {member.name: member for member in archive if member.isfile()}
    member = archive.extractfile(members[_only_table(file, members)])
    assert member is not None  # it is a file
    return stack.enter_context(member)


def _only_table(file: Path, names: Iterable[str]) -> str:
    """Return the one .csv among an archive's files; those that macOS adds don't count."""
    paths = [PurePosixPath(name) for name in names if not name.endswith("/")]
    own = [p for p in paths if "__MACOSX" not in p.parts and not p.name.startswith("._")]
    tables = [str(path) for path in own if path.suffix.lower() == ".csv"]
    if len(tables) != 1:
        found = ", ".join(tables or map(str, own[:5])) or "nothing"
        raise DataError(f"{file} should hold one .csv file, but holds {len(tables)} ({found}).")
    return tables[0]


def read_rows(
    file: Path, columns: Sequence[str], *, optional: Sequence[str] = ()
) -> Iterator[tuple[str, list[str]]]:
    """Yield each row of a CSV with the place an error can name: "FILE, line N".

    Args:
        file: the table; see the module for what it may be packed in.
        columns: those that it must have; a row holds their cells in this order.
        optional: columns whose cells come after them, "" where the table hasn't got one.

    Raises:
        DataError: if a column is missing or stands there twice, or a row has another number of
            cells than the header. Blank lines are passed over.
    """
    with open_text(file) as stream:
        lines = _lines(file, stream)
        header = next(lines, "")
        delimiter = max(_DELIMITERS, key=header.count)
        names = [name.strip() for name in next(csv.reader([header], delimiter=delimiter), [])]
        places = _places(file, names, columns, optional)
        reader = csv.reader(lines, delimiter=delimiter)
        for row in reader:
            place = f"{file}, line {reader.line_num + 1}"
            if not any(map(str.strip, row)):
                continue
            if len(row) != len(names):
                raise DataError(f"{place}: {len(row)} columns where {len(names)} are needed.")
            yield place, ["" if at is None else row[at] for at in places]


def _lines(file: Path, stream: io.TextIOBase) -> Iterator[str]:
    """Yield lines of a length that a table of faces can have, so that memory stays small."""
    number = 0
    while line := stream.readline(MAX_LINE):
        number += 1
        if len(line) == MAX_LINE:
            raise DataError(f"{file}, line {number} is too long for a table of faces.")
        yield line


def _places(
    file: Path, names: list[str], columns: Sequence[str], optional: Sequence[str]
) -> list[int | None]:
    """Return where each column stands; None for an optional one that doesn't."""
    known = [name.casefold() for name in names]
    wanted = [name.casefold() for name in (*columns, *optional)]
    twice = {name for name in wanted if known.count(name) > 1}
    missing = [name for name in columns if name.casefold() not in known]
    if missing or twice:
        found = ", ".join(name[:40] for name in names[:_SHOWN_COLUMNS] if name) or "none"
        more = ", ..." if len(names) > _SHOWN_COLUMNS else ""
        fault = f"{missing[0]!r} is missing" if missing else f"{min(twice)!r} stands there twice"
        raise DataError(
            f"{file}, line 1: the columns should be {','.join(columns)}; {fault} (found: "
            f"{found}{more})."
        )
    return [known.index(name) if name in known else None for name in wanted]


def write_csv(file: Path, rows: Iterable[Iterable[str]]) -> None:
    """Write rows of cells, whole or not at all."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    write_whole(file, text.getvalue().encode())
