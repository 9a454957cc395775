"""The README's tables: from cards first, then from results of the very same weights."""

from dataclasses import replace
from pathlib import Path

import pytest

from ferstudio.models.card import read_card, weights_digest
from ferstudio.results import Result, Results
from tests.networks import card, network, write_weights
from tests.results.test_results import RESULT, ROW
from tests.training.tiny import register_tiny
from training.docs.tables import published_rows, stale_tables

ROOT = Path(__file__).parents[3]


def test_the_readme_has_what_cards_and_results_say() -> None:
    assert stale_tables(ROOT / "README.md", ROOT / "weights") == {}


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    register_tiny(monkeypatch, "tiny")
    write_weights(tmp_path, card("tiny"), network("tiny").state_dict())
    return {"tiny.test": tmp_path / "tiny.test"}


def study(folders: dict[str, Path], about: str, made_from: str = "") -> Results:
    folder = folders["tiny.test"]
    digest = f"sha256:{weights_digest(folder, read_card(folder))}"
    rates = {"accuracy": 0.5, "macro_recall": 0.4, "macro_f1": 0.3}
    row = replace(ROW, name="tiny.test", made_from=made_from or digest, values=rates)
    strange = replace(row, name="another.test")
    made = replace(RESULT, kind="evaluation", about=about, rows=(row, strange))
    assert isinstance(made, Result)
    return Results({("evaluation", about): made})


def test_a_list_that_was_judged_of_the_very_weights_has_a_row(folders: dict[str, Path]) -> None:
    labels = read_card(folders["tiny.test"]).labels
    about = f"{labels} valid agreed"
    [row] = published_rows(study(folders, about), folders, [])
    assert (row["weights"], row["labels"], row["split"]) == ("tiny.test", labels, "valid")
    assert (row["subset"], row["accuracy"], row["ci95"]) == ("agreed.csv", 0.5, ROW.ci95)
    assert list(published_rows(study(folders, about), folders, [row])) == []


@pytest.mark.parametrize(
    "about", ["{} valid", "{} valid new", "{} valid sample 600", "{} valid agreed upper 1"]
)
def test_other_measurements_have_none(folders: dict[str, Path], about: str) -> None:
    labels = read_card(folders["tiny.test"]).labels
    known = study(folders, about.format("ferplus" if "new" in about else labels))
    assert list(published_rows(known, folders, [])) == []


def test_neither_have_earlier_weights_nor_other_emotions(folders: dict[str, Path]) -> None:
    labels = read_card(folders["tiny.test"]).labels
    earlier = study(folders, f"{labels} valid agreed", "sha256:earlier")
    assert list(published_rows(earlier, folders, [])) == []
    others = next(name for name in ("ferplus", "fer2013") if name != labels)
    assert list(published_rows(study(folders, f"{others} valid agreed"), folders, [])) == []
