"""`python -m ferstudio sweep`: curves, flip points and the matrix from the shell."""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ferstudio import cli
from ferstudio.errors import UnknownNameError
from ferstudio.faces.pictures import read_picture
from ferstudio.labels import FERPLUS
from ferstudio.occlusion.occluder import Group, list_occluders, occluder
from ferstudio.report.sweep import chosen_occluders
from ferstudio.sentences.face import NO_FACE
from ferstudio.studio import faces as studio_faces
from ferstudio.studio.robustness import RobustnessPlan
from ferstudio.studio.selection import Selection
from ferstudio.studio.studio import Studio
from tests.studio_parts import FakeDetector, write_picture

KEYS = {
    "image", "weights", "occluder", "seed", "clean", "target", "amounts", "shares",
    "probabilities", "answers", "flip_amount", "flip_share", "flip_answer", "area",
}  # fmt: skip
(QUALITY, *_) = (name for name in list_occluders() if occluder(name).group is Group.QUALITY)


@pytest.fixture(autouse=True)
def _one_average_face(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(studio_faces, "best_detector", FakeDetector)


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """Return exit status, stdout and stderr of the command."""
    status = cli.main(["sweep", *map(str, arguments)])
    said = capsys.readouterr()
    return status, said.out, said.err


def rows_of(capsys: pytest.CaptureFixture[str], *arguments: object) -> list[dict[str, Any]]:
    status, out, err = run(capsys, *arguments, "--json")
    assert (status, err) == (0, "")
    return json.loads(out)


def test_one_row_per_model_and_occluder(
    capsys: pytest.CaptureFixture[str], shelf: Path, tmp_path: Path
) -> None:
    photo = write_picture(tmp_path / "me.png")
    rows = rows_of(
        capsys, photo, "--models", "resnet18,acsinet", "--occluders", f"upper,{QUALITY}",
        "--steps", 4, "--seed", 3, "--weights", shelf,
    )  # fmt: skip
    assert [(row["weights"], row["occluder"]) for row in rows] == [
        (weights, name)
        for weights in ("resnet18.test", "acsinet.test")
        for name in ("upper", QUALITY)
    ]
    for row in rows:
        assert set(row) == KEYS
        assert (row["image"], row["seed"]) == (str(photo), 3)
        assert row["amounts"] == [0.25, 0.5, 0.75, 1]
        assert all(len(row[key]) == 4 for key in ("shares", "probabilities", "answers"))
        assert row["shares"] == sorted(row["shares"])
        assert row["target"] == row["clean"]["top"]
        assert list(row["clean"]["probabilities"]) == list(FERPLUS)
        assert row["clean"]["confidence"] == max(row["clean"]["probabilities"].values())
        assert 0 <= row["area"] <= 1
        changed = [answer for answer in row["answers"] if answer != row["target"]]
        assert row["flip_answer"] == (changed[0] if changed else None)
        assert (row["flip_amount"] is None) == (not changed)
        if row["occluder"] == QUALITY:
            assert row["flip_share"] is None


def test_the_rows_are_those_of_the_studio(
    capsys: pytest.CaptureFixture[str], shelf: Path, tmp_path: Path
) -> None:
    photo = write_picture(tmp_path / "me.png")
    (row,) = rows_of(
        capsys, photo, "--models", "resnet18", "--occluders", "surgical-mask", "--steps", 3,
        "--weights", shelf,
    )  # fmt: skip
    studio, image = Studio(shelf, detector=FakeDetector()), read_picture(photo)
    crop = studio.crop(image, studio.find_faces(image).faces[0])
    plan = RobustnessPlan(
        Selection(crop, models=("resnet18",)), ("surgical-mask",), (1 / 3, 2 / 3, 1.0)
    )
    *_, found = studio.robustness(plan)
    ((sweep,),) = found.sweeps
    assert sweep is not None
    assert row["probabilities"] == pytest.approx(sweep.curve[1:].tolist(), abs=1e-5)
    assert row["shares"] == sweep.shares.tolist()
    assert row["answers"] == list(sweep.answers)
    assert row["area"] == pytest.approx(sweep.area, abs=1e-5)


@pytest.mark.slow
def test_pictures_are_written_whole(
    capsys: pytest.CaptureFixture[str], shelf: Path, tmp_path: Path
) -> None:
    photo, out = write_picture(tmp_path / "me.png"), tmp_path / "out"
    arguments = ("--occluders", f"lower,{QUALITY}", "--steps", 2, "--out", out, "--weights", shelf)
    rows_of(capsys, photo, *arguments)
    names = {"me.lower.sweep.png", f"me.{QUALITY}.sweep.png", "me.matrix.png"}
    assert {file.name for file in out.iterdir()} == names
    for name in names:
        image = read_picture(out / name)
        assert min(image.shape[:2]) > 400
        assert len(np.unique(image[:, :, 0])) > 10


def test_the_matrix_as_a_table(
    capsys: pytest.CaptureFixture[str], shelf: Path, tmp_path: Path
) -> None:
    photo = write_picture(tmp_path / "me.png")
    status, out, err = run(
        capsys, photo, "--occluders", "upper,lower,upper", "--steps", 2, "--weights", shelf
    )
    assert (status, err) == (0, "")
    heading, models, clean, upper, lower, *words = out.splitlines()
    assert heading == str(photo)
    assert models.split() == ["acsinet.test", "resnet18.test"]
    assert [line.split()[0] for line in (clean, upper, lower)] == ["clean", "upper", "lower"]
    assert upper.count(" %") >= 2
    assert ":" in words[-1] and words[-1].endswith(".")


def test_all_occluders_is_the_registry() -> None:
    assert chosen_occluders("all") == tuple(list_occluders())
    assert chosen_occluders(" lower , upper,lower") == ("lower", "upper")
    assert chosen_occluders("chance,lower") == ("chance", "lower")
    with pytest.raises(UnknownNameError, match=r"'painted'; choose from: .*, hottest, coldest"):
        chosen_occluders("painted")


def test_what_was_made_of_the_picture_is_said(
    capsys: pytest.CaptureFixture[str],
    shelf: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(studio_faces, "best_detector", lambda: FakeDetector(0))
    photo = write_picture(tmp_path / "me.png")
    asked = ("--models", "resnet18", "--occluders", "lower", "--steps", 1, "--weights", shelf)
    status, out, err = run(capsys, photo, *asked, "--json")
    assert status == 0
    assert len(json.loads(out)) == 1
    assert err.startswith(f"{photo}: ")
    assert "centred square" in err
    _, out, _ = run(capsys, photo, *asked)
    assert out.splitlines()[-1] == str(NO_FACE)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["me.png", "--models", "vgg"], "'vgg'; choose from: acsinet.test, resnet18.test"),
        (["me.png", "--occluders", "lower,hat"], "'hat'; choose from: "),
        (["me.png", "--occluders", ","], "--occluders needs at least one name, or all"),
        (["me.png", "--steps", "0"], "at least one step, not 0"),
        (["me.png", "--steps", "few"], "argument --steps: invalid int value: 'few'"),
        (["me.png", "--seed", "-1"], "The seed must be a whole number from 0 on"),
        (["me.png", "--weights", "no-such-folder"], "no weights folder no-such-folder"),
        (["me.png", "--out", "me.png/out"], "me.png/out"),
        (["absent.png"], "absent.png doesn't exist"),
        (["renamed.jpg"], "renamed.jpg is no picture"),
        ([], "IMAGE"),
        (["me.png", "me.png"], "unrecognized arguments"),
    ],
)
def test_what_makes_no_sense_ends_in_one_sentence_and_nothing_written(
    capsys: pytest.CaptureFixture[str],
    shelf: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    arguments: list[str],
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    write_picture(tmp_path / "me.png")
    (tmp_path / "renamed.jpg").write_text("just some text, no picture at all")
    before = sorted(tmp_path.iterdir())
    defaults = ["--weights", str(shelf), "--out", "out", "--occluders", "lower", "--steps", "1"]
    status, out, err = run(capsys, *defaults, *arguments)
    assert (status, out) == (2, "")
    assert words in err
    assert err.count("\n") == 1
    assert sorted(tmp_path.iterdir()) == before


def test_without_matplotlib_pictures_are_refused_before_anything_is_asked(
    capsys: pytest.CaptureFixture[str],
    shelf: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    monkeypatch.setattr(Studio, "robustness", None)
    photo = write_picture(tmp_path / "me.png")
    status, _, err = run(capsys, photo, "--out", tmp_path / "out", "--weights", shelf)
    assert status == 2
    assert "matplotlib" in err
    assert not (tmp_path / "out").exists()
