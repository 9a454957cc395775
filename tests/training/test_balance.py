import shutil
from pathlib import Path

import pytest
import torch

from ferstudio.interruptions import STOPPED
from ferstudio.models import load_weights
from ferstudio.models.card import read_card
from training.balance import main
from training.data.cache import load_split
from training.evaluation.evaluate import evaluate_split
from training.evaluation.shown_faces import Protocol
from training.shipping.measure import CARD_OCCLUDERS


@pytest.fixture
def weights_dir(shelf: Path, tmp_path: Path) -> Path:
    shutil.copytree(shelf / "resnet18.test", tmp_path / "weights" / "resnet18.test")
    return tmp_path / "weights"


@pytest.mark.slow
def test_exported_weights_are_balanced_and_measured_anew(weights_dir: Path, cache: Path) -> None:
    folder = weights_dir / "resnet18.test"
    before = load_weights(folder).module.state_dict()
    arguments = ["resnet18.test", "--data", str(cache), "--weights-dir", str(weights_dir)]
    assert main([*arguments, "--tau", "0.8"]) == 0
    assert [item.name for item in weights_dir.iterdir()] == ["resnet18.test"]
    card, model = read_card(folder), load_weights(folder)
    assert card.recipe["balance"]["tau"] == 0.8
    added = torch.tensor(list(card.recipe["balance"]["added"].values()))
    torch.testing.assert_close(model.module.state_dict()["fc.bias"], before["fc.bias"] + added)
    assert [row["occlude"] for row in card.metrics if not row["subset"]] == list(CARD_OCCLUDERS)
    protocol = Protocol(occlude=card.metrics[1]["occlude"])
    again = evaluate_split(model, load_split(cache, "valid"), protocol, split="valid")
    assert card.metrics[1]["confusion"] == again.confusion


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["resnet18.lost"], "resnet18.test"), (["resnet18.test", "--tau", "-1"], "from 0 on")],
)
def test_what_is_asked_wrongly_changes_nothing(
    arguments: list[str],
    said: str,
    weights_dir: Path,
    cache: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = (weights_dir / "resnet18.test" / "card.json").read_bytes()
    assert main([*arguments, "--data", str(cache), "--weights-dir", str(weights_dir)]) == 2
    assert said in capsys.readouterr().err
    assert (weights_dir / "resnet18.test" / "card.json").read_bytes() == before


def test_a_failure_half_way_leaves_the_weights_as_they_were(
    weights_dir: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = read_card(weights_dir / "resnet18.test")

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("training.shipping.adjustment.measure", stop)
    arguments = ["resnet18.test", "--data", str(cache), "--weights-dir", str(weights_dir)]
    assert main(arguments) == STOPPED
    assert read_card(weights_dir / "resnet18.test") == before
    assert [item.name for item in weights_dir.iterdir()] == ["resnet18.test"]
