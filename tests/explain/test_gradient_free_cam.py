"""Score-CAM and Ablation-CAM against their papers, written as loops."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from ferstudio.explain.forward import outputs_of
from ferstudio.explain.gradient_free_cam import AblationCam, ScoreCam
from ferstudio.labels import FERPLUS
from ferstudio.preprocess import to_tensor
from tests.explain.library import lively, picture

PX = 16


def known(name: str, layer: str) -> tuple[Tensor, Tensor, Tensor]:
    """Return the batch, its logits (8,) and the layer's maps (C, H, W)."""
    model = lively(name, PX, short=True)
    batch = to_tensor(picture(PX, 1), model.card.input)
    place = [model.module.get_submodule(layer)]
    with model.exclusive() as module, torch.no_grad(), outputs_of(place) as outputs:
        logits = module(batch)
    return batch, logits[0], outputs[0][1][0]


def test_ablation_weighs_by_the_share_of_the_logit_that_is_lost() -> None:
    name, layer = "csinet", "stage1"  # whose maps have negative values
    model = lively(name, PX, short=True)
    _, logits, maps = known(name, layer)
    batch = to_tensor(picture(PX, 1), model.card.input)
    assert (maps < 0).any()
    index = int(logits.argmax())
    raw = np.zeros(maps.shape[1:])
    for c in range(len(maps)):
        without = maps.clone()
        without[c] = 0
        with model.exclusive() as module, torch.no_grad():
            place = module.get_submodule(layer)
            handle = place.register_forward_hook(lambda *_, without=without: without[None])
            logit = float(module(batch)[0, index])
            handle.remove()
        raw += (float(logits[index]) - logit) / float(logits[index]) * maps[c].numpy()
    found = AblationCam().explain(model, picture(PX, 1), FERPLUS[index], layer=layer).heatmaps[0]
    assert found.raw_range[0] == 0
    assert found.raw_range[1] == pytest.approx(max(raw.max(), 0), rel=1e-3)
    assert raw.max() > 0


def test_score_weighs_by_the_logit_seen_through_each_map() -> None:
    name, layer, index = "resnet18", "layer1", 3
    model = lively(name, PX, short=True)
    batch, _, maps = known(name, layer)
    scores = []
    for c in range(len(maps)):
        seen = functional.interpolate(
            maps[None, c : c + 1], size=(PX, PX), mode="bilinear", align_corners=True
        )
        lowest, highest = float(seen.min()), float(seen.max())
        mask = (seen - lowest) / (highest - lowest + 1e-8)
        with model.exclusive() as module, torch.no_grad():
            scores.append(float(module(batch * mask)[0, index]))
    total = sum(math.exp(score) for score in scores)
    raw = np.zeros(maps.shape[1:])
    for c in range(len(maps)):
        raw += math.exp(scores[c]) / total * maps[c].numpy()
    found = ScoreCam().explain(model, picture(PX, 1), FERPLUS[index], layer=layer).heatmaps[0]
    assert found.raw_range == pytest.approx((0, raw.max()), rel=1e-3)
    assert np.ptp(scores) > 0.1, "all channels weigh the same"


@pytest.mark.parametrize("method", [ScoreCam, AblationCam])
def test_no_progress_bar_is_printed(
    method: type[ScoreCam | AblationCam], capfd: pytest.CaptureFixture[str]
) -> None:
    method().explain(lively("resnet18", PX, short=True), picture(PX, 0), layer="layer1")
    assert capfd.readouterr() == ("", "")
