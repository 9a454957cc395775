"""Score-CAM and Ablation-CAM against their papers, written as loops."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from ferstudio.explain.forward import outputs_of
from ferstudio.explain.gradient_free_cam import AblationCam, FullScoreCam, ScoreCam, alike
from ferstudio.explain.sensitivity import OcclusionSensitivity
from ferstudio.explain.similarity import similarity
from ferstudio.labels import FERPLUS
from ferstudio.models import precision
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


def test_score_weighs_by_the_logit_seen_through_each_map(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precision, "has_fast_bf16", lambda: False)
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
    found = FullScoreCam().explain(model, picture(PX, 1), FERPLUS[index], layer=layer).heatmaps[0]
    assert found.raw_range == pytest.approx((0, raw.max()), rel=1e-3)
    assert np.ptp(scores) > 0.1, "all channels weigh the same"


def test_alike_maps_share_one_that_stands_for_them() -> None:
    rng = np.random.default_rng(0)
    kinds = rng.random((5, 4, 4)).astype(np.float32)
    which = rng.integers(0, 5, 40)
    maps = kinds[which] * rng.uniform(1, 9, (40, 1, 1)).astype(np.float32)
    maps += 1e-4 * rng.random(maps.shape).astype(np.float32)
    tried, group = alike(maps, 5)
    assert sorted(which[tried]) == [0, 1, 2, 3, 4]
    np.testing.assert_array_equal(which[tried[group]], which)
    np.testing.assert_array_equal(group[tried], np.arange(5))


def test_as_many_groups_as_maps_are_the_maps_and_equal_maps_are_one() -> None:
    maps = np.random.default_rng(1).normal(size=(12, 3, 3)).astype(np.float32)
    maps[[3, 7]] = 0
    tried, group = alike(maps, 12)
    assert len(tried) == 11
    assert group[3] == group[7]
    np.testing.assert_array_equal(group[tried], np.arange(11))
    assert set(tried[group]) | {3, 7} == set(range(12))


def cells_alike(method: ScoreCam, other: ScoreCam, seed: int) -> float:
    """Return the correlation of the ranks of two methods' cells."""
    model, crop = lively("resnet18", PX, short=True), picture(PX, seed)
    one, two = (each.explain(model, crop, layer="layer2").heatmaps[0] for each in (method, other))
    return similarity(one, two).spearman


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_groups_keep_the_ranks_of_the_cells(seed: int) -> None:
    assert FullScoreCam.groups is None
    assert cells_alike(ScoreCam(), FullScoreCam(), seed) > 0.95  # trained ones: 0.99


@pytest.mark.skipif(not precision.has_fast_bf16(), reason="the processor has no bfloat16")
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_rough_passes_keep_the_ranks_of_the_cells(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, crop = lively("resnet18", PX, short=True), picture(PX, seed)
    methods = (ScoreCam(), OcclusionSensitivity())
    rough = [each.explain(model, crop) for each in methods]
    monkeypatch.setattr(precision, "has_fast_bf16", lambda: False)
    exact = [each.explain(model, crop) for each in methods]
    for one, two in zip(rough, exact, strict=True):
        assert similarity(one.heatmaps[0], two.heatmaps[0]).spearman >= 0.99
        np.testing.assert_allclose(one.prediction.logits, two.prediction.logits, atol=1e-4)


@pytest.mark.parametrize("method", [ScoreCam, AblationCam])
def test_no_progress_bar_is_printed(
    method: type[ScoreCam | AblationCam], capfd: pytest.CaptureFixture[str]
) -> None:
    method().explain(lively("resnet18", PX, short=True), picture(PX, 0), layer="layer1")
    assert capfd.readouterr() == ("", "")
