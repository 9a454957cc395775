"""The command that judges weights."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from ferstudio import faces
from ferstudio.models import model_entry
from tests.networks import write_weights
from tests.studio_parts import FakeDetector, write_ensemble
from tests.training.evaluation.brightness import card
from training.data.cache import load_split
from training.data.protocols import evaluation_labels
from training.data.rephotograph import CHANGES
from training.evaluate import main
from training.evaluation.scores import read_evaluations


def test_heat_guides_from_the_shell_and_needs_a_layer(
    shelf: Path, cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_ensemble(tmp_path, shelf)
    shell = ["--weights-dir", str(tmp_path), "--data", str(cache), "--device", "cpu"]
    covers = ["--occlude", "hottest,chance", "--amount", "0.2"]
    assert main(["--weights", "acsinet.test", *shell, *covers]) == 0
    assert "hottest:0.2" in capsys.readouterr().out
    assert main(["--weights", "ensemble.test", *shell, *covers]) == 2
    assert "no layer whose Grad-CAM could guide a cover" in capsys.readouterr().err


@pytest.fixture
def weights(tmp_path: Path, make_network: Callable[[], nn.Module]) -> Path:
    write_weights(tmp_path / "weights", card(), make_network().state_dict())
    return tmp_path / "weights"


@pytest.fixture
def make_network() -> Callable[[], nn.Module]:
    torch.manual_seed(0)
    return lambda: model_entry("resnet18").build(num_classes=8)


def test_command_writes_the_contract_keys(weights: Path, cache: Path, tmp_path: Path) -> None:
    file = tmp_path / "out.json"
    arguments = ["--weights", "all", "--weights-dir", str(weights), "--data", str(cache)]
    assert main([*arguments, "--occlude", "none,lower", "--json", str(file)]) == 0
    rows = json.loads(file.read_text())
    assert [row["occlude"] for row in rows] == ["none", "lower"]
    wanted = (
        "weights labels split subset occlude amount n correct accuracy ci95 macro_recall macro_f1 "
        "per_class confusion seed elapsed_s images_per_s"
    )
    assert set(wanted.split()) <= set(rows[0])
    assert rows[0]["n"] == (evaluation_labels(load_split(cache, "valid"), "ferplus") >= 0).sum()
    assert rows[0]["weights"] == "resnet18.test"


def test_rephotographed_faces_from_the_shell(
    weights: Path,
    cache: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def rows_of(*arguments: str) -> list[dict[str, Any]]:
        file = tmp_path / "out.json"
        shell = ["--weights", "all", "--weights-dir", str(weights), "--data", str(cache)]
        assert main([*shell, "--device", "cpu", "--json", str(file), *arguments]) == 0
        evaluations = read_evaluations(file)
        written: list[dict[str, Any]] = json.loads(file.read_text())
        assert json.loads(json.dumps([row.to_json() for row in evaluations])) == written
        return written

    monkeypatch.setattr(faces, "best_detector", FakeDetector)
    common = ("--limit", "9", "--seed", "4")
    bare, covered = rows_of("--rephotograph", "--occlude", "none,lower", *common)
    assert (bare["n"], bare["missed"], bare["split"]) == (9, 0, "valid")
    assert bare["rephotographed"] == list(CHANGES) == covered["rephotographed"]
    assert "at most 9 faces" in bare["protocol"] and "jpeg" in bare["protocol"]
    assert "valid rephotographed lower:1" in capsys.readouterr().out
    monkeypatch.setattr(faces, "best_detector", lambda: FakeDetector(0))
    (missed,) = rows_of("--rephotograph", "none", *common)
    assert (missed["missed"], missed["rephotographed"]) == (9, [])
    assert "no face found in 9" in capsys.readouterr().out
    (plain,) = rows_of(*common)
    assert plain["n"] == 9 and not {"missed", "rephotographed"} & set(plain)
    truth = [np.sum(row["confusion"], axis=1).tolist() for row in (bare, covered, missed, plain)]
    assert truth[0] == truth[1] == truth[2] == truth[3]  # the very same faces


def test_command_refusals(
    weights: Path, cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(*arguments: str) -> str:
        assert main(["--weights-dir", str(weights), *arguments]) == 2
        message = capsys.readouterr().err.strip()
        assert len(message.splitlines()) == 1
        return message

    data = ["--data", str(cache)]
    assert "resnet18.test" in refused("--weights", "nothing", *data)
    assert "occluder" in refused("--weights", "all", *data, "--occlude", "hat")
    for wrong in ("2", "-0.1", "0.5,two", "0.5,", "nan"):
        assert "amount" in refused("--weights", "all", *data, f"--amount={wrong}")
    assert "label set" in refused("--weights", "all", *data, "--labels", "raf")
    assert "rain" in refused("--weights", "all", *data, "--rephotograph", "tilt,rain")
    assert "--limit" in refused("--weights", "all", *data, "--limit", "0")
    for option in (["--limit", "3"], ["--rephotograph"]):
        images = ("--images", str(tmp_path), *option)
        assert "not for --images" in refused("--weights", "all", *images)
    assert "either" in refused("--weights", "all")
    assert "no 'test' split" in refused("--weights", "all", *data, "--split", "test")
    assert "holds no photographs" in refused("--weights", "all", "--images", str(tmp_path))
    (tmp_path / "empty").mkdir()
    assert "no weights" in refused(
        "--weights", "all", *data, "--weights-dir", str(tmp_path / "empty")
    )
