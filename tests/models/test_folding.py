"""Layers folded into those before: all networks answer as before, and keep their parts' names."""

from collections import Counter
from pathlib import Path

import pytest
import torch
from torch import nn

from ferstudio.models import build_model, list_models, load_weights
from ferstudio.models.attention import PartialDecoder
from ferstudio.models.folding import fold_layers
from tests.networks import card, network, pictures, write_weights


def trained(model: str) -> nn.Module:
    """Return a network in eval mode whose batch norms all shift and scale in their own way."""
    module = network(model)
    generator = torch.Generator().manual_seed(0)
    for norm in (part for part in module.modules() if isinstance(part, nn.BatchNorm2d)):
        for name, tensor in norm.state_dict().items():
            if name in ("weight", "running_var"):
                tensor.uniform_(0.5, 1.5, generator=generator)
            elif name in ("bias", "running_mean"):
                tensor.uniform_(-0.2, 0.2, generator=generator)
    return module.eval()


@pytest.mark.parametrize("name", list_models())
def test_every_network_answers_as_before(name: str) -> None:
    module = trained(name)
    names = [part for part, _ in module.named_modules()]
    kinds = Counter(type(part) for part in module.modules())
    batch = pictures(2, 64)
    with torch.no_grad():
        before = module(batch)
        folded = fold_layers(module)
        after = module(batch)
        assert fold_layers(module) == 0
    torch.testing.assert_close(after, before, rtol=1e-3, atol=1e-4 * float(before.abs().max()))
    assert [part for part, _ in module.named_modules()] == names
    assert not any(part.training for part in module.modules())
    left = Counter(type(part) for part in module.modules())
    assert left[nn.Identity] - kinds[nn.Identity] == folded
    assert (folded > 0) == (kinds[nn.BatchNorm2d] > 0)
    assert kinds[nn.BatchNorm2d] + kinds[PartialDecoder] - left[nn.BatchNorm2d] == folded


def test_only_a_convolution_directly_before_takes_a_batch_norm_over() -> None:
    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv1 = nn.Conv2d(3, 4, 1)
            self.bn2 = nn.BatchNorm2d(4)

    apart = nn.Sequential(nn.Conv2d(3, 4, 1), nn.ReLU(), nn.BatchNorm2d(4))
    assert fold_layers(Block().eval()) == fold_layers(apart.eval()) == 0
    assert fold_layers(nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4)).eval()) == 1


def test_weights_are_folded_on_request_only(tmp_path: Path) -> None:
    write_weights(tmp_path, card("resnet18"), network("resnet18").state_dict())
    plain = load_weights(tmp_path / "resnet18.test")
    folded = load_weights(tmp_path / "resnet18.test", folded=True)
    assert plain.module.state_dict().keys() == build_model("resnet18", 8).state_dict().keys()
    assert not any(isinstance(part, nn.BatchNorm2d) for part in folded.module.modules())
    assert not any(parameter.requires_grad for parameter in folded.module.parameters())
    batch = pictures(1, 64)
    torch.testing.assert_close(folded.module(batch), plain.module(batch), rtol=1e-4, atol=1e-5)
