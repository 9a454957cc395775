"""From the two public files to a cache, and one sentence for every way they can be wrong."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ferstudio.errors import DataError, UsageError
from ferstudio.interruptions import STOPPED
from ferstudio.labels import FER2013, FERPLUS
from ferstudio.regions import COMPACT, mean_face
from tests.training.data.public_files import face, fer2013_rows, ferplus_rows, write
from training import prepare
from training.data import preparation
from training.data.cache import META_FILE, load_split
from training.data.ferplus import VOTE_COLUMNS


def points(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Stand in for the landmark finder: row 3 has no face, the others the mean face."""
    if np.array_equal(image, face(3)):
        return np.full((len(COMPACT), 2), np.nan, np.float32)
    return mean_face()[list(COMPACT)] * 48


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
    assert train.truth.tolist() == [0, 1]
    assert valid.truth.tolist() == [2, 3, 4]
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
    assert load_split(files.out, "train").truth.tolist() == [6, 1]


def test_a_stopped_run_leaves_no_cache_that_looks_whole(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert prepare.main([*files.arguments(), "--workers", "0"]) == 0

    def stopped(image: NDArray[np.uint8]) -> NDArray[np.float32]:
        raise KeyboardInterrupt

    monkeypatch.setattr(preparation, "find_landmarks", stopped)
    assert prepare.main([*files.arguments(), "--workers", "0"]) == STOPPED
    with pytest.raises(DataError, match="holds no prepared data"):
        load_split(files.out, "train")


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
        (_missing_column, "fer2013.csv, line 1: the columns should be emotion,pixels,Usage; "),
        (_other_usage, "ferplus.csv, line 4: Usage is 'PrivateTest', but 'PublicTest' in"),
        (_lost_row, "ferplus.csv has 4; take both from the same release."),
        (_no_faces, "fer2013.csv holds no faces."),
        (_empty_file, "fer2013.csv, line 1: the columns should be emotion,pixels,Usage; "),
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


def test_shuffled_rows_train_nobody(
    files: Files, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows of one usage, so that nothing but their labels tells that they were shuffled."""
    shared = [name for name in FER2013 if name in FERPLUS]
    emotions = [shared[row % len(shared)] for row in range(60)]
    pixels = files.fer2013[1][1]
    files.fer2013[1:] = [[str(FER2013.index(name)), pixels, "Training"] for name in emotions]
    files.ferplus[1:] = [
        [
            "Training",
            f"fer{row:07d}.png",
            *("9" if column == name else "0" for column in VOTE_COLUMNS),
        ]
        for row, name in enumerate(emotions)
    ]
    files.ferplus.append(files.ferplus.pop(1))  # shifted by a row
    assert prepare.main([*files.arguments(), "--workers", "0"]) == 2
    said = capsys.readouterr().err
    assert "don't belong together row by row" in said and said.count("\n") == 1
    assert not files.out.exists()
    files.ferplus.insert(1, files.ferplus.pop())
    assert prepare.main([*files.arguments(), "--workers", "0"]) == 0


def test_a_missing_file_is_named(files: Files, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = files.arguments()
    (files.folder / "ferplus.csv").unlink()
    assert prepare.main(arguments) == 2
    assert "ferplus.csv can't be read: No such file or directory." in capsys.readouterr().err


def test_a_negative_number_of_workers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="must not be negative, not -1"):
        preparation.prepare(tmp_path / "a.csv", tmp_path / "b.csv", tmp_path, workers=-1)
