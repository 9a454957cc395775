"""From the two public files to a cache, and one sentence for every way they can be wrong."""

import csv
import gzip
import lzma
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ferstudio.errors import DataError, UsageError
from ferstudio.regions import COMPACT, mean_face
from training import prepare
from training.data import landmarks, preparation
from training.data.cache import META_FILE, load_split
from training.data.fer2013 import read_fer2013
from training.data.ferplus import VOTE_COLUMNS, read_ferplus
from training.data.landmarks import find_landmarks

Rows = list[list[str]]

USAGES = ("Training", "Training", "PublicTest", "PublicTest", "PublicTest")


def face(row: int) -> NDArray[np.uint8]:
    return np.random.default_rng(row).integers(0, 256, (48, 48), np.uint8)


def points(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Stand in for the landmark finder: row 3 has no face, the others the mean face."""
    if np.array_equal(image, face(3)):
        return np.full((len(COMPACT), 2), np.nan, np.float32)
    return mean_face()[list(COMPACT)] * 48


def fer2013_rows() -> Rows:
    rows = [
        [str(row), " ".join(map(str, face(row).ravel())), usage] for row, usage in enumerate(USAGES)
    ]
    return [["emotion", "pixels", "Usage"], *rows]


def ferplus_rows() -> Rows:
    header = ["Usage", "Image name", *VOTE_COLUMNS]
    rows = [
        [usage, f"fer{row:07d}.png", *map(str, np.eye(10, dtype=int)[row] * 9)]
        for row, usage in enumerate(USAGES)
    ]
    rows[4][1] = ""
    return [header, *rows]


def write(file: Path, rows: Rows) -> Path:
    with file.open("w", newline="") as stream:
        csv.writer(stream).writerows(rows)
    return file


class Files:
    """The two files of one test, as they should be until it changes them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.fer2013 = fer2013_rows()
        self.ferplus = ferplus_rows()

    def arguments(self) -> list[str]:
        fer2013 = write(self.folder / "fer2013.csv", self.fer2013)
        ferplus = write(self.folder / "ferplus.csv", self.ferplus)
        return ["--fer2013", str(fer2013), "--ferplus", str(ferplus), "--out", str(self.out)]

    @property
    def out(self) -> Path:
        return self.folder / "cache"


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Files:
    monkeypatch.setattr(preparation, "find_landmarks", points)
    return Files(tmp_path)


def test_prepare_makes_a_cache(files: Files, capsys: pytest.CaptureFixture[str]) -> None:
    assert prepare.main([*files.arguments(), "--workers", "0"]) == 0
    assert capsys.readouterr().out == "train: 2 faces, valid: 3 faces\n"
    train, valid = (load_split(files.out, split) for split in ("train", "valid"))
    assert train.fer2013.tolist() == [0, 1]
    assert valid.fer2013.tolist() == [2, 3, 4]
    np.testing.assert_array_equal(valid.images, [face(2), face(3), face(4)])
    assert valid.found().tolist() == [True, False, True]
    assert valid.names.tolist() == ["fer0000002.png", "fer0000003.png", ""]
    np.testing.assert_array_equal(valid.votes[0], np.eye(10)[2] * 9)
    assert valid.votes[2].sum() == 0  # not in FER+, so its votes don't count
    with pytest.raises(DataError, match="has no 'test' split"):
        load_split(files.out, "test")


def test_preparing_again_replaces_the_cache(files: Files) -> None:
    assert prepare.main([*files.arguments(), "--workers", "0"]) == 0
    files.fer2013[1][0] = "6"
    assert prepare.main([*files.arguments(), "--workers", "0"]) == 0
    assert load_split(files.out, "train").fer2013.tolist() == [6, 1]


def test_a_stopped_run_leaves_no_cache_that_looks_whole(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert prepare.main([*files.arguments(), "--workers", "0"]) == 0

    def stopped(image: NDArray[np.uint8]) -> NDArray[np.float32]:
        raise KeyboardInterrupt

    monkeypatch.setattr(preparation, "find_landmarks", stopped)
    with pytest.raises(KeyboardInterrupt):
        prepare.main([*files.arguments(), "--workers", "0"])
    with pytest.raises(DataError, match="holds no prepared data"):
        load_split(files.out, "train")


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


def with_cell(rows: Rows, line: int, column: int, cell: str) -> None:
    rows[line - 1][column] = cell


PIXELS = " ".join(["7"] * 2304)


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ((3, 0, "7"), r"fer2013\.csv, line 3: emotion is '7', not a digit from 0 to 6"),
        ((3, 0, ""), r"line 3: emotion is ''"),
        ((3, 0, "happy"), r"line 3: emotion is 'happy'"),
        ((4, 1, PIXELS[:-2]), r"line 4: 2303 pixels where 2304 are needed"),
        ((4, 1, PIXELS + " 7"), r"line 4: 2305 pixels where 2304 are needed"),
        ((4, 1, ""), r"line 4: 0 pixels"),
        ((4, 1, PIXELS[:-1] + "x"), r"line 4: a pixel is not a whole number"),
        ((4, 1, PIXELS[:-1] + "1.5"), r"line 4: a pixel is not a whole number"),
        ((4, 1, PIXELS[:-1] + "9" * 30), r"line 4: a pixel is not a whole number"),
        ((4, 1, PIXELS[:-1] + "256"), r"line 4: a pixel is not between 0 and 255"),
        ((4, 1, PIXELS[:-1] + "-1"), r"line 4: a pixel is not between 0 and 255"),
        ((2, 2, "training"), r"line 2: Usage is 'training', not one of Training, PublicTest,"),
        ((1, 1, "picture"), r"line 1: the columns should be emotion,pixels,Usage"),
    ],
)
def test_a_wrong_cell_in_fer2013_is_named(
    files: Files, cell: tuple[int, int, str], message: str
) -> None:
    with_cell(files.fer2013, *cell)
    with pytest.raises(DataError, match=message):
        read_fer2013(write(files.folder / "fer2013.csv", files.fer2013))


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ((5, 3, "x"), r"ferplus\.csv, line 5: a vote is not a whole number"),
        ((5, 3, ""), r"line 5: a vote is not a whole number"),
        ((5, 3, "11"), r"line 5: votes must lie between 0 and 10"),
        ((5, 3, "-1"), r"line 5: votes must lie between 0 and 10"),
        ((1, 2, "calm"), r"line 1: the columns should be Usage,Image name,neutral,"),
    ],
)
def test_a_wrong_cell_in_ferplus_is_named(
    files: Files, cell: tuple[int, int, str], message: str
) -> None:
    with_cell(files.ferplus, *cell)
    with pytest.raises(DataError, match=message):
        read_ferplus(write(files.folder / "ferplus.csv", files.ferplus))


def _short_fer2013_row(files: Files) -> None:
    files.fer2013[3].pop()


def _short_ferplus_row(files: Files) -> None:
    files.ferplus[3].pop()


def _missing_column(files: Files) -> None:
    for row in files.fer2013:
        del row[1]


def _other_usage(files: Files) -> None:
    files.ferplus[3][0] = "PrivateTest"


def _lost_row(files: Files) -> None:
    files.ferplus.pop()


def _no_faces(files: Files) -> None:
    del files.fer2013[1:]


def _empty_file(files: Files) -> None:
    files.fer2013.clear()


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (_short_fer2013_row, "fer2013.csv, line 4: 2 columns where 3 are needed."),
        (_short_ferplus_row, "ferplus.csv, line 4: 11 columns where 12 are needed."),
        (_missing_column, "fer2013.csv, line 1: the columns should be emotion,pixels,Usage."),
        (_other_usage, "ferplus.csv, line 4: Usage is 'PrivateTest', but 'PublicTest' in"),
        (_lost_row, "ferplus.csv has 4; take both from the same release."),
        (_no_faces, "fer2013.csv holds no faces."),
        (_empty_file, "fer2013.csv, line 1: the columns should be emotion,pixels,Usage."),
    ],
)
def test_the_command_ends_with_status_2_and_one_line(
    files: Files, capsys: pytest.CaptureFixture[str], spoil: object, sentence: str
) -> None:
    assert callable(spoil)
    spoil(files)
    assert prepare.main(files.arguments()) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert sentence in err
    assert not (files.out / META_FILE).exists()


def test_a_missing_file_is_named(files: Files, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = files.arguments()
    (files.folder / "ferplus.csv").unlink()
    assert prepare.main(arguments) == 2
    assert "ferplus.csv can't be read: No such file or directory." in capsys.readouterr().err


def test_a_text_in_another_encoding_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "fer2013.csv"
    file.write_bytes("emotion,pixels,Usage\n0,é,Training\n".encode("latin-1"))
    with pytest.raises(DataError, match=r"fer2013\.csv can't be read"):
        read_fer2013(file)


def test_a_negative_number_of_workers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="must not be negative, not -1"):
        preparation.prepare(tmp_path / "a.csv", tmp_path / "b.csv", tmp_path, workers=-1)


def test_an_empty_picture_has_no_landmarks() -> None:
    pytest.importorskip("mediapipe")
    found = find_landmarks(np.full((48, 48), 128, np.uint8))
    assert found.shape == (len(COMPACT), 2)
    assert np.isnan(found).all()


def test_landmarks_come_back_in_pixels_of_the_small_face(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    class Corners:
        """Finds every point in the middle of the picture's upper left quarter."""

        def detect(self, image: NDArray[np.uint8]) -> list[object]:
            from ferstudio.types import Face

            seen.append(image)
            middle = np.full((478, 2), 48 + 96 / 2, np.float32)
            return [Face((0, 0, 1, 1), middle, 1.0)]

    monkeypatch.setattr(landmarks, "_detector", Corners)
    image = np.zeros((48, 48), np.uint8)
    image[:24, :24] = 200
    np.testing.assert_allclose(find_landmarks(image), 12.0)
    assert seen[0].shape == (288, 288, 3)
    assert cv2.mean(seen[0][:100, :100])[0] == 200  # the border continues the face
