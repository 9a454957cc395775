"""Occlusion sensitivity: facts about networks of which is known where they look."""

import math
from collections.abc import Callable
from contextlib import nullcontext

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from ferstudio.errors import UnknownNameError, UsageError
from ferstudio.explain.face_parts import grown, part_masks
from ferstudio.explain.perturbation import BLUR_SHARE, CHUNK, Fill, answered, filled
from ferstudio.explain.sensitivity import (
    FaceParts,
    FineOcclusionSensitivity,
    OcclusionSensitivity,
    part_sensitivity,
    patch_masks,
)
from ferstudio.models import LoadedModel
from ferstudio.pauses import Turn, taking
from ferstudio.preprocess import as_seen, to_tensor
from ferstudio.regions import region_masks
from ferstudio.types import FaceCrop
from tests.explain.watcher import (
    SIZE_PX,
    WATCHED,
    grey_crop,
    lit_crop,
    probability,
    region_watcher,
    watcher,
)
from tests.networks import INPUT, hook_count, loaded, predict

MakeCrop = Callable[[int, int], FaceCrop]
PARTS = ("brows", "eyes", "nose", "cheeks", "mouth", "left half", "right half")
MOUTH = region_masks(None, SIZE_PX)["mouth"]


def test_each_place_holds_the_fall_that_a_loop_finds() -> None:
    rng = np.random.default_rng(1)
    grey, weights = rng.integers(0, 256, (SIZE_PX, SIZE_PX)), rng.normal(0, 0.02, (SIZE_PX,) * 2)
    found = OcclusionSensitivity().explain(
        watcher(weights), grey_crop(grey), WATCHED, patch_share=0.25, stride_share=0.125
    )
    heatmap = found.heatmaps[0]
    assert heatmap.native_size == (8, 8)
    bright = grey / 255
    clean = probability(float((bright * weights).sum()))
    falls = []
    for row in range(8):
        for column in range(8):
            top, left = 8 * row + 4 - 8, 8 * column + 4 - 8  # 16 px around a centre
            hidden = bright.copy()
            hidden[max(0, top) : top + 16, max(0, left) : left + 16] = bright.mean()
            falls.append(clean - probability(float((hidden * weights).sum())))
    low, high = heatmap.raw_range
    assert low < 0 < high
    np.testing.assert_allclose((low, high), (min(falls), max(falls)), atol=1e-6)
    cells = np.reshape(falls, (8, 8))
    corners = heatmap.raw()[[0, 0, -1, -1], [0, -1, 0, -1]]  # beyond the outermost centres
    np.testing.assert_allclose(corners, cells[[0, 0, -1, -1], [0, -1, 0, -1]], atol=1e-6)
    between = heatmap.raw().reshape(8, 8, 8, 8)[:, 3:5, :, 3:5].mean(axis=(1, 3))
    assert np.corrcoef(between.ravel(), falls)[0, 1] > 0.99


def test_a_map_lies_where_the_network_looks() -> None:
    found = OcclusionSensitivity().explain(region_watcher(MOUTH), lit_crop(MOUTH))
    heatmap = found.heatmaps[0]
    hottest = np.unravel_index(heatmap.values.argmax(), heatmap.values.shape)
    assert MOUTH[hottest]
    assert found.target == WATCHED == found.prediction.top
    far = ~grown(MOUTH, 0.3)  # more than half a square and the way to the next centre
    assert far.any()
    np.testing.assert_allclose(heatmap.raw()[far], 0, atol=1e-6)
    assert heatmap.raw_range[1] > 0.5


def test_what_speaks_against_an_emotion_is_negative() -> None:
    model = watcher(-24 * MOUTH / MOUTH.sum(), bias=10)
    heatmap = OcclusionSensitivity().explain(model, lit_crop(MOUTH), WATCHED).heatmaps[0]
    assert heatmap.raw_range[0] < -0.03
    assert heatmap.raw_range[1] == pytest.approx(0, abs=1e-6)
    coldest = np.unravel_index(heatmap.values.argmin(), heatmap.values.shape)
    assert MOUTH[coldest]


@pytest.mark.parametrize(("stride_share", "cells"), [(0.1, 10), (0.125, 8), (0.15, 7), (0.2, 5)])
def test_a_stride_gives_an_even_grid(stride_share: float, cells: int, make_crop: MakeCrop) -> None:
    model = region_watcher(MOUTH)
    found = OcclusionSensitivity().explain(model, make_crop(40, 0), stride_share=stride_share)
    assert found.heatmaps[0].native_size == (cells, cells)
    assert found.heatmaps[0].values.shape == (40, 40)


@pytest.mark.parametrize(
    ("method", "cells"), [(OcclusionSensitivity, 8), (FineOcclusionSensitivity, 16)]
)
def test_each_method_has_its_grid(method: type[OcclusionSensitivity], cells: int) -> None:
    found = method().explain(region_watcher(MOUTH), lit_crop(MOUTH))
    assert found.method == method.name
    assert found.heatmaps[0].native_size == (cells, cells)
    assert f"{cells} × {cells}" in method.summary


@pytest.mark.parametrize(
    "shares", [(0.2, 0.0), (0.1, 0.2), (1.2, 0.2), (math.nan, 0.1), (0.2, math.nan)]
)
def test_shares_out_of_range_are_refused(shares: tuple[float, float], make_crop: MakeCrop) -> None:
    with pytest.raises(UsageError, match="stride no more than the patch"):
        OcclusionSensitivity().explain(
            region_watcher(MOUTH), make_crop(64, 0), patch_share=shares[0], stride_share=shares[1]
        )


def test_squares_cover_every_pixel() -> None:
    for size_px, patch_share, cells in ((64, 0.1, 10), (96, 0.2, 10), (17, 0.001, 3)):
        masks = patch_masks(size_px, patch_share, cells)
        assert masks.shape == (cells**2, size_px, size_px)
        assert masks.any(axis=(1, 2)).all()
    assert patch_masks(96, 0.2, 10).any(axis=0).all()


@pytest.mark.parametrize("part", ["brows", "eyes", "nose", "cheeks", "mouth"])
@pytest.mark.parametrize("fill", ["mean", "grey", "blur"])
def test_the_watched_part_alone_matters(part: str, fill: Fill) -> None:
    mask = part_masks(None, SIZE_PX)[part]
    neighbours = {name: grown(mask, 0.03) for name, mask in part_masks(None, SIZE_PX).items()}
    found = part_sensitivity(region_watcher(mask), lit_crop(mask), fill=fill)
    by_part = {effect.part: effect for effect in found.effects}
    assert tuple(sorted(by_part)) == tuple(sorted(PARTS))
    assert found.target == WATCHED
    whole = by_part[part]
    assert whole.fall == max(effect.fall for effect in found.effects) > 0.5
    assert whole.flipped and whole.answer != WATCHED
    clean = found.prediction.probability_of(WATCHED)
    for name, effect in by_part.items():
        assert effect.fall == pytest.approx(clean - effect.probability, abs=1e-6)
        assert effect.flipped == (effect.answer != WATCHED)
        if not (neighbours[name] & mask).any():
            assert effect.fall == pytest.approx(0, abs=1e-6)
            assert not effect.flipped
    assert by_part["left half"].fall > 0.01
    assert by_part["right half"].fall > 0.01


def test_parts_are_painted_with_their_falls() -> None:
    found = part_sensitivity(region_watcher(MOUTH), lit_crop(MOUTH))
    mouth = next(effect for effect in found.effects if effect.part == "mouth")
    raw = found.heatmap.raw()
    np.testing.assert_allclose(raw[MOUTH], mouth.fall, atol=1e-6)
    np.testing.assert_allclose(raw[:20], 0, atol=1e-6)
    explanation = FaceParts().explain(region_watcher(MOUTH), lit_crop(MOUTH))
    np.testing.assert_array_equal(explanation.heatmaps[0].values, found.heatmap.values)
    assert explanation.target == WATCHED


def test_fills() -> None:
    seen = torch.rand(1, 3, 64, 64)
    mean = filled(seen, "mean", INPUT)
    assert mean.shape == seen.shape
    for channel in range(3):
        total = sum(float(value) for row in seen[0, channel] for value in row)
        assert float(mean[0, channel, 5, 7]) == pytest.approx(total / 64**2, abs=1e-6)
    assert (filled(seen, "grey", INPUT) == 0.5).all()
    edge = torch.zeros(1, 3, 64, 64)
    edge[..., 32:] = 1
    blurred = filled(edge, "blur", INPUT)
    sigma_px = BLUR_SHARE * 64
    for column in (20, 30, 31, 32, 40):
        expected = 0.5 * (1 + math.erf((column + 0.5 - 32) / sigma_px / math.sqrt(2)))
        assert float(blurred[0, 1, 32, column]) == pytest.approx(expected, abs=0.01)
    with pytest.raises(UsageError, match="'mean', 'grey', 'blur'"):
        filled(seen, "black", INPUT)  # type: ignore[arg-type]


def test_answers_of_many_batches_are_those_of_one(make_crop: MakeCrop) -> None:
    model = loaded("resnet18")
    crops = [make_crop(64, seed) for seed in range(5)]
    seen = torch.cat([as_seen(crop, INPUT) for crop in crops])
    logits = answered(model, seen.split(2))
    for crop, row in zip(crops, logits, strict=True):
        (bare,) = predict(model, to_tensor(crop, INPUT))
        np.testing.assert_allclose(row, bare.logits, atol=1e-4)


class Counting(nn.Module):
    """Notes how many pictures each pass has."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: list[int] = []

    def forward(self, x: Tensor) -> Tensor:
        self.sizes.append(len(x))
        return x.mean(dim=(2, 3)) @ x.new_ones(3, 8)


class Unhurried:
    """A turn that never ends."""

    def pause(self, share_done: float | None) -> None:
        """Go on."""

    def wait(self, acquire: Callable[[float], bool], holder: Turn | None) -> None:
        """Wait for the lock."""
        assert acquire(1)


def test_passes_are_short_only_where_others_may_wait() -> None:
    original, pictures = loaded("resnet18"), torch.rand(CHUNK, 3, 64, 64)
    for turn, expected in ((nullcontext(), [32]), (taking(Unhurried()), [12, 12, 8])):
        module = Counting()
        with turn:
            answered(LoadedModel(original.entry, original.card, module), [pictures])
        assert module.sizes == expected


@pytest.mark.parametrize("name", ["resnet18", "acsinet"])
def test_the_prediction_is_that_of_the_bare_network(name: str, make_crop: MakeCrop) -> None:
    model, crop = loaded(name), make_crop(90, 2)
    (bare,) = predict(model, to_tensor(crop, model.card.input))
    found = OcclusionSensitivity().explain(model, crop, stride_share=0.2)
    np.testing.assert_allclose(found.prediction.logits, bare.logits, atol=1e-4)
    assert found.method == "occlusion-sensitivity"
    assert found.elapsed_s > 0
    table = part_sensitivity(model, crop)
    np.testing.assert_allclose(table.prediction.logits, bare.logits, atol=1e-4)
    assert table.elapsed_s > 0


def test_an_unknown_emotion_lists_the_known(make_crop: MakeCrop) -> None:
    for explain in (OcclusionSensitivity().explain, FaceParts().explain, part_sensitivity):
        with pytest.raises(UnknownNameError, match=r"no emotion named 'joy'.*happiness"):
            explain(region_watcher(MOUTH), make_crop(64, 0), "joy")


class FailingLater(nn.Module):
    """Answers one batch, then fails."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(3, 8)
        self.answered = 0

    def forward(self, x: Tensor) -> Tensor:
        self.answered += 1
        if self.answered > 1:
            raise ArithmeticError("told to fail")
        return self.layer(x.mean(dim=(2, 3)))


@pytest.mark.parametrize("fails", [False, True])
def test_nothing_is_left_on_the_network(fails: bool, make_crop: MakeCrop) -> None:
    model = loaded("resnet18")
    if fails:
        model = LoadedModel(model.entry, model.card, FailingLater())
    module = model.module.train().requires_grad_(True)
    if fails:
        with pytest.raises(ArithmeticError, match="told to fail"):
            OcclusionSensitivity().explain(model, make_crop(64, 0))
    else:
        OcclusionSensitivity().explain(model, make_crop(64, 0), stride_share=0.2)
        part_sensitivity(model, make_crop(64, 0))
    assert hook_count(module) == 0
    assert all(part.training for part in module.modules())
    assert all(p.requires_grad and p.grad is None for p in module.parameters())
    assert torch.is_grad_enabled() and not torch.is_inference_mode_enabled()
