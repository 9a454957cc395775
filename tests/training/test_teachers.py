"""The command that asks teachers."""

from pathlib import Path

import numpy as np
import pytest
import torch

from ferstudio.models import load_weights
from training.data.cache import load_split
from training.data.teacher import read_teacher
from training.evaluation.teachers import ask
from training.teachers import main

CPU = torch.device("cpu")


def test_the_command_writes_what_a_recipe_can_read(
    shelf: Path, cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, train = tmp_path / "t.npz", load_split(cache, "train")
    shown = ["--weights-dir", str(shelf), "--data", str(cache), "--out", str(out)]
    assert main(["--weights", "resnet18.test", *shown, "--device", "cpu"]) == 0
    assert [item.name for item in tmp_path.iterdir()] == ["t.npz"]
    with np.load(out) as stored:
        assert stored["probabilities"].dtype == np.float16
    teacher = read_teacher(out, train)
    model = load_weights(shelf / "resnet18.test")
    expected = ask([model], train, CPU)
    np.testing.assert_allclose(teacher.probabilities, expected.probabilities, atol=1e-3)
    np.testing.assert_allclose(teacher.probabilities.sum(axis=1), 1, atol=1e-6)
    assert (teacher.weights, teacher.labels) == (("resnet18.test",), "ferplus")
    assert teacher.sha256 == expected.sha256
    assert main(["--weights", "lost.net", *shown]) == 2
    assert main(["--weights", "resnet18.test", *shown[:-1], str(tmp_path / "t.csv")]) == 2
    assert "ends in .npz" in capsys.readouterr().err
