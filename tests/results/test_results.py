"""Results are one form, checked when they are read, and shipped whole."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ferstudio.errors import DataError
from ferstudio.labels import label_set
from ferstudio.results import (
    FOLDER,
    QUANTITIES,
    Result,
    Row,
    merged,
    read_result,
    read_results,
    write_result,
)

ROW = Row(
    "(a) ResNet50",
    10,
    "resnet50.ferplus, 2 epochs, seed 0",
    {"accuracy": 0.5},
    (0.2, 0.8),
    ((3, 2), (3, 2)),
)
RESULT = Result(
    kind="ablation",
    about="csinet",
    labels="ferplus",
    protocol="most voted",
    data="made up",
    command="none",
    commit="0" * 40,
    rows=(ROW,),
)
SHIPPED = sorted(FOLDER.glob("*.json"))


def test_what_is_written_is_read_back_and_matrices_stand_on_lines(tmp_path: Path) -> None:
    file = write_result(RESULT, tmp_path)
    assert file.name == "ablation.csinet.json"
    assert read_result(file) == RESULT
    assert "[3, 2]" in file.read_text("utf-8")
    found = read_results(tmp_path)
    assert found.find("ablation", "csinet") == RESULT
    assert found.find("ablation", "acsinet") is None
    assert found.of("ablation") == (RESULT,) and found.of("costs") == ()


def test_a_file_without_rows_measured_nothing(tmp_path: Path) -> None:
    write_result(replace(RESULT, rows=()), tmp_path)
    assert not read_results(tmp_path).all
    write_result(RESULT, tmp_path)
    assert read_results(tmp_path).find("ablation", "csinet") == RESULT


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "guess"}, "kind"),
        ({"more": 1}, "more"),
        ({"rows": [{**json.loads('{"name": "a", "n": -1, "made_from": "b"}'), "values": {}}]}, "n"),
    ],
)
def test_another_form_is_refused_in_one_sentence(
    tmp_path: Path, change: dict[str, object], said: str
) -> None:
    file = write_result(RESULT, tmp_path)
    file.write_text(json.dumps({**json.loads(file.read_text("utf-8")), **change}))
    with pytest.raises(DataError, match=said):
        read_results(tmp_path)


def test_unknown_quantities_and_rows_of_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="luck"):
        Row("a", 1, "b", {"luck": 1.0})
    with pytest.raises(ValueError, match="made from"):
        Row("a", 1, "", {})


def test_merging_keeps_what_was_not_measured_anew() -> None:
    other = replace(ROW, name="(b) ARM", values={"accuracy": 0.6})
    newer = replace(RESULT, rows=(replace(ROW, n=11), replace(other, name="(c) CSFF")))
    both = merged(replace(RESULT, rows=(ROW, other)), newer)
    assert [(row.name, row.n) for row in both.rows] == [
        ("(a) ResNet50", 11),
        ("(b) ARM", 10),
        ("(c) CSFF", 10),
    ]
    assert merged(None, newer) == newer


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.name)
def test_shipped_results_are_whole(file: Path) -> None:
    result = read_result(file)
    assert file.name == result.file_name
    assert result.rows and result.command and result.protocol
    for row in result.rows:
        assert row.values.keys() <= QUANTITIES.keys()
        if row.confusion is not None:
            assert len(row.confusion) == len(label_set(result.labels))
            assert sum(map(sum, row.confusion)) == row.n
        if row.ci95 is not None and row.accuracy is not None:
            assert row.ci95[0] <= row.accuracy <= row.ci95[1]


def test_there_are_shipped_results_and_they_are_small() -> None:
    assert len(SHIPPED) >= 3
    assert sum(file.stat().st_size for file in SHIPPED) < 1_000_000
