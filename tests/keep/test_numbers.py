import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest

from ferstudio.keep.numbers import (
    attention_rows,
    comparison_rows,
    csv_text,
    examination_rows,
    robustness_rows,
)
from ferstudio.studio.robustness import RobustnessPlan, even_amounts
from ferstudio.studio.selection import Cover, Selection
from ferstudio.studio.studio import Studio
from tests.studio_parts import FakeDetector

NET, ATTENTIVE = "resnet18.test", "acsinet.test"


@pytest.fixture(scope="module")
def studio(shelf: Path) -> Studio:
    return Studio(shelf, detector=FakeDetector())


@pytest.fixture
def selection(studio: Studio) -> Selection:
    return Selection(studio.sample("fear"), Cover("upper", 0.5, 3), (NET, ATTENTIVE))


def test_rows_of_unequal_names_make_one_table() -> None:
    text = csv_text([{"a": 1, "b": 'x,"y"'}, {"a": 2, "c": None}])
    assert list(csv.DictReader(io.StringIO(text))) == [
        {"a": "1", "b": 'x,"y"', "c": ""}, {"a": "2", "b": "", "c": ""},
    ]  # fmt: skip


def test_comparisons(studio: Studio, selection: Selection) -> None:
    found = studio.compare(selection)
    rows = comparison_rows(found)
    assert len(rows) == 2 * 2 * 8
    for face in ("clean", "covered"):
        own = [row for row in rows if row["model"] == NET and row["face"] == face]
        assert sum(float(str(row["probability"])) for row in own) == pytest.approx(1, abs=1e-5)
        assert {row["amount"] for row in own} == {0.0 if face == "clean" else 0.5}
        assert {row["share"] for row in own} == {0.0 if face == "clean" else found.share}
    bare = studio.compare(selection.covered_by(Cover("none", 0.0)))
    assert {row["face"] for row in comparison_rows(bare)} == {"clean"}


def test_of_a_cover_by_heat_each_network_has_its_own_share(
    studio: Studio, selection: Selection
) -> None:
    by_heat = replace(selection, explainer="grad-cam").covered_by(Cover("hottest", 0.3))
    found = studio.compare(by_heat)
    shares = {row.name: row.share for row in found.rows}
    assert all(0 < share < 1 for share in shares.values()) and shares[NET] == found.share
    assert len(set(shares.values())) == 2
    for row in comparison_rows(found):
        assert row["share"] == (0.0 if row["face"] == "clean" else shares[str(row["model"])])


def test_robustness(studio: Studio, selection: Selection) -> None:
    *_, found = studio.robustness(RobustnessPlan(selection, ("upper", "lower"), even_amounts(2)))
    rows = robustness_rows(found)
    assert [row["amount"] for row in rows[:3]] == [0.0, 0.5, 1.0]
    assert len(rows) == 2 * 2 * 3
    assert rows[0]["answer"] == rows[0]["target"]
    assert {row["seed"] for row in rows} == {3}


def test_attention(studio: Studio, selection: Selection) -> None:
    report = studio.attention(ATTENTIVE, selection.crop)
    rows = attention_rows(report)
    shares = [row["value"] for row in rows if str(row["what"]).startswith("attention on")]
    assert sum(float(str(share)) for share in shares) == pytest.approx(1, abs=0.01)
    assert len({row.get("block") for row in rows} - {None}) == len(report.views)
    assert len(attention_rows(studio.attention(NET, selection.crop))) == 1


def test_examinations(studio: Studio, selection: Selection) -> None:
    *_, found = studio.examine(NET, selection)
    told = {row["what"]: row["value"] for row in examination_rows(found)}
    assert found.change is not None and found.curves is not None
    assert told["heat on the cover"] == found.change.leakage_share
    assert told["deletion area"] == found.curves.deletion.area
    assert told[f"probability of {found.prediction.top}, clean"] == pytest.approx(
        found.prediction.confidence
    )
