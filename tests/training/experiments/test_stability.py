import json
from pathlib import Path
from typing import Any

import pytest

from tests.training.tiny import register_tiny
from training.data.cache import load_split
from training.engine import loop
from training.engine.checkpoint import read_checkpoint
from training.engine.run import Run
from training.evaluation.evaluate import evaluate_split
from training.evaluation.shown_faces import Protocol
from training.experiments import experiment
from training.experiments.stability import accuracy_stability, average_accuracy
from training.recipes import Recipe
from training.shipping.export import shipped_model
from training.stability import main


@pytest.fixture
def recipe(monkeypatch: pytest.MonkeyPatch) -> Recipe:
    return register_tiny(monkeypatch, "tiny")


def command(cache: Path, out: Path, *extra: str) -> list[str]:
    folders = ["--data", str(cache), "--out", str(out)]
    return ["tiny.ferplus", *folders, "--device", "cpu", *extra]


def test_equations_8_and_9_by_numbers() -> None:
    assert average_accuracy([0.70, 0.74, 0.78]) == pytest.approx(0.74, abs=1e-12)
    # deviations -0.04, 0, 0.04: sqrt((0.0016 + 0 + 0.0016) / 3)
    assert accuracy_stability([0.70, 0.74, 0.78]) == pytest.approx(0.0326598632371, abs=1e-12)
    assert accuracy_stability([0.5, 0.5]) == 0
    assert accuracy_stability([0.0, 1.0]) == 0.5  # over N, not over N - 1


def test_runs_differ_in_their_seed_only_and_are_judged_by_validation(
    recipe: Recipe, cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command(cache, tmp_path, "--runs", "3", "--seed", "4")) == 0
    found = json.loads((tmp_path / "stability.json").read_text())
    assert [row["seed"] for row in found["runs"]] == [4, 5, 6]
    for row in found["runs"]:
        folder = tmp_path / f"seed-{row['seed']}"
        trained = Recipe.from_json(read_checkpoint(folder)["recipe"])
        assert trained == recipe.changed(seed=row["seed"])
        valid = load_split(cache, "valid")
        again = evaluate_split(shipped_model(folder), valid, Protocol(), split="valid")
        assert (row["n"], row["correct"]) == (again.n, again.correct)
        assert row["confusion"] == again.confusion
    assert len({json.dumps(row["confusion"]) for row in found["runs"]}) > 1
    assert found["accuracies"] == [row["correct"] / row["n"] for row in found["runs"]]
    assert found["acc"] == average_accuracy(found["accuracies"])
    assert found["sta"] == accuracy_stability(found["accuracies"])
    printed = capsys.readouterr().out
    assert f"Acc {100 * found['acc']:.2f} %, Sta {100 * found['sta']:.2f} points" in printed


def test_more_runs_may_follow(
    recipe: Recipe, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(command(cache, tmp_path, "--runs", "2")) == 0
    first = json.loads((tmp_path / "stability.json").read_text())
    begun = []

    def noting(run: Run, *arguments: Any, **options: Any) -> None:
        begun.append(run.out.name)
        train(run, *arguments, **options)

    train = loop.train
    monkeypatch.setattr(experiment, "train", noting)
    assert main(command(cache, tmp_path, "--runs", "3", "--resume")) == 0
    assert begun == ["seed-2"]
    more = json.loads((tmp_path / "stability.json").read_text())
    assert more["runs"][:2] == first["runs"] and len(more["accuracies"]) == 3


def test_one_run_has_no_spread(
    recipe: Recipe, cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command(cache, tmp_path / "out", "--runs", "1")) == 2
    assert "2 or more" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
