"""Backbones of other libraries with random heads of seven classes, asked as ours are."""

from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
from torch import nn

from ferstudio.errors import UnknownNameError, UsageError
from ferstudio.models import load_weights, model_entry
from ferstudio.models.importing import import_checkpoint
from ferstudio.studio.selection import Cover, Selection
from ferstudio.studio.studio import Studio
from ferstudio.types import InputSpec
from tests.studio_parts import FakeDetector

SPEC = InputSpec(64, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), grayscale=False)

BACKBONES = [
    pytest.param("torchvision_resnet18", marks=pytest.mark.slow),
    "torchvision_mobilenet_v3_small",
    pytest.param(
        "timm_resnet10t",
        marks=pytest.mark.skipif(find_spec("timm") is None, reason="needs timm"),
    ),
    pytest.param(
        "timm_efficientnet_b0",
        marks=[
            pytest.mark.slow,
            pytest.mark.skipif(find_spec("timm") is None, reason="needs timm"),
        ],
    ),
]


@pytest.mark.parametrize("name", BACKBONES)
def test_an_imported_backbone_is_asked_in_every_way(name: str, tmp_path: Path) -> None:
    entry = model_entry(name)
    torch.manual_seed(0)
    network = entry.build(num_classes=7)
    import_checkpoint(network.state_dict(), name, "fer2013", SPEC, tmp_path / "mine")
    studio = Studio(tmp_path, detector=FakeDetector())
    (summary,) = studio.models()
    assert summary.name == f"{name}.mine"
    asked = Selection(studio.sample("fear"), Cover("upper", 0.7), (summary.name,))
    (row,) = studio.compare(asked).rows
    assert row.clean.heatmap is not None and row.no_map is None
    *_, examined = studio.examine(summary.name, asked)
    assert examined.done
    assert studio.attention(summary.name, asked.crop).views == ()
    layer, features = studio.features(summary.name, asked)
    classifier = network.get_submodule(entry.head.classifier)
    assert layer == entry.feature_layer
    assert isinstance(classifier, nn.Linear)
    assert features.shape == (classifier.in_features,)
    # folded for inference, it answers the same
    pictures = torch.randn(2, 3, 64, 64, generator=torch.manual_seed(1))
    plain = load_weights(tmp_path / summary.name).module
    folded = load_weights(tmp_path / summary.name, folded=True).module
    with torch.inference_mode():
        assert torch.allclose(plain(pictures), folded(pictures), atol=1e-3)


def test_a_transformer_has_no_map_of_features() -> None:
    entry = model_entry("torchvision_vit_b_32")
    assert dict(entry.cam_layers) == {}
    assert entry.head.classifier == "heads.head"


def test_what_a_library_lacks_is_told() -> None:
    with pytest.raises(UnknownNameError, match="backbone of torchvision named 'resnet19'"):
        model_entry("torchvision_resnet19")
    with pytest.raises(UsageError, match="doesn't end in one linear layer"):
        model_entry("torchvision_squeezenet1_1")


@pytest.mark.skipif(find_spec("timm") is not None, reason="timm is here")
def test_without_timm_it_says_what_to_install() -> None:
    with pytest.raises(UsageError, match="It needs timm: python -m pip install timm"):
        model_entry("timm_resnet10t")
