import json
import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ferstudio.interruptions import STOPPED
from tests.training.tiny import register_tiny
from training.crossval import main
from training.data.cache import load_split
from training.data.protocols import evaluation_labels
from training.data.table import picture_keys
from training.engine import loop
from training.engine.checkpoint import read_checkpoint
from training.engine.run import Run
from training.evaluation.evaluate import evaluate_split
from training.evaluation.scores import read_evaluations
from training.evaluation.shown_faces import Protocol
from training.experiments import experiment
from training.experiments.crossval import assign_folds
from training.recipes import Recipe
from training.recipes import recipe as recipes
from training.shipping.export import shipped_model


@pytest.fixture
def recipe(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recipe]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield register_tiny(monkeypatch, "tiny")
    torch.set_num_threads(threads)


def command(cache: Path, out: Path, *extra: str) -> list[str]:
    folders = ["--data", str(cache), "--out", str(out)]
    return ["tiny.ferplus", *folders, "--device", "cpu", "--folds", "3", *extra]


def result(out: Path) -> dict[str, Any]:
    return dict(json.loads((out / "crossval.json").read_text()))


LABELS = np.random.default_rng(3).choice([-1, 0, 1, 2, 5], 203, p=[0.1, 0.5, 0.2, 0.15, 0.05])


def test_copies_of_a_picture_share_a_fold() -> None:
    pictures = [bytes([row % 150]) for row in range(len(LABELS))]  # 53 twice
    fold = assign_folds(LABELS, 5, seed=1, pictures=pictures)
    for key in set(pictures):
        assert len({int(f) for f, own in zip(fold, pictures, strict=True) if own == key}) == 1
    assert set(fold) == set(range(5))
    alone = assign_folds(LABELS, 5, seed=1, pictures=[bytes(2) + bytes([r]) for r in range(203)])
    np.testing.assert_array_equal(alone, assign_folds(LABELS, 5, seed=1))


@pytest.mark.parametrize("folds", [2, 5, 7])
def test_folds_are_disjoint_whole_and_stratified(folds: int) -> None:
    fold = assign_folds(LABELS, folds, seed=1)
    assert fold.shape == (203,)  # one fold for each face: disjoint, and all of them
    assert set(fold) == set(range(folds))
    for label in (-1, 0, 1, 2, 5):
        counts = [int(((fold == i) & (LABELS == label)).sum()) for i in range(folds)]
        assert max(counts) - min(counts) <= 1, label
    sizes = np.bincount(fold, minlength=folds)
    assert sizes.max() - sizes.min() <= 1


def test_folds_follow_the_seed_and_are_shuffled() -> None:
    folds = [assign_folds(LABELS, 5, seed) for seed in (1, 1, 2)]
    assert (folds[0] == folds[1]).all() and (folds[0] != folds[2]).mean() > 0.5
    neutral = folds[0][LABELS == 0]
    assert (neutral != np.arange(len(neutral)) % 5).mean() > 0.5


def test_every_fold_is_learned_without_and_judged_by_itself(
    recipe: Recipe, cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command(cache, tmp_path)) == 0
    table = load_split(cache, "train")
    labels = evaluation_labels(table, "ferplus")
    fold_of = assign_folds(labels, 3, recipe.seed, pictures=picture_keys(table))
    found = result(tmp_path)
    assert [row["fold"] for row in found["folds"]] == ["fold-1", "fold-2", "fold-3"]
    for number, row in enumerate(found["folds"]):
        folder = tmp_path / row["fold"]
        assert "64 faces" in read_checkpoint(folder)["data"]
        model = shipped_model(folder)
        parts = [table.select(fold_of == number), table.select(fold_of != number)]
        valid, learned = (evaluate_split(model, part, Protocol(), split="x") for part in parts)
        assert (row["n"], row["correct"]) == (valid.n, valid.correct)
        assert row["confusion"] == valid.confusion
        assert row["accuracy"] == valid.correct / valid.n
        assert row["train_accuracy"] == learned.accuracy and row["train_n"] == learned.n
        assert row["gap"] == pytest.approx(learned.accuracy - valid.accuracy)
        assert row["within_limit"] == (abs(learned.accuracy - valid.accuracy) < 0.05)
    accuracies = [row["accuracy"] for row in found["folds"]]
    assert found["mean_accuracy"] == pytest.approx(sum(accuracies) / 3)
    assert found["sd"] == pytest.approx(statistics.pstdev(accuracies))
    assert found["n"] == (labels >= 0).sum() == np.sum(found["confusion"])
    assert found["correct"] == np.trace(found["confusion"])
    assert found["within_limit"] == all(row["within_limit"] for row in found["folds"])
    printed = capsys.readouterr().out
    assert f"{100 * found['mean_accuracy']:.2f} %" in printed and "fold-3" in printed


def test_after_a_stop_it_goes_on_with_the_fold_it_was_in(
    recipe: Recipe, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(command(cache, tmp_path / "whole")) == 0

    def stopping(run: Run, *arguments: Any, **options: Any) -> Any:
        if run.out.name == "fold-2" and run.epoch == 2:  # not saved yet
            raise KeyboardInterrupt
        return judge(run, *arguments, **options)

    judge, broken = loop.judge, tmp_path / "broken"
    monkeypatch.setattr(loop, "judge", stopping)
    assert main(command(cache, broken)) == STOPPED
    monkeypatch.setattr(loop, "judge", judge)
    assert read_checkpoint(broken / "fold-2")["epoch"] == 1
    assert not (broken / "fold-3").exists() and not (broken / "crossval.json").exists()

    begun = []

    def noting(run: Run, *arguments: Any, **options: Any) -> None:
        begun.append((run.out.name, run.epoch))
        train(run, *arguments, **options)

    train = loop.train
    monkeypatch.setattr(experiment, "train", noting)
    assert main(command(cache, broken, "--resume")) == 0
    assert begun == [("fold-2", 1), ("fold-3", 0)]
    assert result(broken) == result(tmp_path / "whole")

    begun.clear()
    assert main(command(cache, broken, "--resume")) == 0
    assert begun == []
    assert result(broken) == result(tmp_path / "whole")


def test_what_a_run_ships_is_its_average_and_evaluations_come_back(
    recipe: Recipe, cache: Path, tmp_path: Path
) -> None:
    assert main(command(cache, tmp_path, "--folds", "2")) == 0
    run = tmp_path / "fold-1"
    averaged = read_checkpoint(run)["averaged"]
    shipped = shipped_model(run)
    assert shipped.name == "tiny.ferplus" and not shipped.module.training
    assert torch.equal(shipped.module.state_dict()["fc.weight"], averaged["module.fc.weight"])
    rows = read_evaluations(run / "evaluation.json")
    assert [row.split for row in rows] == ["fold-1", "all but fold-1"]
    assert json.loads((run / "evaluation.json").read_text()) == json.loads(
        json.dumps([row.to_json() for row in rows])
    )


def test_two_label_sets_are_judged_by_the_first(
    recipe: Recipe, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(recipes._recipes, recipe.name, recipe.changed(labels=recipes.BOTH))
    assert main(command(cache, tmp_path, "--folds", "2", "--epochs", "1")) == 0
    found = result(tmp_path)
    assert found["labels"] == "ferplus" and np.shape(found["confusion"]) == (8, 8)
    whole = read_checkpoint(tmp_path / "fold-1")["averaged"]["module.fc.bias"]
    shipped = shipped_model(tmp_path / "fold-1").module.state_dict()["fc.bias"]
    assert len(whole) == 15 and torch.equal(shipped, whole[:8])


def test_a_teacher_that_saw_the_held_out_faces_is_refused(
    recipe: Recipe,
    cache: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(recipes._recipes, recipe.name, recipe.changed(teacher="some.npz"))
    assert main(command(cache, tmp_path / "out")) == 2
    assert "has a teacher" in capsys.readouterr().err and not (tmp_path / "out").exists()


def test_weights_that_saw_the_held_out_faces_are_refused(
    recipe: Recipe, cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    begun = ["--start-from", "weights/vgg16.ferplus"]
    assert main([*command(cache, tmp_path / "out"), *begun]) == 2
    assert "vgg16.ferplus has seen the faces held out" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_commands_refuse_what_they_cant_do(
    recipe: Recipe, cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(*extra: str) -> str:
        assert main(command(cache, tmp_path / "out", *extra)) == 2
        message = capsys.readouterr().err.strip()
        assert len(message.splitlines()) == 1
        return message

    assert "without --resume" in refused("--resume")
    assert "between 2 and 96" in refused("--folds", "1")
    assert "between 2 and 96" in refused("--folds", "97")
    assert "positive" in refused("--max-minutes", "0")
    assert not (tmp_path / "out").exists()
    assert main(command(cache, tmp_path / "out", "--epochs", "1", "--folds", "2")) == 0
    capsys.readouterr()
    assert "add --resume" in refused()
    again = ("--resume", "--epochs", "1", "--folds", "2")
    assert "(seed, settings)" in refused(*again, "--seed", "5")
    assert "(folds)" in refused(*again[:3])
    assert "(max_minutes)" in refused(*again, "--max-minutes", "3")
    (tmp_path / "out" / "fold-1" / "evaluation.json").write_text("[{}]")
    assert "isn't what" in refused(*again)
    (tmp_path / "out" / "plan.json").write_text("{")
    assert "can't be read" in refused(*again)
