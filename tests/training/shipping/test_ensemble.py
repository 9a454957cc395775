"""The command that joins shipped weights."""

from pathlib import Path

import numpy as np
import pytest

from ferstudio.models import load_weights
from ferstudio.models.card import read_card
from tests.studio_parts import write_network
from training.data.cache import load_split
from training.ensemble import main


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """Return a folder with two networks' untrained weights."""
    for model in ("acsinet", "resnet18"):
        write_network(tmp_path, model)
    return tmp_path


@pytest.mark.slow
def test_it_is_written_with_its_own_measured_card(weights: Path, cache: Path) -> None:
    command = ["pair", "--members", "acsinet.test,resnet18.test", "--data", str(cache)]
    assert main([*command, "--weights-dir", str(weights)]) == 0
    assert sorted(folder.name for folder in weights.iterdir()) == [
        "acsinet.test",
        "ensemble.pair",
        "resnet18.test",
    ]
    card = read_card(weights / "ensemble.pair")
    assert card.members == ("acsinet.test", "resnet18.test")
    assert card.params == sum(read_card(weights / name).params for name in card.members)
    bare = card.metrics[0]
    assert bare["occlude"] == "none"
    assert bare["n"] <= len(load_split(cache, "valid"))
    assert np.sum(bare["confusion"]) == bare["n"]
    assert load_weights(weights / "ensemble.pair").card == card


@pytest.mark.parametrize("members", ["acsinet.test", "acsinet.test,acsinet.test", "acsinet.test,x"])
def test_what_can_not_be_joined_is_refused(
    weights: Path, cache: Path, members: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["pair", "--members", members, "--data", str(cache), "--weights-dir", str(weights)]
    assert main(command) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert not (weights / "ensemble.pair").exists()
