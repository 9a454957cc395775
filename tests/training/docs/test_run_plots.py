import builtins
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.evaluations import evaluation_row
from tests.plots.png import pixels
from training.docs.run_plots import draw_learning_curves
from training.engine.run import LOG_COLUMNS
from training.pictures import main

CONFUSION = (np.eye(8, dtype=int) * 40 + np.arange(64).reshape(8, 8) % 5).tolist()


def write_run(folder: Path, accuracies: list[float]) -> Path:
    folder.mkdir(exist_ok=True)
    values = {"progress": 0.5, "size_px": 64, "lr": 0.1, "loss": 1.5, "valid_loss": 1.2}
    lines = [",".join(LOG_COLUMNS)]
    for number, accuracy in enumerate(accuracies, start=1):
        row = {**values, "epoch": number, "valid_accuracy": accuracy, "lr": 0.1 / number**3}
        row |= {
            "images_per_s": 9,
            "elapsed_s": number,
            "train_accuracy": 0.5,
            "size_px": 64 if number < 3 else 80,
        }
        lines.append(",".join(str(row.get(name, "")) for name in LOG_COLUMNS))
    (folder / "log.csv").write_text("\n".join(lines) + "\n")
    (folder / "recipe.json").write_text('{"name": "resnet18.ferplus"}')
    return folder


def evaluation(occlude: str = "none", **changes: Any) -> dict[str, Any]:
    return evaluation_row(occlude=occlude, **{"confusion": CONFUSION, **changes})


def test_curves_are_a_picture_beside_the_run_and_follow_the_log(tmp_path: Path) -> None:
    run = write_run(tmp_path, [0.2, 0.6, 0.5, 0.55])
    assert draw_learning_curves(run) == run / "curves.png"
    first = pixels((run / "curves.png").read_bytes())
    height, width, _ = first.shape
    assert 700 < width < 1600 and 700 < height < 1800
    draw_learning_curves(run)
    assert (pixels((run / "curves.png").read_bytes()) == first).all()
    draw_learning_curves(write_run(tmp_path, [0.2, 0.6, 0.5, 0.75]))
    changed = pixels((run / "curves.png").read_bytes())
    assert changed.shape != first.shape or (changed != first).any()
    assert sorted(file.name for file in run.iterdir()) == ["curves.png", "log.csv", "recipe.json"]


def test_a_log_without_training_accuracy_is_drawn_too(tmp_path: Path) -> None:
    run = write_run(tmp_path, [0.2, 0.6])
    lines = (run / "log.csv").read_text().splitlines()
    older = "\n".join(line.rpartition(",")[0] for line in lines) + "\n"
    (run / "log.csv").write_text(older)
    assert "train_accuracy" not in older
    draw_learning_curves(run)
    assert pixels((run / "curves.png").read_bytes()).mean() > 200


@pytest.mark.slow
def test_the_command_draws_what_is_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = write_run(tmp_path / "run", [0.2, 0.6])
    assert main([str(run)]) == 0
    assert capsys.readouterr().out.split() == [str(run / "curves.png")]
    (run / "evaluation.json").write_text(json.dumps([evaluation()]))
    assert main([str(run)]) == 0
    assert capsys.readouterr().out.split()[1:] == [str(run / "confusion.png")]
    rows = [evaluation("upper"), evaluation(subset="hard one.csv")]
    (tmp_path / "more.json").write_text(json.dumps(rows))
    assert main([str(run), "--evaluation", str(tmp_path / "more.json")]) == 0
    names = [Path(line).name for line in capsys.readouterr().out.split()]
    stem = "confusion-resnet18.ferplus-valid"
    assert names[1:] == [f"{stem}-upper-at-1.png", f"{stem}-hard-one.csv.png"]
    assert all((run / name).is_file() for name in names)


def test_refusals(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*arguments: str) -> str:
        assert main([str(tmp_path), *arguments]) == 2
        message = capsys.readouterr().err.strip()
        assert len(message.splitlines()) == 1
        return message

    assert "is it a run?" in refused()
    (tmp_path / "log.csv").write_text("epoch,loss\n1,2\n")
    assert "isn't the log" in refused()
    write_run(tmp_path, [])
    assert "no epoch yet" in refused()
    write_run(tmp_path, [0.5])
    assert "can't be read" in refused("--evaluation", str(tmp_path / "none.json"))
    (tmp_path / "x.json").write_text('[{"a": 1}]')
    assert "isn't what" in refused("--evaluation", str(tmp_path / "x.json"))

    def without_matplotlib(name: str, *arguments: Any, **options: Any) -> Any:
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return imported(name, *arguments, **options)

    imported = builtins.__import__
    monkeypatch.setattr(builtins, "__import__", without_matplotlib)
    assert "need matplotlib; install it" in refused()
