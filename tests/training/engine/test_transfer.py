"""Networks that begin with another's trained tensors."""

import dataclasses
from pathlib import Path

import pytest
import torch

from ferstudio.errors import UsageError
from ferstudio.labels import FERPLUS
from ferstudio.models import build_model
from ferstudio.models.card import write_card
from tests.networks import card, network, write_weights
from training.data.batches import data_sentence
from training.data.table import FaceTable
from training.engine.transfer import Head, begin_with
from training.recipes import get_recipe

HEAD = Head("fc", {"ferplus": slice(0, 8)})


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
    taken = begin_with(own, plain, Head("fc", {"a": slice(0, 8), "b": slice(8, 15)}))
    theirs = network("resnet18").state_dict()
    assert taken == theirs.keys() - {"fc.weight", "fc.bias"}  # of neither label set
    for name, tensor in own.state_dict().items():
        if name.startswith("fc."):
            continue
        torch.testing.assert_close(tensor, theirs[name], rtol=0.01, atol=0.01)
    assert torch.equal(own.state_dict()["fc.weight"], last)


def test_what_is_of_another_family_keeps_its_values(plain: Path) -> None:
    torch.manual_seed(4)
    own = build_model("acsinet", num_classes=8)
    before = {name: tensor.clone() for name, tensor in own.state_dict().items()}
    begin_with(own, plain, HEAD)
    theirs = network("resnet18").state_dict()
    after = own.state_dict()
    assert torch.equal(after["bn1.weight"], theirs["bn1.weight"])
    missing = [name for name in before if name not in theirs and ".branches." not in name]
    assert missing and all(torch.equal(after[name], before[name]) for name in missing)


def test_branches_take_their_rows_of_the_plain_kernel(plain: Path) -> None:
    own = build_model("coresnet18", num_classes=8)
    taken = begin_with(own, plain, HEAD)
    state, theirs = own.state_dict(), network("resnet18").state_dict()
    branches = [name for name in state if ".branches." in name]
    assert len(branches) > 8 and set(branches) <= taken
    for block in ("layer1.0.conv1", "layer3.1.conv1"):
        rows = [state[name] for name in branches if name.startswith(f"{block}.branches.")]
        assert len(rows) > 1
        whole = torch.cat(rows)
        torch.testing.assert_close(whole, theirs[f"{block}.weight"], rtol=0.01, atol=0.01)


def test_the_last_layer_is_taken_as_it_was_trained_and_for_its_own_labels(tmp_path: Path) -> None:
    trained = network("resnet18").state_dict()
    added = dict.fromkeys(FERPLUS, 0.0) | {"contempt": 1.5}
    shipped = {
        **trained,
        "fc.weight": trained["fc.weight"] / 0.75,
        "fc.bias": (trained["fc.bias"] + torch.tensor(list(added.values()))) / 0.75,
    }
    told = dataclasses.replace(
        card("resnet18"), recipe={"balance": {"added": added}}, calibration={"temperature": 0.75}
    )
    write_weights(tmp_path, told, shipped)
    own = build_model("resnet18", num_classes=15)
    before = own.state_dict()["fc.weight"].clone()
    head = Head("fc", {"ferplus": slice(0, 8), "fer2013": slice(8, 15)})
    assert {"fc.weight", "fc.bias"} <= begin_with(own, tmp_path / "resnet18.test", head)
    state = own.state_dict()
    torch.testing.assert_close(state["fc.weight"][:8], trained["fc.weight"], rtol=0.01, atol=0.01)
    torch.testing.assert_close(state["fc.bias"][:8], trained["fc.bias"], rtol=0, atol=1e-5)
    assert torch.equal(state["fc.weight"][8:], before[8:])


def test_both_heads_of_one_run_are_taken(tmp_path: Path) -> None:
    run = {"name": "resnet18.both", "command": "train it", "steps": 9}
    heads = {"ferplus": 8, "fer2013": 7, "rafdb": 7}
    nets = {
        labels: build_model("resnet18", num_classes=count).state_dict()
        for labels, count in heads.items()
    }
    for labels in heads:
        recipe = run if labels != "rafdb" else {**run, "steps": 10}
        told = dataclasses.replace(card("resnet18", tag=labels), labels=labels, recipe=recipe)
        write_weights(tmp_path, told, nets[labels])
    own = build_model("resnet18", num_classes=22)
    before = own.state_dict()["fc.weight"].clone()
    stops = {"ferplus": slice(0, 8), "fer2013": slice(8, 15), "rafdb": slice(15, 22)}
    begin_with(own, tmp_path / "resnet18.ferplus", Head("fc", stops))
    after = own.state_dict()["fc.weight"]
    for labels in ("ferplus", "fer2013"):
        wanted = nets[labels]["fc.weight"]
        torch.testing.assert_close(after[stops[labels]], wanted, rtol=0.01, atol=0.01)
    assert torch.equal(after[15:], before[15:])  # another run's, on other features


def test_strange_families_and_ensembles_are_refused(plain: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="same family"):
        begin_with(build_model("vgg16", num_classes=7), plain, Head("classifier", {}))
    joined = dataclasses.replace(card("resnet18"), members=("resnet18.a", "resnet18.b"))
    (tmp_path / "ensemble.test").mkdir()
    write_card(tmp_path / "ensemble.test", joined)
    with pytest.raises(UsageError, match="ensemble"):
        begin_with(build_model("resnet18", num_classes=8), tmp_path / "ensemble.test", HEAD)


def test_the_card_will_tell(table: FaceTable) -> None:
    recipe = get_recipe("agfer.ferplus")
    plain = data_sentence(table, recipe)
    told = data_sentence(table, recipe.changed(start_from="vgg16.ferplus"))
    assert told == f"{plain}; begun with vgg16.ferplus, which learned from the same split"
