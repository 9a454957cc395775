from pathlib import Path

import pytest

from ferstudio.errors import DataError
from training.data.photographs import find_photographs


def test_photographs_lie_in_folders_of_their_labels_or_bear_them(tmp_path: Path) -> None:
    for name in (
        "fear/b.jpg",
        "fear/a.PNG",
        "fear_01.jpg",
        "fear/notes.txt",
        "anger_2.webp",
        "fear/._a.PNG",
        "anger_3.HEIC",
        "anger_4.avif",
        "x.jpg",
    ):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.touch()
    found = [(file.name, label) for file, label in find_photographs(tmp_path, "ferplus")]
    assert found == [
        ("anger_2.webp", "anger"), ("anger_3.HEIC", "anger"), ("anger_4.avif", "anger"),
        ("a.PNG", "fear"), ("b.jpg", "fear"), ("fear_01.jpg", "fear"),
    ]  # fmt: skip


def test_a_folder_without_any_is_refused(tmp_path: Path) -> None:
    (tmp_path / "fear").mkdir()
    with pytest.raises(DataError, match="nor named LABEL_...: neutral, happiness"):
        find_photographs(tmp_path, "ferplus")
