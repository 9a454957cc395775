"""What the studies measure comes out in the form that the page reads."""

import contextlib
import io
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ferstudio.results import read_results
from tests.evaluations import evaluation_row
from tests.training.conftest import make_table
from tests.training.tiny import register_tiny
from training import class_counts, crossval, curves, evaluate, lambda_search, stability
from training.data.cache import load_split
from training.evaluation.scores import Evaluation
from training.experiments.class_counts import count_classes
from training.experiments.costs import costs_result, network_costs
from training.experiments.published import evaluation_results, publish
from training.recipes import get_recipe
from training.train import main as train_main


def arguments(cache: Path, out: Path, *extra: str) -> list[str]:
    folders = ["--data", str(cache), "--out", str(out / "run"), "--results", str(out / "results")]
    return ["tiny.ferplus", *folders, "--device", "cpu", *extra]


def test_stability_has_a_row_per_seed_and_one_of_all(
    monkeypatch: pytest.MonkeyPatch, cache: Path, tmp_path: Path
) -> None:
    register_tiny(monkeypatch, "tiny")
    assert stability.main(arguments(cache, tmp_path, "--runs", "2")) == 0
    raw = json.loads((tmp_path / "run" / "stability.json").read_text())
    found = read_results(tmp_path / "results").find("stability", "tiny.ferplus")
    assert found is not None
    assert [row.name for row in found.rows] == ["seed-0", "seed-1", "all"]
    assert [row.accuracy for row in found.rows[:2]] == raw["accuracies"]
    assert found.rows[2].values == {"accuracy": raw["acc"], "sta": raw["sta"]}
    assert found.rows[0].made_from == "tiny.ferplus, 2 epochs at 16 px, seed 0"
    assert found.rows[1].confusion == tuple(map(tuple, raw["runs"][1]["confusion"]))


def test_cross_validation_has_a_row_per_fold(
    monkeypatch: pytest.MonkeyPatch, cache: Path, tmp_path: Path
) -> None:
    register_tiny(monkeypatch, "tiny")
    assert crossval.main(arguments(cache, tmp_path, "--folds", "2")) == 0
    found = read_results(tmp_path / "results").find("crossval", "tiny.ferplus")
    assert found is not None
    assert [row.name for row in found.rows] == ["fold-1", "fold-2"]
    assert sum(row.n for row in found.rows) == len(load_split(cache, "train"))
    assert all(row.ci95 and row.ci95[0] <= row.values["accuracy"] for row in found.rows)


def test_a_search_keeps_the_best_of_the_first_weight(
    monkeypatch: pytest.MonkeyPatch, cache: Path, tmp_path: Path
) -> None:
    recipe = register_tiny(monkeypatch, "tiny")
    extra = ("--separations", "1,7", "--island-weights", "0.01,0.1")
    assert lambda_search.main(arguments(cache, tmp_path, *extra)) == 2  # no joint loss
    from training.recipes import recipe as recipes
    from training.recipes.settings import Loss

    monkeypatch.setitem(recipes._recipes, recipe.name, recipe.changed(loss=Loss(kind="joint")))
    assert lambda_search.main(arguments(cache, tmp_path, *extra)) == 0
    found = read_results(tmp_path / "results").find("lambda-search", "tiny.ferplus")
    assert found is not None
    tried = [(row.values["island_weight"], row.values["separation"]) for row in found.rows]
    best = max(found.rows[:2], key=lambda row: row.values["accuracy"]).values["separation"]
    assert tried == [(0.01, 1.0), (0.01, 7.0), (0.1, best)]


def test_curves_have_a_row_per_epoch(
    monkeypatch: pytest.MonkeyPatch, cache: Path, tmp_path: Path
) -> None:
    register_tiny(monkeypatch, "tiny")
    run, results = tmp_path / "run", tmp_path / "results"
    line = ["tiny.ferplus", "--data", str(cache), "--out", str(run), "--device", "cpu"]
    assert train_main(line) == 0
    line = [str(run), "--data", str(cache), "--results", str(results)]
    assert curves.main(line) == 0
    found = read_results(results).find("curves", "tiny.ferplus")
    assert found is not None
    assert [row.name for row in found.rows] == ["epoch 1", "epoch 2"]
    for row in found.rows:
        assert row.n == 40 and 0 <= row.values["train_accuracy"] <= 1
        assert row.ci95 is not None and row.ci95[0] <= row.values["accuracy"] <= row.ci95[1]
    assert "went on from" not in found.note
    file = run / "recipe.json"
    recipe = json.loads(file.read_text())
    for weights, said in (("tiny.test", "earlier weights of its own"), ("vgg16.x", "vgg16.x")):
        file.write_text(json.dumps({**recipe, "start_from": weights}))
        assert curves.main(line) == 0
        begun = read_results(results).find("curves", "tiny.ferplus")
        assert begun is not None and begun.note.endswith(f"It went on from {said}.")


def test_classes_are_counted_before_and_after_balancing() -> None:
    table, valid = make_table(64), make_table(40, seed=1)
    recipe = get_recipe("psa_resnet50.paper")
    found = count_classes({"train": table, "valid": valid}, "fer2013", recipe, command="none")
    labels = found.rows
    counts = np.bincount(table.truth, minlength=7)
    assert [row.values["train"] for row in labels] == counts.tolist()
    balanced = {row.name: row.values["train_balanced"] / max(1, row.n) for row in labels}
    assert balanced.pop("disgust") == 10
    assert set(balanced.values()) == {1.0}
    assert sum(row.values["valid"] for row in labels) == len(valid)
    seen = sum(row.values["train_found"] for row in labels)
    assert seen == table.found().sum() < len(table)
    anger = labels[0]
    assert anger.values["weight"] == pytest.approx(len(table) / (7 * counts[0]), abs=1e-4)


def test_the_command_counts_both_label_sets(cache: Path, tmp_path: Path) -> None:
    assert class_counts.main(["--data", str(cache), "--results", str(tmp_path)]) == 0
    assert [each.about for each in read_results(tmp_path).of("class-counts")] == [
        "fer2013",
        "ferplus",
    ]


def test_costs_are_counted_and_timed() -> None:
    result = costs_result(network_costs(["resnet18"], runs=2), "none")
    (row,) = result.rows
    assert row.values["parameters_1000"] == 11_689_512
    assert row.values["parameters"] < row.values["parameters_1000"]
    assert 0 < row.values["ms_low"] <= row.values["ms"] <= row.values["ms_high"]


def evaluated(**changes: Any) -> Evaluation:
    raw = evaluation_row(**{"weights": "net.test", **changes})
    return Evaluation(**{name: raw[name] for name in raw if name in Evaluation.__slots__})


@pytest.mark.parametrize(
    ("changes", "limit", "said", "about"),
    [
        ({}, None, "--data DIR --results", "ferplus valid"),
        ({"subset": "pose30.csv"}, None, "--subset pose30.csv", "ferplus valid pose30"),
        (
            {"occlude": "noise", "amount": 0.5},
            600,
            "--limit 600 --occlude noise --amount 0.5",
            "ferplus valid sample 600 noise 0.5",
        ),
        ({"seed": 3}, 90, "--limit 90 --seed 3", "ferplus valid sample 90 seed 3"),
        ({"tta": True}, None, "--tta", "ferplus valid mirrored"),
        ({"split": "images"}, None, "--images DIR --results", "ferplus images"),
        ({"labels": "fer2013"}, None, "--labels fer2013", "fer2013 valid"),
        ({"split": "test"}, None, "--split test", "ferplus test"),
        (
            {"rephotographed": ("blur",)},
            None,
            "--rephotograph blur",
            "ferplus valid rephotographed",
        ),
    ],
)
def test_an_evaluation_says_the_command_that_makes_it_again(
    changes: dict[str, Any], limit: int | None, said: str, about: str
) -> None:
    (found,) = evaluation_results([(evaluated(**changes), "aa")], limit=limit)
    assert said in found.command and found.about == about
    options = found.command.partition("training.evaluate ")[2].split()
    known = {option for option in options if option.startswith("--")}
    assert known <= set(re.findall(r"--[a-z]+", evaluate_help()))


def evaluate_help() -> str:
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown), pytest.raises(SystemExit):
        evaluate.main(["--help"])
    return shown.getvalue()


def test_what_was_measured_otherwise_isnt_merged(tmp_path: Path) -> None:
    first = evaluation_results([(evaluated(weights="a.x"), "aa")])
    publish(first, tmp_path, merge=True)
    publish(evaluation_results([(evaluated(weights="b.y"), "bb")]), tmp_path, merge=True)
    found = read_results(tmp_path).find("evaluation", "ferplus valid")
    assert found is not None and [row.name for row in found.rows] == ["a.x", "b.y"]
    other = evaluated(weights="c.z", protocol="another label")
    publish(evaluation_results([(other, "cc")]), tmp_path, merge=True)
    found = read_results(tmp_path).find("evaluation", "ferplus valid")
    assert found is not None and [row.name for row in found.rows] == ["c.z"]
