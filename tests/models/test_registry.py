"""The registry of networks: names, duplicates and what an unknown name says."""

from dataclasses import FrozenInstanceError, replace

import pytest
import torch
from torch import nn

from ferstudio.errors import UnknownNameError, UsageError
from ferstudio.models import ModelEntry, build_model, list_models, model_entry, register_model
from ferstudio.models.registry import Head


def resnet18(num_classes: int) -> nn.Module:
    """Build something under a name that is taken."""
    return nn.Linear(1, num_classes)


def test_the_five_networks_are_registered() -> None:
    assert {"resnet18", "coresnet18", "coresnet18_ca_a", "coresnet18_ca_b", "acsinet"} <= set(
        list_models()
    )
    assert list_models() == sorted(list_models())


def test_a_duplicate_name_is_refused_and_changes_nothing() -> None:
    before = model_entry("resnet18")
    register = register_model(
        title="Other",
        summary="other",
        paper="none",
        cam_layers={"x": 1},
        feature_layer="x",
        head=Head("fc"),
    )
    with pytest.raises(ValueError, match="'resnet18' is registered already"):
        register(resnet18)
    assert model_entry("resnet18") is before


@pytest.mark.parametrize("look_up", [model_entry, lambda name: build_model(name, num_classes=8)])
def test_an_unknown_name_lists_the_known(look_up: object) -> None:
    assert callable(look_up)
    with pytest.raises(UnknownNameError) as caught:
        look_up("resnet19")
    assert caught.value.known == list_models()
    assert "'resnet19'" in str(caught.value)
    assert "acsinet" in str(caught.value)


def test_an_entry_pools_one_of_its_cam_layers(tiny: ModelEntry) -> None:
    assert replace(tiny, head=Head("fc", pools="body")).head.pools == "body"
    with pytest.raises(ValueError, match="tiny pools 'stem', which is none of its CAM layers"):
        replace(tiny, head=Head("fc", pools="stem"))


def test_an_entry_is_frozen(tiny: ModelEntry) -> None:
    with pytest.raises(FrozenInstanceError):
        tiny.title = "other"  # type: ignore[misc]


@pytest.mark.parametrize("name", list_models())
def test_every_entry_says_what_it_is(name: str) -> None:
    entry = model_entry(name)
    assert entry.name == name
    assert entry.title
    assert entry.summary
    assert entry.paper
    assert entry.cam_layers


def test_options_build_another_form_and_say_how_it_ends() -> None:
    entry = model_entry("vgg16")
    assert entry.options == {"last_pool": True, "batch_norm": True, "head": "gap"}
    assert entry.with_options({}) is entry
    unpooled = model_entry("vgg16", {"last_pool": False, "batch_norm": False})
    assert (entry.head.pools, unpooled.head.pools) == (None, "backbone.block5")
    assert unpooled.options == {"last_pool": False, "batch_norm": False, "head": "gap"}
    with torch.device("meta"):
        network = build_model("vgg16", 8, {"last_pool": False, "batch_norm": False})
    kinds = {type(part) for part in network.modules()}
    assert nn.BatchNorm2d not in kinds
    assert isinstance(network.get_submodule("pool5"), nn.Identity)
    full = model_entry("vgg16", {"head": "fc", "last_pool": False})
    assert (full.head.classifier, full.head.pools) == ("classifier.6", None)


def test_options_that_a_builder_lacks_are_refused() -> None:
    with pytest.raises(UnknownNameError, match=r"option of vgg16.*'width'.*batch_norm"):
        model_entry("vgg16", {"width": 2})
    with pytest.raises(UsageError, match="batch_norm of vgg16 is a value like True, not 'no'"):
        model_entry("vgg16", {"batch_norm": "no"})
    with pytest.raises(UsageError, match="no head 'wide'"):
        build_model("vgg16", 8, {"head": "wide"})
