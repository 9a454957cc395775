"""Ensembles: the mean of their members' probabilities, made of weights on disk."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from ferstudio.errors import UsageError, WeightsError
from ferstudio.models import build_model, list_models, load_weights, model_entry
from ferstudio.models.card import WeightsCard, read_card, write_card
from ferstudio.models.ensemble import Ensemble
from tests.networks import INPUT, card, pictures
from tests.studio_parts import write_ensemble

MEMBERS = ("acsinet.test", "resnet18.test")


def joined(**changes: object) -> WeightsCard:
    """Return the card of an ensemble of both test networks."""
    values = {"files": (), "sha256": (), "members": MEMBERS, **changes}
    return replace(card("ensemble"), **values)  # type: ignore[arg-type]


@pytest.fixture
def folder(shelf: Path, tmp_path: Path) -> Path:
    """Return an ensemble's folder beside links to its members."""
    return write_ensemble(tmp_path, shelf)


def test_its_answer_is_the_mean_of_the_probabilities(folder: Path, shelf: Path) -> None:
    images = pictures(3, INPUT.size)
    with torch.no_grad():
        answers = load_weights(folder).module(images).softmax(dim=1)
        each = [load_weights(shelf / name).module(images).softmax(dim=1) for name in MEMBERS]
    torch.testing.assert_close(answers, (each[0] + each[1]) / 2)
    assert load_weights(folder).title == "Ensemble"


def test_each_member_sees_its_own_size() -> None:
    class Side(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.tensor([[float(x.shape[-1]), 0.0]])

    module = Ensemble([Side(), Side()], [2, 4])
    expected = sum(torch.tensor([[side, 0.0]]).softmax(dim=1) for side in (2.0, 4.0)) / 2
    torch.testing.assert_close(module(torch.zeros(1, 3, 4, 4)).exp(), expected)


def test_members_can_be_elsewhere(folder: Path, shelf: Path, tmp_path: Path) -> None:
    alone = tmp_path / "elsewhere" / "ensemble.test"
    alone.mkdir(parents=True)
    write_card(alone, joined())
    with pytest.raises(WeightsError):
        load_weights(alone)
    assert load_weights(alone, shelf.joinpath).card.members == MEMBERS


def test_no_hook_or_mode_is_shared_with_its_members(folder: Path) -> None:
    model = load_weights(folder)
    with model.exclusive() as module:
        assert not any(part.training for part in module.modules())
    assert not any(parameter.requires_grad for parameter in model.module.parameters())


@pytest.mark.parametrize(
    "changes", [{"labels": "fer2013"}, {"input": replace(INPUT, grayscale=not INPUT.grayscale)}]
)
def test_members_must_share_labels_and_preprocessing(
    folder: Path, changes: dict[str, object]
) -> None:
    write_card(folder, joined(**changes))
    with pytest.raises(WeightsError, match=r"acsinet\.test can't be part of ensemble\.test"):
        load_weights(folder)


def test_an_ensemble_is_no_member_of_another_nor_of_itself(folder: Path) -> None:
    write_card(folder, joined(members=("acsinet.test", "ensemble.test")))
    with pytest.raises(WeightsError, match=r"ensemble\.test, which is an ensemble, too"):
        load_weights(folder)


def test_a_card_has_files_or_members(folder: Path) -> None:
    for changes in ({"members": ()}, {"files": ("a",), "sha256": ("b",)}):
        write_card(folder, joined(**changes))
        with pytest.raises(WeightsError, match="either files of its own or the members"):
            read_card(folder)


def test_two_members_at_least() -> None:
    with pytest.raises(UsageError, match="two"):
        Ensemble([nn.Identity()], [64])


def test_it_is_known_but_no_network_to_build() -> None:
    assert "ensemble" not in list_models()
    assert model_entry("ensemble").title == "Ensemble"
    with pytest.raises(UsageError, match="load its weights"):
        build_model("ensemble", num_classes=8)
