import csv
import json
import math
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch

from ferstudio.errors import DataError
from training import loop
from training.data import FaceTable, load_split
from training.loop import (
    learning_rate,
    read_checkpoint,
    resume_run,
    start_run,
    train,
    training_faces,
)
from training.recipes import Recipe, get_recipe
from training.train import main

CPU = torch.device("cpu")


@pytest.fixture
def recipe() -> Recipe:
    base = get_recipe("resnet18.ferplus")
    small = {**base.to_json()["input"], "size": 32}
    return Recipe.from_json(
        {
            **base.to_json(),
            "input": small,
            "sizes": [[0.0, 32]],
            "epochs": 3,
            "batch_size": 32,
            "ema_decay": 0.5,
        }
    )


def tables(cache: Path) -> tuple[FaceTable, FaceTable]:
    return load_split(cache, "train"), load_split(cache, "valid")


def test_learning_rate_warms_up_and_falls(recipe: Recipe) -> None:
    rates = [learning_rate(recipe, p / 100) for p in range(101)]
    peak = rates.index(max(rates))
    assert peak == math.ceil(100 * recipe.warmup_share)
    assert rates[:peak] == sorted(rates[:peak])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)
    assert rates[-1] == pytest.approx(recipe.lr * recipe.final_lr_ratio)


def test_a_run_learns_logs_and_saves(recipe: Recipe, cache: Path, tmp_path: Path) -> None:
    run = start_run(recipe.changed(epochs=6, lr=0.005), tmp_path, CPU)
    train(run, *tables(cache))
    with (tmp_path / "log.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert [int(row["epoch"]) for row in rows] == [1, 2, 3, 4, 5, 6]
    losses = [float(row["loss"]) for row in rows]
    assert losses[-1] < losses[0] - 0.3
    assert all(0 <= float(row["valid_accuracy"]) <= 1 for row in rows)
    assert Recipe.from_json(json.loads((tmp_path / "recipe.json").read_text())) == run.recipe
    saved = read_checkpoint(tmp_path)
    assert (saved["epoch"], saved["step"]) == (6, 18)
    assert "96 faces" in saved["data"]


def test_a_run_broken_in_an_epoch_goes_on_as_if_it_had_not_been(
    recipe: Recipe, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.set_num_threads(1)
    whole = start_run(recipe, tmp_path / "whole", CPU)
    train(whole, *tables(cache))

    broken = start_run(recipe, tmp_path / "broken", CPU)
    step = loop._step

    def failing(run: loop.Run, *arguments: Any) -> torch.Tensor:
        if run.step == 7:  # the second of the third epoch's three steps
            raise KeyboardInterrupt
        return step(run, *arguments)

    monkeypatch.setattr(loop, "_step", failing)
    with pytest.raises(KeyboardInterrupt):
        train(broken, *tables(cache))
    monkeypatch.setattr(loop, "_step", step)

    resumed = resume_run(tmp_path / "broken", CPU)
    assert (resumed.epoch, resumed.step) == (2, 6)
    train(resumed, *tables(cache))
    for name, tensor in whole.averaged.state_dict().items():
        assert torch.equal(tensor, resumed.averaged.state_dict()[name]), name


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_killed_process_loses_at_most_its_epoch(cache: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    command = [sys.executable, "-m", "training.train", "resnet18.ferplus", "--data", str(cache)]
    command += ["--out", str(out), "--device", "cpu", "--epochs", "200"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 240
        while not (out / "log.csv").exists() and time.monotonic() < deadline:
            assert process.poll() is None
            time.sleep(0.05)
        time.sleep(0.3)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    finished = read_checkpoint(out)["epoch"]
    assert finished >= 1
    run = resume_run(out, CPU)
    assert run.epoch == finished and len(run.log) == finished
    run.recipe = run.recipe.changed(epochs=finished + 1)
    train(run, *tables(cache))
    assert read_checkpoint(out)["epoch"] == finished + 1


def test_the_time_limit_ends_the_schedule(recipe: Recipe, cache: Path, tmp_path: Path) -> None:
    run = start_run(recipe.changed(epochs=10_000), tmp_path, CPU, max_minutes=0.02)
    train(run, *tables(cache))
    assert run.epoch < 10_000
    assert run.log[-1]["progress"] == 1
    assert run.log[-1]["lr"] < recipe.lr


def test_commands_refuse_what_they_cant_do(
    cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(*extra: str, recipe: str = "resnet18.ferplus", data: Path = cache) -> str:
        arguments = [recipe, "--data", str(data), "--out", str(tmp_path), "--device", "cpu"]
        assert main([*arguments, *extra]) == 2
        message = capsys.readouterr().err.strip()
        assert len(message.splitlines()) == 1
        return message

    assert "choose from" in refused(recipe="resnet19.ferplus")
    assert "training.prepare" in refused(data=tmp_path)
    assert "without --resume" in refused("--resume")
    assert "positive" in refused("--max-minutes", "0")
    assert "device" in refused("--device", "tpu")
    (tmp_path / "last.pt").write_bytes(b"no checkpoint")
    assert "--resume" in refused()
    assert "start anew" in refused("--resume")


def test_targets_reach_the_device_aligned_with_their_faces(recipe: Recipe, cache: Path) -> None:
    table = load_split(cache, "train")
    faces = training_faces(table, recipe, CPU)
    assert len(faces) == 96
    assert torch.equal(faces.faces[5, 0], torch.from_numpy(table.images[5]))
    assert int(faces.targets[5].argmax()) == int(table.votes[5, :8].argmax())


def test_a_missing_checkpoint_is_a_data_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="without --resume"):
        read_checkpoint(tmp_path)
