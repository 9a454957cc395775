"""The command that trains: its options, and what it refuses."""

import dataclasses
import shutil
from pathlib import Path

import pytest
import torch

from ferstudio.models.card import read_card
from ferstudio.models.weights import read_state
from tests.networks import card, network, write_weights
from training.engine.run import Run, resume_run, save_run
from training.recipes import get_recipe
from training.train import main

CPU = torch.device("cpu")


def test_the_command_changes_the_recipe_and_is_remembered(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[Run] = []
    monkeypatch.setattr("training.train.train", lambda run, *_, **__: runs.append(run))
    options = {"--epochs": "3", "--seed": "5", "--batch-size": "32", "--teacher": "t.npz"}
    given = [word for pair in options.items() for word in pair]
    paths = ["--data", str(cache), "--out", str(tmp_path), "--device", "cpu"]
    assert main(["resnet18.ferplus", *paths, *given]) == 0
    (run,) = runs
    plain = get_recipe("resnet18.ferplus")
    assert (run.recipe.epochs, run.recipe.seed, run.recipe.batch_size) == (3, 5, 32)
    assert run.optimizer.param_groups[0]["lr"] == pytest.approx(
        plain.optimizer.lr * 32 / plain.batch_size
    )
    assert run.recipe.teacher == str(Path("t.npz").resolve())
    assert run.command == (
        "python -m training.train resnet18.ferplus --data DIR --out RUN --epochs 3 --seed 5 "
        "--batch-size 32 --teacher FILE"
    )


def test_sizes_and_learning_rate_can_be_given(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[Run] = []
    monkeypatch.setattr("training.train.train", lambda run, *_, **__: runs.append(run))
    given = ["--sizes", "64,80@0.4", "--learning-rate", "0.03", "--batch-size", "32"]
    given += ["--ema-decay", "0.99"]
    paths = ["--data", str(cache), "--out", str(tmp_path), "--device", "cpu"]
    assert main(["resnet18.ferplus", *paths, *given]) == 0
    (run,) = runs
    assert run.recipe.sizes == ((0.0, 64), (0.4, 80)) and run.recipe.input.size == 80
    assert run.optimizer.param_groups[0]["lr"] == 0.03  # as it is, whatever the batch
    assert run.recipe.ema_decay == 0.99
    expected = "--batch-size 32 --learning-rate 0.03 --ema-decay 0.99 --sizes 64,80@0.4"
    assert run.command.endswith(expected)


@pytest.mark.slow
def test_a_run_can_begin_with_other_weights(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[Run] = []
    monkeypatch.setattr("training.train.train", lambda run, *_, **__: runs.append(run))
    facts = {"command": "second", "earlier": ["first"]}
    begins = dataclasses.replace(card("resnet18"), recipe=facts)
    write_weights(tmp_path, begins, network("resnet18").state_dict())
    folder = tmp_path / "resnet18.test"
    arguments = ["resnet18.ferplus", "--data", str(cache), "--device", "cpu", "--seed", "9"]
    arguments += ["--out", str(tmp_path / "run"), "--start-from", str(folder)]
    assert main(arguments) == 0
    (run,) = runs
    state = read_state(folder, read_card(folder))
    for begun in (run.model, run.shipped):
        for name, tensor in begun.state_dict().items():
            torch.testing.assert_close(tensor, state[name])
    assert run.recipe.start_from == "resnet18.test"
    assert run.command.endswith("--seed 9 --start-from weights/resnet18.test")
    save_run(run)
    shutil.rmtree(folder)  # going on needs it no more
    resumed = resume_run(tmp_path / "run", CPU)
    assert resumed.recipe == run.recipe
    assert resumed.earlier == run.earlier == ("first", "second")
    again = arguments[: arguments.index("--start-from")]
    for minutes in ("7", "8.5"):
        assert main([*again, "--resume", "--max-minutes", minutes]) == 0
        given = "--seed 9 --start-from weights/resnet18.test"
        assert runs[-1].command.endswith(f"RUN {given} --max-minutes {minutes}")
        save_run(runs[-1])


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
    torch.save({"recipe": {}, "epoch": 1}, tmp_path / "last.pt")
    assert "no checkpoint of training.train" in refused("--resume")
