"""One pass for answer and attention; attention switched off; the sentence above it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from ferstudio.errors import UnknownNameError
from ferstudio.explain.attention_maps import (
    AttentionBlock,
    AttentionKind,
    AttentionMap,
    BranchShares,
    ChannelBars,
)
from ferstudio.explain.explainer import Heatmap
from ferstudio.explain.face_parts import RegionShare
from ferstudio.models import LoadedModel
from ferstudio.models.attention import AttentionRole
from ferstudio.preprocess import to_tensor
from ferstudio.sentences.attention import attention_verdict
from ferstudio.studio.attention import (
    AttentionReport,
    attention_report,
    neutral,
    predict_without_attention,
)
from ferstudio.studio.studio import Studio
from ferstudio.types import FaceCrop, Prediction
from tests.networks import INPUT, hook_count, loaded, predict
from tests.studio_parts import FakeDetector, write_network

FAMILIES = ("acsinet", "psa_resnet50", "vgg16_gcca")


@pytest.fixture(scope="module", params=FAMILIES)
def model(request: pytest.FixtureRequest) -> LoadedModel:
    """Return a network of each role, its logits spread so that small changes show."""
    return lively(loaded(request.param))


def lively(model: LoadedModel) -> LoadedModel:
    """Return the network with statistics of noise in its norms, so that no layer is silent."""
    norms = [part for part in model.module.modules() if isinstance(part, nn.BatchNorm2d)]
    for norm in norms:
        norm.momentum = None  # the plain mean of what has been seen
        norm.reset_running_stats()
    model.module.train()
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(2)
        model.module(torch.randn(4, 3, INPUT.size, INPUT.size))
    model.module.eval()
    return model


def test_looking_does_not_change_the_answer_and_leaves_nothing(
    model: LoadedModel, crop: FaceCrop
) -> None:
    (plain,) = predict(model, to_tensor(crop, model.card.input))
    report = attention_report(model, crop)
    np.testing.assert_array_equal(report.prediction.logits, plain.logits)
    assert hook_count(model.module) == 0
    assert len(report.views) > 0
    assert report.seen.shape == (INPUT.size, INPUT.size, 3)
    assert (report.main is None) == (report.regions == ())


def test_switching_all_or_one_off_changes_the_answer_and_is_undone(
    model: LoadedModel, crop: FaceCrop
) -> None:
    report = attention_report(model, crop)
    off = predict_without_attention(model, crop)
    assert np.abs(off.logits - report.prediction.logits).max() > 1e-5
    block = report.views[-1].block.module
    one = predict_without_attention(model, crop, [block])
    assert np.abs(one.logits - report.prediction.logits).max() > 1e-6
    assert np.abs(one.logits - off.logits).max() > 1e-6
    none = predict_without_attention(model, crop, [])
    np.testing.assert_array_equal(none.logits, report.prediction.logits)
    assert hook_count(model.module) == 0


def test_an_unknown_block_is_refused(crop: FaceCrop) -> None:
    with pytest.raises(UnknownNameError, match="attention block named 'fc'"):
        predict_without_attention(loaded("acsinet"), crop, ["fc"])


@pytest.mark.parametrize("role", [AttentionRole.GATE, AttentionRole.MAP])
def test_a_neutral_gate_is_its_own_mean_everywhere(role: AttentionRole) -> None:
    weights = torch.rand(2, 3, 4, 5, dtype=torch.float64)
    flat = neutral(role, weights)
    assert flat.shape == weights.shape
    for picture in range(2):
        numbers = weights[picture].flatten().tolist()
        mean = sum(numbers) / len(numbers)
        assert float((flat[picture] - mean).abs().max()) < 1e-12


def test_neutral_shares_are_equal() -> None:
    shares = torch.rand(2, 4, 3, 1, 1).softmax(dim=1)
    assert torch.equal(neutral(AttentionRole.SCALE, shares), torch.full_like(shares, 0.25))


def test_the_studio_serves_all_of_it(tmp_path: Path, crop: FaceCrop) -> None:
    write_network(tmp_path, "acsinet")
    write_network(tmp_path, "resnet18")
    studio = Studio(tmp_path, detector=FakeDetector())
    blocks = studio.attention_blocks("acsinet")
    report = studio.attention("acsinet", crop)
    assert tuple(view.block for view in report.views) == blocks
    assert studio.without_attention("acsinet", crop, []).top == report.prediction.top
    assert studio.attention_blocks("resnet18") == ()
    plain = studio.attention("resnet18", crop)
    assert (plain.views, plain.main, plain.regions) == ((), None, ())
    assert str(attention_verdict(plain)).endswith("it has no attention of its own.")


def block(kind: AttentionKind, role: AttentionRole = AttentionRole.GATE) -> AttentionBlock:
    return AttentionBlock("last", "block 4", "Any", "", role, kind, 8, (2, 2))


def report_of(*views: AttentionMap | ChannelBars | BranchShares) -> AttentionReport:
    """Return a report of "Net", which answers surprise."""
    prediction = Prediction(("surprise",), np.ones(1, np.float32), np.zeros(1, np.float32))
    main = next((view for view in views if isinstance(view, AttentionMap)), None)
    seen = np.zeros((4, 4, 3), np.uint8)
    return AttentionReport("net.test", "Net", prediction, views, main, (), seen, None, 0.1)


def map_between(low: float, high: float) -> AttentionMap:
    values = np.array([[0, 1], [0, 0]], np.float32)
    return AttentionMap(block(AttentionKind.PLACES), Heatmap("last", values, (2, 2), (low, high)))


def test_the_sentence_names_the_parts_that_get_more_than_their_area() -> None:
    regions = (
        RegionShare("mouth", 0.54, 0.04),
        RegionShare("eyes", 0.31, 0.02),
        RegionShare("brows", 0.02, 0.02),
        RegionShare("nose", 0.03, 0.01),
        RegionShare("elsewhere", 0.10, 0.01),
    )
    report = replace(report_of(map_between(0.2, 0.6)), regions=regions)
    assert str(attention_verdict(report)) == (
        "Net answers surprise: its attention favours the mouth (54 % of it on 4 % of the picture) "
        "and the eyes (31 % on 2 %)."
    )
    even = tuple(replace(region, share=region.area) for region in regions)
    assert "favours no part" in str(attention_verdict(replace(report, regions=even)))


def test_the_sentence_says_when_a_map_hardly_differs_from_place_to_place() -> None:
    report = report_of(map_between(0.485, 0.5))
    assert str(attention_verdict(report)) == (
        "Net answers surprise: its attention is even over the face, to within 3 %."
    )


def test_the_sentence_of_a_network_without_maps_tells_its_branches_or_channels() -> None:
    def shares(*values: float) -> BranchShares:
        array = np.array(values, np.float32)
        names = ("3×3", "5×5")
        return BranchShares(block(AttentionKind.SCALES), names, array, array, array)

    said = str(attention_verdict(report_of(shares(0.4, 0.6), shares(0.2, 0.8))))
    assert said == "Net answers surprise: it trusts the 5×5 kernels most, with 70 % over 2 blocks."
    assert "all 2 kernel sizes alike" in str(attention_verdict(report_of(shares(0.5, 0.5))))
    weights = np.array([0.9, 0.2, 0.1, 0.1], np.float32)
    channels = ChannelBars(block(AttentionKind.CHANNELS), weights)
    said = str(attention_verdict(report_of(channels)))
    assert said.endswith("1 of 4 channels carry half of the weight in block 4.")
