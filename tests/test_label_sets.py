"""Label sets are data: one file each, in the data sets' own codes."""

import json
from pathlib import Path

import pytest

from ferstudio import labels
from ferstudio.errors import DataError, UnknownNameError
from ferstudio.labels import FER2013, FERPLUS, LABEL_SETS, described, label_set

SIZES = {
    "ferplus": 8, "fer2013": 7, "rafdb": 7, "affectnet7": 7, "affectnet8": 8, "ckplus": 7,
    "oulucasia": 6,
}  # fmt: skip


def test_each_set_has_its_papers_number_of_emotions() -> None:
    assert {name: len(LABEL_SETS[name]) for name in LABEL_SETS} == SIZES
    assert (label_set("ferplus"), label_set("fer2013")) == (FERPLUS, FER2013)
    assert "contempt" in label_set("ckplus") and "neutral" not in label_set("ckplus")
    assert "neutral" not in label_set("oulucasia")
    with pytest.raises(UnknownNameError, match="rafdb"):
        label_set("jaffe")


def test_codes_are_those_of_the_official_files() -> None:
    raf = described("rafdb")
    assert [raf.emotion(str(code)) for code in range(1, 9)] == [
        "surprise", "fear", "disgust", "happiness", "sadness", "anger", "neutral", None,
    ]  # fmt: skip
    seven, eight = described("affectnet7"), described("affectnet8")
    assert (seven.emotion("7"), eight.emotion("7"), eight.emotion("10")) == (None, "contempt", None)
    assert (raf.emotion("Happy"), described("oulucasia").emotion("Surprised")) == (
        "happiness",
        "surprise",
    )


@pytest.mark.parametrize(
    "raw", ["no JSON", '{"title": "A"}', '{"title": "A", "emotions": ["anger", "boredom"]}',
            '{"title": "A", "emotions": ["anger", "anger"]}'],
)  # fmt: skip
def test_another_form_is_refused(tmp_path: Path, raw: str) -> None:
    file = tmp_path / "mine.json"
    file.write_text(raw)
    with pytest.raises(DataError, match=r"mine\.json"):
        labels._read(file)


def test_a_users_own_file_is_a_label_set(tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    file.write_text(json.dumps({"title": "Mine", "emotions": ["fear", "anger"]}))
    assert labels._read(file).emotions == ("fear", "anger")
