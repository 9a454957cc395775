from pathlib import Path

import pytest
import torch

from ferstudio.models import load_weights
from ferstudio.models.weights import read_card
from training.data import load_split
from training.evaluate import Protocol, evaluate_split
from training.export import CARD_OCCLUDERS, main, shipped_state
from training.run import read_checkpoint
from training.train import main as train_main


@pytest.fixture(scope="module")
def run(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("run")
    arguments = ["acsinet.ferplus", "--data", str(cache), "--out", str(out), "--epochs", "1"]
    assert train_main([*arguments, "--device", "cpu"]) == 0
    return out


def test_the_card_says_what_the_shipped_files_score(run: Path, cache: Path, tmp_path: Path) -> None:
    assert main([str(run), "--data", str(cache), "--weights-dir", str(tmp_path)]) == 0
    assert [item.name for item in tmp_path.iterdir()] == ["acsinet.ferplus"]
    folder = tmp_path / "acsinet.ferplus"
    card = read_card(folder)
    assert [row["occlude"] for row in card.metrics] == list(CARD_OCCLUDERS)
    model, valid = load_weights(folder), load_split(cache, "valid")
    for row in card.metrics[:3]:
        protocol = Protocol(occlude=row["occlude"], amount=1.0)
        again = evaluate_split(model, valid, protocol, split="valid")
        assert row["confusion"] == again.confusion
        assert row["accuracy"] == again.accuracy and tuple(row["ci95"]) == again.ci95
    assert card.recipe["command"].startswith("python -m training.train acsinet.ferplus")
    assert card.recipe["epochs_trained"] == 1
    assert card.params == sum(p.numel() for p in model.module.parameters())


def test_the_averaged_weights_are_shipped(run: Path, cache: Path, tmp_path: Path) -> None:
    assert main([str(run), "--data", str(cache), "--weights-dir", str(tmp_path)]) == 0
    shipped = load_weights(tmp_path / "acsinet.ferplus").module.state_dict()
    averaged = shipped_state(read_checkpoint(run))
    assert shipped.keys() == averaged.keys()
    for name, tensor in averaged.items():
        step = tensor.abs().max() / 127 if tensor.dim() > 1 else 0
        assert (shipped[name] - tensor).abs().max() <= step / 2 + 1e-6, name
    assert torch.equal(shipped["bn1.weight"], averaged["bn1.weight"])


def test_a_folder_without_a_run_is_refused(
    cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path), "--data", str(cache), "--weights-dir", str(tmp_path / "w")]) == 2
    assert "holds no last.pt" in capsys.readouterr().err
    assert not (tmp_path / "w").exists()
