"""Compressed files, and files that are damaged."""

import gzip
import lzma
import zipfile
from pathlib import Path

import numpy as np
import pytest

from ferstudio.errors import DataError
from tests.training.data.public_files import USAGES, face, fer2013_rows, write
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
    with pytest.raises(DataError, match=r"should hold one \.csv file, but holds 2"):
        read_fer2013(file)


def test_a_text_in_another_encoding_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "fer2013.csv"
    file.write_bytes("emotion,pixels,Usage\n0,é,Training\n".encode("latin-1"))
    with pytest.raises(DataError, match=r"fer2013\.csv can't be read"):
        read_fer2013(file)
