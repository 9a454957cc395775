import zipfile
from pathlib import Path

import pytest

from ferstudio.errors import DataError, ImageError, UsageError
from ferstudio.study import faces as module
from ferstudio.study.faces import emotion_of, study_faces
from tests.study.studied import write_faces, zipped


def test_a_folder_labels_its_pictures(tmp_path: Path) -> None:
    found = study_faces(write_faces(tmp_path / "set", 4))
    assert found.source == "set"
    assert [(face.name, face.label) for face in found.faces] == [
        ("anger/01.png", "anger"), ("anger/03.png", "anger"),
        ("happy/00.png", "happiness"), ("happy/02.png", "happiness"),
    ]  # fmt: skip
    read = found.read(found.faces[0])
    assert isinstance(read, Path) and read.stat().st_size == found.faces[0].size_bytes


def test_a_zip_says_what_its_folder_says(tmp_path: Path) -> None:
    folder = write_faces(tmp_path / "set", 4)
    (folder / "anger" / ".hidden.png").write_bytes(b"")
    of_folder, of_zip = study_faces(folder), study_faces(zipped(folder, tmp_path / "set.zip"))
    assert of_zip.faces == of_folder.faces
    assert of_zip.digest == of_folder.digest
    assert of_zip.read(of_zip.faces[2]) == (folder / "happy" / "00.png").read_bytes()


def test_a_picture_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("sad/a.png", bytes(2**21))
    monkeypatch.setattr(module, "MAX_PICTURE_BYTES", 2**20)
    found = study_faces(tmp_path / "bomb.zip")
    with pytest.raises(ImageError, match="a.png unpacks to more than 1 MB"):
        found.read(found.faces[0])


def test_a_damaged_picture_in_a_zip_is_the_pictures_fault(tmp_path: Path) -> None:
    file = zipped(write_faces(tmp_path / "set", 2), tmp_path / "set.zip")
    content = bytearray(file.read_bytes())
    content[60] ^= 0xFF
    file.write_bytes(content)
    found = study_faces(file)
    with pytest.raises(ImageError, match="can't be unpacked"):
        found.read(found.faces[0])


def test_a_csv_names_files_beside_it(tmp_path: Path) -> None:
    write_faces(tmp_path, 2)
    table = tmp_path / "set.csv"
    table.write_text("file,label\nhappy/00.png,Happiness\nanger/01.png,\n")
    found = study_faces(table)
    assert [face.label for face in found.faces] == ["happiness", ""]
    assert found.read(found.faces[1]) == tmp_path / "anger" / "01.png"
    table.write_text("file\nhappy/00.png\n")
    assert [face.label for face in study_faces(table).faces] == [""]


def test_another_label_is_another_study(tmp_path: Path) -> None:
    table = tmp_path / "set.csv"
    digests = set()
    for label in ("sad", "fear", ""):
        table.write_text(f"file,label\na.png,{label}\n")
        digests.add(study_faces(table).digest)
    assert len(digests) == 3


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("name,emotion\n", "must begin with the header file or file,label"),
        ("", "must begin with the header"),
        ("file,label\na.png,joyful\n", "line 2: 'joyful' is none of anger"),
        ("file,label\n,sad\n", "line 2: give a file"),
        ("file,label\na.png,sad,1\n", "line 2: give a file and at most a label"),
        ("file,label\n\xff", "can't be read as a CSV"),
    ],
)
def test_a_wrong_csv_is_one_sentence(tmp_path: Path, content: str, sentence: str) -> None:
    (tmp_path / "set.csv").write_bytes(content.encode("latin-1"))
    with pytest.raises(DataError, match=sentence):
        study_faces(tmp_path / "set.csv")


@pytest.mark.parametrize("name", ["none", "empty.csv", "text.txt", "empty.zip", "folder"])
def test_a_place_without_faces_is_one_sentence(tmp_path: Path, name: str) -> None:
    place = tmp_path / name
    (tmp_path / "empty.csv").write_text("file\n")
    (tmp_path / "text.txt").write_text("no faces")
    (tmp_path / "folder").mkdir()
    with zipfile.ZipFile(tmp_path / "empty.zip", "w") as archive:
        archive.writestr("read.me", "nothing")
    with pytest.raises(UsageError, match=name):
        study_faces(place)


@pytest.mark.parametrize(
    ("word", "emotion"),
    [("Happy", "happiness"), (" angry ", "anger"), ("CONTEMPT", "contempt"), ("train", "")],
)
def test_words_for_emotions(word: str, emotion: str) -> None:
    assert emotion_of(word) == emotion
