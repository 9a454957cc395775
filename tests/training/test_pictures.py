import builtins
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from ferstudio.errors import DataError
from ferstudio.labels import FER2013, FERPLUS
from training.engine.run import LOG_COLUMNS
from training.pictures import confusion_picture, learning_curves, main

CONFUSION = (np.eye(8, dtype=int) * 40 + np.arange(64).reshape(8, 8) % 5).tolist()


def pixels(content: bytes) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(content)) as picture:
        assert picture.format == "PNG"
        return np.asarray(picture.convert("RGB"))


def write_run(folder: Path, accuracies: list[float]) -> Path:
    folder.mkdir(exist_ok=True)
    values = {"progress": 0.5, "size_px": 64, "lr": 0.1, "loss": 1.5, "valid_loss": 1.2}
    lines = [",".join(LOG_COLUMNS)]
    for number, accuracy in enumerate(accuracies, start=1):
        row = {**values, "epoch": number, "valid_accuracy": accuracy, "lr": 0.1 / number**3}
        row |= {"images_per_s": 9, "elapsed_s": number, "size_px": 64 if number < 3 else 80}
        lines.append(",".join(str(row.get(name, "")) for name in LOG_COLUMNS))
    (folder / "log.csv").write_text("\n".join(lines) + "\n")
    (folder / "recipe.json").write_text('{"name": "resnet18.ferplus"}')
    return folder


def evaluation(occlude: str = "none", **changes: Any) -> dict[str, Any]:
    return {
        "weights": "resnet18.ferplus",
        "labels": "ferplus",
        "protocol": "most voted",
        "split": "valid",
        "subset": "",
        "occlude": occlude,
        "amount": 0.0 if occlude == "none" else 1.0,
        "tta": False,
        "mapped": False,
        "n": 100,
        "correct": 80,
        "accuracy": 0.8,
        "ci95": [0.7, 0.9],
        "macro_recall": 0.6,
        "macro_f1": 0.6,
        "per_class": {},
        "confusion": CONFUSION,
        "seed": 0,
        "elapsed_s": 1.0,
        "images_per_s": 1.0,
        **changes,
    }


def test_curves_are_a_picture_beside_the_run_and_follow_the_log(tmp_path: Path) -> None:
    run = write_run(tmp_path, [0.2, 0.6, 0.5, 0.55])
    assert learning_curves(run) == run / "curves.png"
    first = pixels((run / "curves.png").read_bytes())
    height, width, _ = first.shape
    assert 700 < width < 1600 and 700 < height < 1800
    assert first.mean() > 230 and (first[0] == 255).all()  # light, with a margin
    learning_curves(run)
    assert (pixels((run / "curves.png").read_bytes()) == first).all()
    learning_curves(write_run(tmp_path, [0.2, 0.6, 0.5, 0.75]))
    changed = pixels((run / "curves.png").read_bytes())
    assert changed.shape != first.shape or (changed != first).any()
    assert sorted(file.name for file in run.iterdir()) == ["curves.png", "log.csv", "recipe.json"]


def test_a_rate_that_ends_at_nothing_is_drawn(tmp_path: Path) -> None:
    run = write_run(tmp_path, [0.2, 0.6, 0.5])
    log = (run / "log.csv").read_text()
    (run / "log.csv").write_text(log.replace(f"{0.1 / 27}", "0.0"))
    height, width, _ = pixels(learning_curves(run).read_bytes()).shape
    assert 700 < width < 1600 and 700 < height < 1800


def test_one_epoch_can_be_drawn(tmp_path: Path) -> None:
    assert learning_curves(write_run(tmp_path, [0.3])).stat().st_size > 5000


def test_confusion_follows_the_counts() -> None:
    first = pixels(confusion_picture(CONFUSION, FERPLUS, title="a title"))
    height, width, _ = first.shape
    assert 700 < height < 1800 and 700 < width < 1800
    moved = np.array(CONFUSION)
    moved[2, 3] += 30
    other = pixels(confusion_picture(moved.tolist(), FERPLUS, title="a title"))
    assert other.shape != first.shape or (other != first).mean() > 0.001
    seven = pixels(confusion_picture(np.eye(7, dtype=int).tolist(), FER2013))
    assert seven.shape[0] < height


def test_shade_is_the_share_of_the_row_in_one_hue() -> None:
    """A rare label that is always right is as dark as a frequent one."""
    picture = pixels(confusion_picture([[1000, 0], [0, 3]], ("a", "b"))).reshape(-1, 3)
    dark = (picture == np.round(np.array([0.075, 0.275, 0.455]) * 255)).all(axis=1).sum()
    half = pixels(confusion_picture([[1000, 0], [1, 1]], ("a", "b"))).reshape(-1, 3)
    halved = (half == np.round(np.array([0.075, 0.275, 0.455]) * 255)).all(axis=1).sum()
    assert dark > 1.8 * halved > 1000


def test_emotions_stand_in_the_order_of_all_charts() -> None:
    counts = np.arange(49).reshape(7, 7)
    names = [name for name in FERPLUS if name in FER2013]
    order = [FER2013.index(name) for name in names]
    shown = confusion_picture(counts.tolist(), FER2013)
    assert shown == confusion_picture(counts[np.ix_(order, order)].tolist(), names)


def test_a_label_that_never_occurs_is_no_division_by_zero() -> None:
    assert pixels(confusion_picture([[0, 0], [1, 2]], ("a", "b"))).size


def test_a_matrix_of_another_size_is_refused() -> None:
    with pytest.raises(DataError, match="8 labels"):
        confusion_picture([[1, 0], [0, 1]], FERPLUS)


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
