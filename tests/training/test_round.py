"""A round, rehearsed on the processor: real recipes on tiny pictures, in processes of their own."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from ferstudio.models import load_weights
from ferstudio.models.card import is_recorded, read_card
from tests.studio_parts import write_network
from training.data.cache import load_split
from training.engine.processes import Job
from training.evaluation.evaluate import evaluate_split
from training.evaluation.shown_faces import Protocol
from training.round import main
from training.shipping import round as shipping
from training.shipping.archives import unpack
from training.shipping.round import ROUND_FILE, Round, shipped_recipes, train_round

SMALL = ["--device", "cpu", "--sizes", "32", "--batch-size", "32"]
SMALL += ["--set", "augmentation.occlusion.share=0"]


def rehearse(cache: Path, home: Path, *options: str) -> tuple[int, dict[str, dict[str, Any]]]:
    """Return the exit status of a round in `home`, and what its JSON says by recipe."""
    places = ["--data", str(cache), "--out", str(home / "out"), "--runs", str(home / "runs")]
    status = main([*places, *SMALL, *options])
    rows = json.loads((home / "out" / ROUND_FILE).read_text())
    return status, {row["recipe"]: row for row in rows}


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_round_trains_exports_and_goes_on(
    cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "runs" / "acsinet.ferplus").mkdir(parents=True)
    (tmp_path / "runs" / "acsinet.ferplus" / "last.pt").write_bytes(b"no checkpoint")
    recipes = ("--recipes", "resnet18.both,acsinet.ferplus")
    status, rows = rehearse(cache, tmp_path, *recipes, "--minutes", "4", "--epochs", "2")
    assert status == 1
    assert "1 of 2 recipes failed: acsinet.ferplus." in capsys.readouterr().err
    assert "can't be read" in rows["acsinet.ferplus"]["problem"]
    assert rows["acsinet.ferplus"]["weights"] == []
    assert rows["resnet18.both"]["problem"] == ""
    assert rows["resnet18.both"]["epochs"] == 2
    assert [row["weights"] for row in rows["resnet18.both"]["weights"]] == [
        "resnet18.fer2013",
        "resnet18.ferplus",
    ]

    shutil.rmtree(tmp_path / "runs" / "acsinet.ferplus")
    before = (tmp_path / "runs" / "resnet18.both" / "last.pt").read_bytes()
    status, rows = rehearse(cache, tmp_path, *recipes, "--minutes", "4", "--epochs", "1")
    assert status == 0 and rows["acsinet.ferplus"]["epochs"] == 1
    assert (tmp_path / "runs" / "resnet18.both" / "last.pt").read_bytes() == before  # it had ended

    files = sorted(file.name for file in (tmp_path / "out").iterdir())
    assert files == [ROUND_FILE, "weights-1.zip", "weights-2.zip"]
    written = unpack([tmp_path / "out"], tmp_path / "weights")
    assert {f.name for f in written} == {"acsinet.ferplus", "resnet18.fer2013", "resnet18.ferplus"}
    valid = load_split(cache, "valid")
    for scored in rows["acsinet.ferplus"]["weights"] + rows["resnet18.both"]["weights"]:
        model = load_weights(tmp_path / "weights" / scored["weights"])
        assert model.card.input.size == 32
        again = evaluate_split(model, valid, Protocol(labels=model.card.labels), split="valid")
        assert (again.accuracy, again.n) == (scored["accuracy"], scored["n"])
        (row,) = model.card.metrics  # bare faces alone: training.cards measures the rest
        assert row["occlude"] == "none"
        assert not is_recorded(tmp_path / "weights" / model.name, model.card, "metrics")


def test_each_recipe_gets_what_is_left_of_the_minutes(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs: dict[str, tuple[str, ...]] = {}

    def start(given: list[Job], *, until: float) -> dict[str, str]:
        jobs.update({job.name: job.arguments for job in given})
        assert until == pytest.approx(60 * 8 + 30)
        return dict.fromkeys(jobs, "")

    monkeypatch.setattr(shipping, "run_side_by_side", start)
    monkeypatch.setattr(
        "training.shipping.round.time.monotonic", lambda: 90.0
    )  # a minute and a half is gone
    names = ("vgg16.ferplus", "resnet18.ferplus", "resnet50.ferplus")
    for name, progress in (("resnet18.ferplus", 0.4), ("resnet50.ferplus", 1.0)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "last.pt").touch()
        (folder / "log.csv").write_text(f"epoch,progress,elapsed_s\n7,{progress},120.0\n")
    plan = Round(names, cache, tmp_path, "cuda", ("--batch-size", "256"))
    train_round(plan, minutes=8, begun=0.0)  # a minute and a half is gone
    assert set(jobs) == {"vgg16.ferplus", "resnet18.ferplus"}  # resnet50's schedule has ended
    fresh, resumed = jobs["vgg16.ferplus"], jobs["resnet18.ferplus"]
    assert fresh[-4:] == ("--max-minutes", "6.000", "--batch-size", "256")
    assert resumed[-3:] == ("--max-minutes", "8.000", "--resume")  # two minutes lie behind it
    assert fresh[:3] == ("-m", "training.train", "vgg16.ferplus") and "cuda" in fresh


def test_the_list_is_that_of_the_shipped_weights(tmp_path: Path) -> None:
    for model, tag in (("resnet18", "b"), ("resnet18", "a"), ("acsinet", "c")):
        write_network(tmp_path, model, tag)
    for name, recipe in (("resnet18.a", "x.both"), ("resnet18.b", "x.both"), ("acsinet.c", "y.z")):
        file = tmp_path / name / "card.json"
        card = json.loads(file.read_text())
        file.write_text(json.dumps({**card, "recipe": {"name": recipe}}))
    joined = tmp_path / "ensemble.d"
    joined.mkdir()
    card = json.loads((tmp_path / "acsinet.c" / "card.json").read_text())
    card |= {"model": "ensemble", "tag": "d", "files": [], "sha256": [], "members": ["acsinet.c"]}
    (joined / "card.json").write_text(json.dumps(card))
    assert read_card(joined).members == ("acsinet.c",)
    assert shipped_recipes(tmp_path) == ("y.z", "x.both")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--recipes", "resnet18.lost"], "resnet18.ferplus"),
        (["--recipes", "resnet18.ferplus,resnet18.ferplus"], "each of them once"),
        (["--minutes", "-1"], "--minutes"),
        (["--device", "tpu"], "--device"),
        (["--data", "nowhere"], "training.prepare"),
    ],
)
def test_what_is_asked_wrongly_starts_nothing(
    options: list[str],
    said: str,
    cache: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    places = ["--data", str(cache), "--out", str(tmp_path / "out"), "--runs", str(tmp_path / "r")]
    assert main([*places, *options]) == 2
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
