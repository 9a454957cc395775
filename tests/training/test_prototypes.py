"""What the command refuses."""

from pathlib import Path

import numpy as np
import pytest

from tests.training.data.made_up_exemplars import empty_table
from training.data import exemplars
from training.data.cache import save_meta, save_split
from training.prototypes import main


def test_command_refuses_a_folder_without_data(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert "training.prepare" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_command_refuses_a_size_out_of_range(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data", str(tmp_path), "--size", "8"]) == 2
    assert "between 64 and 1024" in capsys.readouterr().err


def test_command_refuses_a_training_split_with_too_few_faces(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exemplars, "find_meshes", lambda images, name: np.zeros((0, 478, 2)))
    save_split(tmp_path, "train", empty_table(3))
    save_meta(tmp_path, {"train": 3})
    assert main(["--data", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert "0 frontal faces with 10 votes for neutral" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
