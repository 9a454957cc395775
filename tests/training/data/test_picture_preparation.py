"""Pictures of other data sets become a cache in their side, colours and labels."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from ferstudio.errors import DataError, UsageError
from ferstudio.labels import described, label_set
from ferstudio.regions import COMPACT, mean_face
from tests.training.data.made_pictures import (
    AFFECTNET_HEAD,
    tinted,
    write_affectnet,
    write_rafdb,
)
from training.data import picture_preparation
from training.data.cache import load_split, splits_of
from training.data.picture_lists import pictures_in_folders, pictures_in_list
from training.data.picture_preparation import PictureSet, prepare_pictures
from training.data.protocols import evaluation_labels, protocol_of
from training.prepare import main

POINTS = mean_face()[list(COMPACT)]


@pytest.fixture(autouse=True)
def _points_of_the_mean_face(monkeypatch: pytest.MonkeyPatch) -> None:
    def found(face: NDArray[np.uint8]) -> NDArray[np.float32]:
        return (POINTS * len(face)).astype(np.float32)

    monkeypatch.setattr(picture_preparation, "find_landmarks", found)


@pytest.mark.slow
def test_rafdbs_list_and_aligned_pictures_become_a_cache_in_colour(tmp_path: Path) -> None:
    listed = write_rafdb(tmp_path / "raf")
    images, out = listed.parents[1] / "Image" / "aligned", tmp_path / "cache"
    asked = PictureSet(images, "rafdb", (listed,), side_px=100, valid_share=0.34)
    assert prepare_pictures(asked, out) == {"train": 14, "valid": 7, "test": 7}
    assert splits_of(out) == ["train", "valid", "test"]
    train, test = load_split(out, "train"), load_split(out, "test")
    assert train.images.shape == (14, 100, 100, 3) and train.planes.shape == (14, 3, 100, 100)
    assert (train.labels, train.side_px) == ("rafdb", 100)
    assert np.bincount(train.truth).tolist() == [2] * 7  # each emotion lost the same share
    first = tinted(label_set("rafdb")[0], 0)
    assert (
        abs(test.images[0].astype(int) - first).mean() < 6
    )  # a JPEG's loss alone, no channel swapped
    np.testing.assert_allclose(test.landmarks_xy_px[0], POINTS * 100, atol=0.3)
    assert evaluation_labels(test, "rafdb").tolist() == list(range(7))
    with pytest.raises(UsageError, match="labels of RAF-DB, not of FER2013"):
        evaluation_labels(test, "fer2013")
    with pytest.raises(UsageError, match="RAF-DB"):
        evaluation_labels(test, "ferplus")
    assert protocol_of("rafdb") == "RAF-DB label"


def test_folders_by_split_and_label_become_a_grey_cache(tmp_path: Path) -> None:
    for split in ("Train", "val"):
        for label in ("Anger", "3"):  # by name, and by RAF-DB's code for disgust
            folder = tmp_path / "set" / split / label
            folder.mkdir(parents=True)
            for number in range(2):
                Image.fromarray(tinted("anger", number, 64)).save(folder / f"{number}.png")
            (folder / "0.png").rename(folder / "0.TIF")  # told by content, and by any ending
            (folder / "._1.png").write_bytes(b"left by macOS")
    line = ["--images", str(tmp_path / "set"), "--out", str(tmp_path / "cache"), "--grey"]
    assert main([*line, "--side", "48", "--workers", "0"]) == 0
    train, valid = (load_split(tmp_path / "cache", name) for name in ("train", "valid"))
    assert train.images.shape == (4, 48, 48) and len(valid) == 4
    assert sorted(set(train.truth)) == sorted(
        label_set("rafdb").index(name) for name in ("anger", "disgust")
    )


@pytest.mark.slow
def test_affectnets_lists_name_faces_in_pictures_and_none_without_an_emotion(
    tmp_path: Path,
) -> None:
    lists = write_affectnet(tmp_path)
    eight = [
        each for file in lists for each in pictures_in_list(file, tmp_path, described("affectnet8"))
    ]
    assert [each.split for each in eight] == ["train"] * 4 + ["test"] * 4
    emotions = [label_set("affectnet8")[each.label] for each in eight[:4]]
    assert emotions == ["neutral", "happiness", "contempt", "fear"]
    assert list(eight[0].box_xyxy_px or ()) == [50, 30, 150, 130]
    seven = pictures_in_list(lists[0], tmp_path, described("affectnet7"))
    assert len(seven) == 3
    asked = PictureSet(tmp_path, "affectnet7", tuple(lists), side_px=100)
    prepare_pictures(asked, tmp_path / "cache")
    face = load_split(tmp_path / "cache", "test").images[0]
    assert abs(face.astype(int) - tinted("neutral", 0)).max() == 0  # the box itself


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("train_00001.jpg", "line 2: a picture and its label"),
        ("train_00001.jpg 9", "line 2: names begin with train or test"),
        ("dev_00001.jpg 1", "line 2: names begin"),
        ("train_99999.jpg 1", "line 2: .* has neither train_99999_aligned.jpg nor train_99999.jpg"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str, said: str) -> None:
    listed = write_rafdb(tmp_path, 1)
    listed.write_text(f"{listed.read_text().splitlines()[0]}\n{line}\n")
    with pytest.raises(DataError, match=said):
        pictures_in_list(listed, tmp_path / "Image" / "aligned", described("rafdb"))


@pytest.mark.parametrize(
    ("form", "labels", "choice"),
    [
        ("affectnet", "rafdb", "affectnet7 or affectnet8"),
        ("affectnet", "ckplus", "affectnet7 or affectnet8"),
        ("rafdb", "affectnet8", "rafdb"),
        ("rafdb", "fer2013", "rafdb"),
    ],
)
def test_a_list_with_another_sets_codes_is_refused(
    tmp_path: Path, form: str, labels: str, choice: str
) -> None:
    listed = write_rafdb(tmp_path, 1) if form == "rafdb" else write_affectnet(tmp_path)[0]
    with pytest.raises(DataError, match=rf"choose --labels {choice}\."):
        pictures_in_list(listed, tmp_path, described(labels))


def test_unreadable_pictures_are_named_and_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = write_rafdb(tmp_path)
    images = tmp_path / "Image" / "aligned"
    (images / "train_00001_aligned.jpg").write_bytes(b"")
    (images / "test_00001_aligned.jpg").write_bytes(b"no picture")
    asked = PictureSet(images, "rafdb", (listed,), side_px=32)
    assert sum(prepare_pictures(asked, tmp_path / "cache").values()) == 4 * 7 - 2
    said = capsys.readouterr().err
    assert "train_00001_aligned.jpg is left out: " in said and "is empty" in said
    assert "test_00001_aligned.jpg is left out: " in said
    test = load_split(tmp_path / "cache", "test")
    assert (len(test), test.names[0]) == (6, "test_00002_aligned.jpg")
    for file in images.iterdir():
        file.write_bytes(b"")
    with pytest.raises(DataError, match="None of the 28 pictures"):
        prepare_pictures(asked, tmp_path / "none")


@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_a_box_in_a_picture_that_is_read_smaller_finds_the_face(
    tmp_path: Path, suffix: str
) -> None:
    large = np.zeros((2400, 6000, 3), np.uint8)
    face = tinted("happiness", 0, 600)
    large[900:1500, 4200:4800] = face
    Image.fromarray(large).save(tmp_path / f"large.{suffix}")
    listed = tmp_path / "training.csv"
    listed.write_text(f"{AFFECTNET_HEAD}\nlarge.{suffix},4200,900,600,600,1;2,1,0,0\n")
    asked = PictureSet(tmp_path, "affectnet8", (listed,), side_px=96)
    prepare_pictures(asked, tmp_path / "cache")
    kept = load_split(tmp_path / "cache", "train").images[0].astype(int)
    same = np.asarray(Image.fromarray(face).resize((96, 96)), int)
    assert abs(kept - same).mean() < 6


def test_folders_that_name_no_emotion_and_none_at_all_are_refused(tmp_path: Path) -> None:
    (tmp_path / "train" / "boredom").mkdir(parents=True)
    with pytest.raises(DataError, match="has no emotion 'boredom'"):
        pictures_in_folders(tmp_path, described("rafdb"))
    with pytest.raises(DataError, match="no pictures as SPLIT/LABEL"):
        pictures_in_folders(tmp_path / "train", described("rafdb"))


def test_one_source_is_needed_and_no_more(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for extra in ([], ["--fer2013", "a"], ["--fer2013", "a", "--ferplus", "b", "--images", "c"]):
        assert main([*extra, "--out", str(tmp_path)]) == 2
        assert "--fer2013 and --ferplus, or --images" in capsys.readouterr().err
    with pytest.raises(UsageError, match="--side"):
        PictureSet(tmp_path, "rafdb", side_px=9)
