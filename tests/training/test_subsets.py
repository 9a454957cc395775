"""The command that writes subsets."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.training.data.posed_faces import posed_table
from training.data.cache import save_meta, save_split
from training.data.head_pose import FACE_MODEL_FILE, RIGID, load_face_model
from training.subsets import main


def test_the_command_writes_each_subset_and_its_count(
    cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data", str(cache), "--split", "valid", "--out", str(tmp_path / "new")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" labelled")[0] for line in lines] == [
        "agreed.csv: 40 of 40",
        "pose30.csv: 0 of 40",
        "pose45.csv: 0 of 40",
        "new.csv: 40 of 40",
    ]
    assert "; 6 without landmarks left out" in lines[1]
    written = {file.name: file.read_text("utf-8") for file in (tmp_path / "new").iterdir()}
    assert written["agreed.csv"].count("\n") == 41
    assert written["pose30.csv"] == written["pose45.csv"] == "name,label\n"


def test_the_command_makes_the_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(7)
    angles = np.stack([rng.uniform(-50, 50, 60), rng.uniform(-30, 30, 60)], axis=1)
    table = posed_table(angles - np.median(angles, axis=0))
    save_split(tmp_path, "train", table)
    save_meta(tmp_path, {"train": len(table)})
    file = tmp_path / "face.csv"
    command = ["--data", str(tmp_path), "--split", "train", "--make-model", str(file)]
    assert main(command) == 0
    assert capsys.readouterr().out == f"{file}: {len(RIGID)} points, the mean of 60 faces\n"
    np.testing.assert_allclose(load_face_model(file), load_face_model(), atol=0.05)


def test_what_went_wrong_is_a_sentence(
    cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data", str(cache), "--split", "test", "--out", str(tmp_path)]) == 2
    assert "no 'test' split" in capsys.readouterr().err
    shutil.copy(FACE_MODEL_FILE, tmp_path / "file")
    assert main(["--data", str(cache), "--out", str(tmp_path / "file")]) == 2
    assert "can't be written" in capsys.readouterr().err
