"""FullGrad on a network whose map can be worked out by hand."""

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn

from ferstudio.explain.fullgrad import FullGrad
from ferstudio.models import LoadedModel
from ferstudio.preprocess import to_tensor
from tests.explain.library import lively, picture
from tests.networks import predict


class Tiny(nn.Module):
    """A biased convolution and a batch norm that are defined in the order opposite to theirs."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(4)
        self.conv = nn.Conv2d(3, 4, 3, padding=1)
        self.fc = nn.Linear(4, 8)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(torch.relu_(self.norm(self.conv(x))).mean(dim=(2, 3)))


def tiny() -> LoadedModel:
    torch.manual_seed(0)
    module = Tiny().eval().requires_grad_(False)
    assert module.norm.running_mean is not None
    assert module.norm.running_var is not None
    for values in (module.norm.running_mean, module.norm.weight, module.norm.bias):
        values.normal_()
    module.norm.running_var.uniform_(0.5, 2)
    whole = lively("resnet18", 16, short=True)
    return LoadedModel(replace(whole.entry, feature_layer="fc"), whole.card, module)


def stretched(values: np.ndarray) -> np.ndarray:
    return (values - values.min()) / (1e-7 + (values - values.min()).max())


def test_each_layer_keeps_its_own_bias() -> None:
    model, crop = tiny(), picture(16, 0)
    found = FullGrad().explain(model, crop, "surprise")
    module = model.module
    assert isinstance(module, Tiny)
    x = to_tensor(crop, model.card.input)
    y = module.conv(x)[0].double()  # (4, 16, 16)
    assert module.norm.running_mean is not None
    assert module.norm.running_var is not None
    scale = module.norm.weight / torch.sqrt(module.norm.running_var + module.norm.eps)
    shift = module.norm.bias - module.norm.running_mean * scale
    weights = module.fc.weight[2] / 256
    total = np.zeros((16, 16))
    at_conv = torch.zeros(1, 4, 16, 16, dtype=torch.double)
    for c in range(4):
        open_ = (y[c] * scale[c] + shift[c]) > 0
        at_norm = torch.where(open_, float(weights[c]), 0.0)
        at_conv[0, c] = at_norm * float(scale[c])
        total += stretched(np.abs(float(shift[c]) * at_norm.numpy()))
        assert module.conv.bias is not None
        total += stretched(np.abs(float(module.conv.bias[c]) * at_conv[0, c].numpy()))
    at_input = torch.nn.functional.conv_transpose2d(at_conv, module.conv.weight.double(), padding=1)
    for c in range(3):
        total += stretched(np.abs((at_input[0, c] * x[0, c]).numpy()))
    heatmap = found.heatmaps[0]
    assert heatmap.name == "input"
    assert heatmap.native_size == (16, 16)
    np.testing.assert_allclose(heatmap.raw(), total, atol=1e-4)
    (bare,) = predict(model, x)
    np.testing.assert_allclose(found.prediction.logits, bare.logits, atol=1e-6)


def test_without_biases_there_is_nothing_to_show() -> None:
    model = tiny()
    bare = nn.Sequential(nn.Conv2d(3, 4, 3, bias=False), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    assert FullGrad().supports(model)
    assert not FullGrad().supports(LoadedModel(model.entry, model.card, bare))
