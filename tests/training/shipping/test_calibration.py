"""Temperatures in written files: what changes, what stays, and what a second one does."""

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from ferstudio.errors import UsageError
from ferstudio.models import load_weights
from ferstudio.models.card import read_card, write_card
from tests.studio_parts import stored_tensors
from training.calibrate import main
from training.data.cache import load_split
from training.engine.shipped_layer import temperature_of
from training.evaluation.evaluate import evaluate_split
from training.evaluation.shown_faces import Protocol
from training.shipping.adjustment import Balance, adjust, rebalance
from training.shipping.calibration import calibrate
from training.shipping.last_layer import change_stored


@pytest.fixture
def folder(shelf: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(shelf / "resnet18.test", tmp_path / "resnet18.test"))


def test_logits_are_divided_and_nothing_else_changes(folder: Path, cache: Path) -> None:
    before, images = stored_tensors(folder), torch.randn(3, 3, 64, 64)
    plain = load_weights(folder).module(images)
    card = calibrate(folder, load_split(cache, "valid"))
    temperature = card.calibration["temperature"]
    assert temperature > 1.05 or temperature < 0.95
    after = stored_tensors(folder)
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed == {"fc.weight:scale", "fc.bias"}
    torch.testing.assert_close(load_weights(folder).module(images), plain / temperature)
    assert read_card(folder) == card
    assert card.calibration["nll"] <= card.calibration["nll_without"]
    assert card.explanations == ()


def test_the_card_says_what_evaluation_finds(folder: Path, cache: Path) -> None:
    valid = load_split(cache, "valid")
    plain = evaluate_split(load_weights(folder), valid, Protocol(), split="valid")
    facts = calibrate(folder, valid).calibration
    after = evaluate_split(load_weights(folder), valid, Protocol(), split="valid")
    assert facts["n"] == plain.n
    assert facts["ece_without"] == pytest.approx(plain.ece, abs=1e-6)
    assert facts["ece"] == pytest.approx(after.ece, abs=1e-6)
    assert after.confusion == plain.confusion


def test_a_second_calibration_takes_the_first_one_back(folder: Path, cache: Path) -> None:
    valid = load_split(cache, "valid")
    first, stored = calibrate(folder, valid).calibration, stored_tensors(folder)
    second = calibrate(folder, valid).calibration
    assert second.keys() == first.keys()
    numbers = ("temperature", "n", "ece", "ece_without", "nll", "nll_without")
    assert [second[k] for k in numbers] == pytest.approx([first[k] for k in numbers], rel=1e-4)
    torch.testing.assert_close(
        stored_tensors(folder)["fc.bias"], stored["fc.bias"], rtol=1e-4, atol=1e-6
    )


@pytest.mark.slow
def test_balance_and_temperature_go_together(folder: Path, cache: Path) -> None:
    train, valid = load_split(cache, "train"), load_split(cache, "valid")
    images = torch.randn(3, 3, 64, 64)
    plain = load_weights(folder).module(images)
    calibrate(folder, valid)
    added = adjust(folder, Balance(0.5, train, valid)).recipe.get("balance", {}).get("added", {})
    temperature = temperature_of(read_card(folder))
    offsets = torch.tensor([added.get(name, 0.0) for name in read_card(folder).label_names])
    shown = load_weights(folder).module(images)
    torch.testing.assert_close(shown, (plain + offsets) / temperature, rtol=1e-4, atol=1e-5)
    rebalance(folder, Balance(0.0, train, valid))
    temperature = temperature_of(read_card(folder))
    shown = load_weights(folder).module(images)
    torch.testing.assert_close(shown, plain / temperature, rtol=1e-4, atol=1e-5)


def test_an_ensemble_is_told_to_calibrate_its_members(folder: Path, cache: Path) -> None:
    members = ("acsinet.test", "resnet18.test")
    write_card(folder, dataclasses.replace(read_card(folder), members=members, files=(), sha256=()))
    with pytest.raises(UsageError, match=r"joins acsinet\.test, resnet18\.test: calibrate those"):
        calibrate(folder, load_split(cache, "valid"))


def test_without_labels_nothing_is_calibrated(folder: Path, cache: Path) -> None:
    valid = load_split(cache, "valid")
    blank = dataclasses.replace(valid, votes=np.zeros_like(valid.votes))
    before = (folder / "card.json").read_bytes()
    with pytest.raises(UsageError, match="No face has a label of ferplus"):
        calibrate(folder, blank)
    assert (folder / "card.json").read_bytes() == before


def test_a_tensor_that_is_not_there_changes_no_file(folder: Path) -> None:
    card, before = read_card(folder), stored_tensors(folder)
    changes = {"fc.bias": torch.zeros_like, "fc.lost": torch.zeros_like}
    with pytest.raises(Exception, match=r"no tensor called fc\.lost"):
        change_stored(folder, card, changes)
    assert all(torch.equal(before[name], tensor) for name, tensor in stored_tensors(folder).items())
    assert read_card(folder) == card


def test_the_command_calibrates_and_measures(
    folder: Path, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--weights", "all", "--weights-dir", str(folder.parent), "--data", str(cache)]
    assert main(arguments) == 0
    card = read_card(folder)
    assert f"temperature {card.calibration['temperature']:.3f}" in capsys.readouterr().out
    assert card.metrics[0]["ece"] == pytest.approx(card.calibration["ece"], abs=1e-6)
