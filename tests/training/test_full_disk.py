"""A full disk ends the commands that write in one line, with nothing half written."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from tests.training.data.public_files import fer2013_rows, ferplus_rows, write
from training.engine.run import save_run, start_run
from training.recipes import get_recipe

ROOT = Path(__file__).parents[2]

LIMITED = """
import resource, sys
from importlib import import_module
limit = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
sys.exit(import_module(sys.argv[1]).main(sys.argv[3:]))
"""
"""Runs a command that can write no file longer than so many bytes."""


def limited(command: str, limit: int, *arguments: object) -> tuple[int, str]:
    """Return exit status and stderr, progress bars left out."""
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, command, str(limit), *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr.splitlines()[-1] if done.stderr else ""


def files_in(folder: Path) -> set[str]:
    return {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}


@pytest.mark.slow
def test_preparing(tmp_path: Path) -> None:
    fer2013 = write(tmp_path / "fer2013.csv", fer2013_rows())
    ferplus = write(tmp_path / "ferplus.csv", ferplus_rows())
    out = tmp_path / "cache"
    status, line = limited(
        "training.prepare", 2000, "--fer2013", fer2013, "--ferplus", ferplus, "--out", out,
        "--workers", 0,
    )  # fmt: skip
    assert status == 2
    assert line.endswith("make room or choose another folder, then start again.")
    assert not any(name.endswith(".part") for name in files_in(out))


@pytest.mark.slow
def test_training(cache: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    status, line = limited(
        "training.train", 1_000_000, "resnet18.ferplus", "--data", cache, "--out", out,
        "--epochs", 1, "--sizes", 32, "--device", "cpu",
    )  # fmt: skip
    assert status == 2
    assert line.endswith("make room or choose another folder, then start again.")
    assert files_in(out) == {"recipe.json"}


@pytest.mark.slow
def test_exporting(cache: Path, tmp_path: Path) -> None:
    run = start_run(get_recipe("resnet18.ferplus"), tmp_path / "run", torch.device("cpu"))
    save_run(run)
    weights = tmp_path / "weights"
    weights.mkdir()
    status, line = limited(
        "training.export", 1_000_000, tmp_path / "run", "--data", cache,
        "--weights-dir", weights,
    )  # fmt: skip
    assert status == 2
    assert line.endswith("make room or choose another folder, then start again.")
    assert list(weights.iterdir()) == []
