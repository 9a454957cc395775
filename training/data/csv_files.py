"""CSV files that may be compressed: read row by row with the place of each, written whole."""

import csv
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TextIO

from ferstudio.errors import DataError
from ferstudio.files import write_whole


@contextmanager
def open_text(file: Path) -> Iterator[TextIO]:
    """Open a text file that may be compressed as .xz, .gz or .zip (its only .csv member).

    Raises:
        DataError: if the file is missing, or can't be decompressed or decoded while it is read.
    """
    try:
        with ExitStack() as stack:
            yield _open_stream(file, stack)
    except OSError as error:
        raise DataError(f"{file} can't be read: {error.strerror or error}.") from error
    except (EOFError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{file} can't be read: {error}.") from error
    except (lzma.LZMAError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(f"{file} is damaged or cut short: {error}.") from error


def _open_stream(file: Path, stack: ExitStack) -> TextIO:
    if file.suffix == ".xz":
        return stack.enter_context(lzma.open(file, "rt", encoding="utf-8", newline=""))
    if file.suffix == ".gz":
        return stack.enter_context(gzip.open(file, "rt", encoding="utf-8", newline=""))
    if file.suffix == ".zip":
        archive = stack.enter_context(zipfile.ZipFile(file))
        members = [name for name in archive.namelist() if name.endswith(".csv")]
        if len(members) != 1:
            raise DataError(f"{file} should hold one .csv file, but holds {len(members)}.")
        binary = stack.enter_context(archive.open(members[0]))
        return stack.enter_context(io.TextIOWrapper(binary, "utf-8", newline=""))
    return stack.enter_context(file.open(encoding="utf-8", newline=""))


def read_rows(file: Path, columns: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield each row of a CSV with the place an error can name: "FILE, line N".

    Raises:
        DataError: if the header isn't `columns` or a row has another number of them.
    """
    with open_text(file) as stream:
        reader = csv.reader(stream)
        if next(reader, []) != columns:
            raise DataError(f"{file}, line 1: the columns should be {','.join(columns)}.")
        for row in reader:
            place = f"{file}, line {reader.line_num}"
            if len(row) != len(columns):
                raise DataError(f"{place}: {len(row)} columns where {len(columns)} are needed.")
            yield place, row


def write_csv(file: Path, rows: Iterable[Iterable[str]]) -> None:
    """Write rows of cells, whole or not at all."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    write_whole(file, text.getvalue().encode())
