"""Exact CAM: the logit, place by place, for the networks whose head allows it."""

import pytest
import torch
from torch import nn

from ferstudio.explain.forward import outputs_of
from ferstudio.explain.linear_cam import LinearCam
from ferstudio.labels import FERPLUS
from ferstudio.models import list_models
from ferstudio.preprocess import to_tensor
from tests.explain.library import lively, picture, state

POOLED_OTHERWISE = {
    "agfer_stride32",
    "vgg16",
    "vgg16_gcca",
    "vgg16_gcca_fusion",
    "vgg16_gcca_nopd",
    "vgg16_gcca_nora",
}
"""Networks that pool the maximum first, or join several levels."""


@pytest.mark.parametrize("name", list_models())
def test_it_is_for_networks_that_end_with_an_average_and_a_linear_layer(name: str) -> None:
    model = lively(name, 48)
    before = state(model.module)
    assert LinearCam().supports(model) == (name not in POOLED_OTHERWISE)
    assert state(model.module) == before
    if name not in POOLED_OTHERWISE:
        assert list(LinearCam().layers(model)) == [list(model.entry.cam_layers)[-1]]


@pytest.mark.parametrize("name", ["acsinet", "agfer", "csinet", "resnet18"])
def test_it_is_the_weighted_sum_of_the_last_maps(name: str) -> None:
    model, crop = lively(name, 64), picture(2, 5)
    head = model.module.get_submodule(model.entry.head.classifier)
    assert isinstance(head, nn.Linear)
    (layer,) = LinearCam().layers(model)
    found = LinearCam().explain(model, crop, FERPLUS[2])
    place = [model.module.get_submodule(layer)]
    with model.exclusive() as module, torch.no_grad(), outputs_of(place) as outputs:
        module(to_tensor(crop, model.card.input))
    maps = outputs[0][1][0]  # (C, H, W)
    height, width = maps.shape[1:]
    raw = [
        [
            sum(float(head.weight[2, c]) * float(maps[c, i, j]) for c in range(len(maps)))
            for j in range(width)
        ]
        for i in range(height)
    ]
    lowest = min(0.0, *(min(row) for row in raw))
    highest = max(max(row) for row in raw)
    heatmap = found.heatmaps[0]
    assert heatmap.native_size == (height, width)
    assert heatmap.raw_range == pytest.approx((lowest, highest), rel=1e-4, abs=1e-5)
    if (height, width) == (2, 2):  # as the crop, so that nothing is enlarged
        torch.testing.assert_close(
            torch.from_numpy(heatmap.raw()), torch.tensor(raw), rtol=1e-4, atol=1e-4
        )
    mean = sum(map(sum, raw)) / (height * width)
    logit = float(found.prediction.logits[2])
    assert mean + float(head.bias[2]) == pytest.approx(logit, rel=1e-4, abs=1e-4)


def test_it_speaks_against_an_emotion_too() -> None:
    model = lively("resnet18", 64)
    lows = [LinearCam().explain(model, picture(64, 1), e).heatmaps[0].raw_range[0] for e in FERPLUS]
    assert min(lows) < 0
