"""Compressed files, and files that are damaged."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ferstudio.errors import DataError
from tests.training.data.public_files import USAGES, face, fer2013_rows, write
from training.data.csv_files import read_rows
from training.data.fer2013 import read_fer2013


def compressed(file: Path) -> list[Path]:
    content = file.read_bytes()
    xz, gz, archive = (file.with_name(file.name + suffix) for suffix in (".xz", ".gz", ".zip"))
    xz.write_bytes(lzma.compress(content))
    gz.write_bytes(gzip.compress(content))
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as stream:
        stream.writestr("fer2013/fer2013.csv", content)
        stream.writestr("fer2013/README.txt", "read me")
    return [xz, gz, archive]


def tarred(content: bytes, compression: str) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=f"w:{compression}") as archive:  # type: ignore[call-overload]
        for name, part in (("fer2013/._fer2013.csv", b"\0"), ("fer2013/fer2013.csv", content)):
            member = tarfile.TarInfo(name)
            member.size = len(part)
            archive.addfile(member, io.BytesIO(part))
    return packed.getvalue()


def zipped_on_a_mac(content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("fer2013/", b"")
        archive.writestr("fer2013/FER2013.CSV", content)
        archive.writestr("__MACOSX/fer2013/._FER2013.CSV", b"\0\1")
        archive.writestr("fer2013/._FER2013.CSV", b"\0\1")
    return packed.getvalue()


WRAPPINGS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "a byte order mark": ("a.csv", lambda text: b"\xef\xbb\xbf" + text),
    "UTF-16": ("a.csv", lambda text: text.decode().encode("utf-16")),
    "blank lines": ("a.csv", lambda text: text.replace(b"\r\n", b"\r\n\r\n") + b"\n , ,\n"),
    "Unix lines": ("a.csv", lambda text: text.replace(b"\r\n", b"\n")),
    "semicolons": ("a.csv", lambda text: text.replace(b",", b";")),
    "blanks in the header": ("a.csv", lambda text: text.replace(b",pixels,U", b", Pixels , u", 1)),
    "a ZIP's name in capitals": ("a.ZIP", zipped_on_a_mac),
    "no name to tell by": ("download", gzip.compress),
    "bzip2": ("a.csv.bz2", bz2.compress),
    "tar": ("a.tar", lambda text: tarred(text, "")),
    "tar in gzip": ("a.tar.gz", lambda text: tarred(text, "gz")),
    "tar in xz": ("a.txz", lambda text: tarred(text, "xz")),
}


@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_the_same_columns_are_read_in_any_wrapping(tmp_path: Path, wrapping: str) -> None:
    name, wrap = WRAPPINGS[wrapping]
    plain = write(tmp_path / "plain.csv", fer2013_rows())
    (tmp_path / name).write_bytes(wrap(plain.read_bytes()))
    images, labels, usages = read_fer2013(tmp_path / name)
    np.testing.assert_array_equal(images, [face(row) for row in range(5)])
    assert labels.tolist() == [0, 1, 2, 3, 4]
    assert usages == list(USAGES)


def test_columns_stand_in_any_order_with_others_beside_them(tmp_path: Path) -> None:
    rows = [["", "Usage", "note", "pixels", "emotion"]] + [
        [str(number), row[2], "x", row[1], row[0]] for number, row in enumerate(fer2013_rows()[1:])
    ]
    images, labels, usages = read_fer2013(write(tmp_path / "pandas.csv", rows))
    np.testing.assert_array_equal(images, [face(row) for row in range(5)])
    assert labels.tolist() == [0, 1, 2, 3, 4] and usages == list(USAGES)


def test_optional_columns_are_empty_where_there_are_none(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", [["b", "a"], ["1", "2"]])
    rows = [cells for _, cells in read_rows(file, ["a"], optional=["c", "b"])]
    assert rows == [["2", "", "1"]]


def test_a_line_is_named_by_its_number_in_the_file(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a\n1\n\n2\n")
    places = [place for place, _ in read_rows(tmp_path / "a.csv", ["a"])]
    assert places == [f"{tmp_path / 'a.csv'}, line {line}" for line in (2, 4)]


def encrypted(content: bytes) -> bytes:
    """Return a ZIP whose only member says that it is encrypted."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.csv", content)
    raw = bytearray(packed.getvalue())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.index(mark) + flags] |= 1
    return bytes(raw)


UNREADABLE: dict[str, tuple[bytes, str]] = {
    "other columns": (
        b"emotion,picture,Usage\n",
        r"'pixels' is missing \(found: emotion, picture,",
    ),
    "a column twice": (b"pixels,emotion,PIXELS,Usage\n", "'pixels' stands there twice"),
    "empty": (b"", r"'emotion' is missing \(found: none\)"),
    "7z": (b"7z\xbc\xaf\x27\x1c" + bytes(40), "is a 7z file; unpack it to .csv first"),
    "encrypted": (
        encrypted(b"emotion,pixels,Usage\n"),
        "is encrypted; unpack it with its password",
    ),
    "an empty table": (tarred(b"", "gz"), "columns should be emotion,pixels,Usage"),
    "an endless line": (gzip.compress(bytes(1 << 20)), "line 1 is too long for a table of faces"),
    "an endless cell": (
        gzip.compress(b"emotion,pixels,Usage\n0," + b"1 " * (1 << 20)),
        "line 2 is too long for a table of faces",
    ),
}


@pytest.mark.parametrize("fault", UNREADABLE)
def test_what_is_not_read_says_what_was_found(tmp_path: Path, fault: str) -> None:
    content, sentence = UNREADABLE[fault]
    (tmp_path / "table.csv").write_bytes(content)
    with pytest.raises(DataError, match=sentence):
        read_fer2013(tmp_path / "table.csv")


def test_compressed_files_read_as_plain_ones(tmp_path: Path) -> None:
    plain = write(tmp_path / "fer2013.csv", fer2013_rows())
    images, labels, usages = read_fer2013(plain)
    np.testing.assert_array_equal(images, [face(row) for row in range(5)])
    for file in compressed(plain):
        other_images, other_labels, other_usages = read_fer2013(file)
        np.testing.assert_array_equal(other_images, images)
        np.testing.assert_array_equal(other_labels, labels)
        assert other_usages == usages == list(USAGES)


@pytest.mark.parametrize("suffix", [".xz", ".gz", ".zip"])
def test_a_file_cut_short_is_refused(tmp_path: Path, suffix: str) -> None:
    file = next(
        file
        for file in compressed(write(tmp_path / "fer2013.csv", fer2013_rows()))
        if file.suffix == suffix
    )
    file.write_bytes(file.read_bytes()[:-400])
    with pytest.raises(DataError, match=rf"fer2013\.csv\{suffix} (can't be read|is damaged)"):
        read_fer2013(file)


def test_a_flipped_byte_inside_gzip_is_refused(tmp_path: Path) -> None:
    file = compressed(write(tmp_path / "fer2013.csv", fer2013_rows()))[1]
    content = bytearray(file.read_bytes())
    content[200] ^= 0xFF
    file.write_bytes(content)
    with pytest.raises(DataError, match=r"fer2013\.csv\.gz"):
        read_fer2013(file)


def test_a_zip_of_two_tables_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "two.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.csv", "")
        archive.writestr("b.csv", "")
    with pytest.raises(
        DataError, match=r"should hold one \.csv file, but holds 2 \(a.csv, b.csv\)"
    ):
        read_fer2013(file)


def test_a_text_in_another_encoding_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "fer2013.csv"
    file.write_bytes("emotion,pixels,Usage\n0,é,Training\n".encode("latin-1"))
    with pytest.raises(DataError, match=r"fer2013\.csv is no text in UTF-8"):
        read_fer2013(file)
