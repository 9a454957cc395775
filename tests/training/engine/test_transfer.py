"""Networks that begin with another's trained tensors."""

import dataclasses
from pathlib import Path

import pytest
import torch

from ferstudio.errors import UsageError
from ferstudio.models import build_model
from ferstudio.models.card import write_card
from tests.networks import card, network, write_weights
from training.data.batches import data_sentence
from training.data.table import FaceTable
from training.engine.transfer import begin_with
from training.recipes import get_recipe


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with weights of a ResNet-18."""
    shelf = tmp_path_factory.mktemp("shelf")
    write_weights(shelf, card("resnet18"), network("resnet18").state_dict())
    return shelf / "resnet18.test"


def test_whatever_fits_is_taken(plain: Path) -> None:
    torch.manual_seed(4)
    own = build_model("resnet18", num_classes=15)
    last = own.state_dict()["fc.weight"].clone()
    tensors = begin_with(own, plain)
    theirs = network("resnet18").state_dict()
    assert tensors == len(theirs) - 2  # all but the last layer's weight and bias
    for name, tensor in own.state_dict().items():
        if name.startswith("fc."):
            continue
        torch.testing.assert_close(tensor, theirs[name], rtol=0.01, atol=0.01)
    assert torch.equal(own.state_dict()["fc.weight"], last)


def test_what_is_of_another_family_keeps_its_values(plain: Path) -> None:
    torch.manual_seed(4)
    own = build_model("acsinet", num_classes=8)
    before = {name: tensor.clone() for name, tensor in own.state_dict().items()}
    begin_with(own, plain)
    theirs = network("resnet18").state_dict()
    after = own.state_dict()
    assert torch.equal(after["bn1.weight"], theirs["bn1.weight"])
    missing = [name for name in before if name not in theirs]
    assert missing and all(torch.equal(after[name], before[name]) for name in missing)


def test_strange_families_and_ensembles_are_refused(plain: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="same family"):
        begin_with(build_model("vgg16", num_classes=7), plain)
    joined = dataclasses.replace(card("resnet18"), members=("resnet18.a", "resnet18.b"))
    (tmp_path / "ensemble.test").mkdir()
    write_card(tmp_path / "ensemble.test", joined)
    with pytest.raises(UsageError, match="ensemble"):
        begin_with(build_model("resnet18", num_classes=8), tmp_path / "ensemble.test")


def test_the_card_will_tell(table: FaceTable) -> None:
    recipe = get_recipe("agfer.ferplus")
    plain = data_sentence(table, recipe)
    told = data_sentence(table, recipe.changed(start_from="vgg16.ferplus"))
    assert told == f"{plain}; begun with vgg16.ferplus, which learned from the same split"
