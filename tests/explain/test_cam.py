"""CAMs: one forward pass, a range that means something, and a network left as it was."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ferstudio.errors import UnknownNameError
from ferstudio.explain import explainer
from ferstudio.explain.cam import Cam, enlarged, usual_layer
from ferstudio.explain.gradient_cams import GradCam, HiResCam
from ferstudio.labels import FERPLUS
from ferstudio.models import LoadedModel, model_entry
from ferstudio.models.attention import capture_attention
from ferstudio.models.registry import Head
from ferstudio.preprocess import to_tensor
from tests.explain.library import CLASSES, SHIPPED, lively, picture, state
from tests.networks import predict

METHODS = (*CLASSES, "cam")
SMALL_PX = 16
LARGE_PX = 96  # the usual layer is the last one


def cam_of(method: str) -> Cam:
    cam = explainer(method)
    assert isinstance(cam, Cam)
    return cam


def shallow(method: str, model: LoadedModel) -> str | None:
    """Return a layer with few channels where the method takes any, for speed."""
    layers = list(cam_of(method).layers(model))
    return layers[0] if len(layers) > 1 else None


@pytest.mark.parametrize("name", SHIPPED)
def test_grad_cam_shows_the_last_layer_of_a_picture_large_enough(name: str) -> None:
    model = lively(name, LARGE_PX)
    found = GradCam().explain(model, picture(90, 2))
    (bare,) = predict(model, to_tensor(picture(90, 2), model.card.input))
    np.testing.assert_allclose(found.prediction.logits, bare.logits, rtol=1e-4, atol=1e-5)
    assert found.target == found.prediction.top == bare.top
    assert found.method == "grad-cam"
    assert found.elapsed_s > 0
    assert found.features is None
    assert found.attention == ()
    (heatmap,) = found.heatmaps
    layer, stride = list(model.entry.cam_layers.items())[-1]
    assert heatmap.name == layer
    assert heatmap.native_size == (LARGE_PX // stride, LARGE_PX // stride)
    assert heatmap.values.shape == (90, 90)


@pytest.mark.parametrize(
    ("name", "method"),
    [(n, "grad-cam") for n in SHIPPED] + [("acsinet", m) for m in METHODS if m != "grad-cam"],
)
def test_features_and_attention_are_those_of_the_network(name: str, method: str) -> None:
    model, crop = lively(name, 32, short=True), picture(32, 3)
    layer = shallow(method, model)
    found = cam_of(method).explain(model, crop, layer=layer, features=True, attention=True)
    kept: list[Tensor] = []
    with model.exclusive() as module, torch.no_grad(), capture_attention(module) as records:
        pooled = module.get_submodule(model.entry.feature_layer)
        handle = pooled.register_forward_hook(lambda *all_of: kept.append(all_of[2]))
        module(to_tensor(crop, model.card.input))
        handle.remove()
    assert found.features is not None
    assert found.features.dtype == np.float32
    np.testing.assert_allclose(found.features, kept[0].flatten().numpy(), rtol=1e-4, atol=1e-5)
    assert len(found.attention) == len(records)
    for ours, bare in zip(found.attention, records, strict=True):
        assert (ours.module, ours.tap, ours.role, ours.call) == (
            bare.module, bare.tap, bare.role, bare.call,
        )  # fmt: skip
        torch.testing.assert_close(ours.weights, bare.weights, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("method", METHODS)
def test_all_of_it_comes_from_one_pass(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model, cam = lively("acsinet", SMALL_PX, short=True), cam_of(method)
    layer = shallow(method, model)  # also runs what `supports` has to try out
    passes, forward = [], type(model.module).forward

    def counted(self: nn.Module, x: Tensor) -> Tensor:
        passes.append(len(x))
        return forward(self, x)

    monkeypatch.setattr(type(model.module), "forward", counted)
    found = cam.explain(model, picture(SMALL_PX, 0), layer=layer, features=True, attention=True)
    assert passes[0] == 1
    if method not in ("score-cam", "score-cam-full", "ablation-cam"):
        assert len(passes) == 1
    taps = {(each.module, each.tap) for each in found.attention}
    assert len(taps) == len(found.attention), "attention of a pass that isn't the picture's"
    assert {len(each.weights) for each in found.attention} == {1}


@pytest.mark.parametrize("mode", [torch.enable_grad, torch.no_grad, torch.inference_mode])
def test_records_are_ordinary_tensors_that_own_their_memory(
    mode: Callable[[], torch.no_grad],
) -> None:
    model, crop = lively("csinet", 48), picture(48, 3)
    with mode():
        first = GradCam().explain(model, crop, attention=True, features=True)
    before = [each.weights.clone() for each in first.attention]
    GradCam().explain(model, picture(48, 4), attention=True)
    assert first.features is not None
    assert first.features.flags.owndata
    for record, weights in zip(first.attention, before, strict=True):
        assert not record.weights.requires_grad
        assert record.weights.untyped_storage().nbytes() == record.weights.nbytes
        torch.testing.assert_close(record.weights, weights, rtol=0, atol=0)


def test_another_target_gives_another_map_of_the_same_prediction() -> None:
    model, crop = lively("acsinet", 48), picture(48, 3)
    found = [HiResCam().explain(model, crop, emotion, layer="layer2") for emotion in FERPLUS[:3]]
    assert [each.target for each in found] == list(FERPLUS[:3])
    assert len({each.heatmaps[0].raw().tobytes() for each in found}) == 3
    assert len({each.prediction.logits.tobytes() for each in found}) == 1


def test_a_map_of_an_emotion_that_nothing_speaks_for_is_zero() -> None:
    model = lively("resnet18", 64)
    weight = model.module.get_parameter("fc.weight")
    own = weight[0].clone()
    weight[0] = -1  # layer4 is never negative
    try:
        found = GradCam().explain(model, picture(64, 1), FERPLUS[0], layer="layer4")
    finally:
        weight[0] = own
    assert found.heatmaps[0].raw_range == (0.0, 0.0)
    assert not found.heatmaps[0].values.any()


@pytest.mark.parametrize(
    ("raw", "low", "high"),
    [([[1.0, 3.0]], 0.0, 3.0), ([[-1.0, 3.0]], -1.0, 3.0), ([[-3.0, -1.0]], -3.0, -1.0)],
)
def test_an_enlarged_map_keeps_its_raw_values(
    raw: list[list[float]], low: float, high: float
) -> None:
    values = np.array(raw * 2, np.float32)  # (2, 2)
    heatmap = enlarged("layer", values, 2)
    assert heatmap.raw_range == (low, high)
    np.testing.assert_allclose(heatmap.raw(), values, atol=1e-6)
    assert 0 <= heatmap.values.min() < heatmap.values.max() == 1
    assert enlarged("layer", values, 9).values.shape == (9, 9)


@pytest.mark.parametrize("method", METHODS)
def test_unknown_names_list_the_known(method: str) -> None:
    model, crop, cam = (
        lively("resnet18", SMALL_PX, short=True),
        picture(SMALL_PX, 0),
        cam_of(method),
    )
    with pytest.raises(UnknownNameError, match=r"no emotion named 'joy'.*happiness"):
        cam.explain(model, crop, "joy")
    with pytest.raises(UnknownNameError, match=r"no CAM layer named 'fc'.*(layer4|input)"):
        cam.explain(model, crop, layer="fc")


@pytest.mark.parametrize(
    ("size_px", "layer"),
    [(224, "final_attention"), (96, "final_attention"), (80, "final_attention"), (64, "layer3"),
     (32, "layer2"), (16, "layer1"), (4, "layer1")],
)  # fmt: skip
def test_the_usual_layer_is_the_deepest_with_a_map_fine_enough(size_px: int, layer: str) -> None:
    assert usual_layer(model_entry("acsinet").cam_layers, size_px) == layer


def test_a_network_without_cam_layers_is_not_supported() -> None:
    model = lively("resnet18", SMALL_PX, short=True)
    entry = replace(model.entry, cam_layers={}, head=Head("fc"))
    flat = LoadedModel(entry, model.card, model.module)
    for method in set(METHODS) - {"full-grad"}:
        assert cam_of(method).supports(model)
        assert not cam_of(method).supports(flat)
    with pytest.raises(UnknownNameError, match="CAM layer"):
        GradCam().explain(flat, picture(SMALL_PX, 0))


@pytest.mark.parametrize("mode", [torch.enable_grad, torch.no_grad, torch.inference_mode])
@pytest.mark.parametrize("method", METHODS)
def test_nothing_is_left_on_the_network(method: str, mode: Callable[[], torch.no_grad]) -> None:
    model, crop = lively("acsinet", SMALL_PX, short=True), picture(SMALL_PX, 4)
    cam, layer = cam_of(method), shallow(method, model)
    reference = cam.explain(model, crop, layer=layer)
    module = model.module.train().requires_grad_(True)
    try:
        with mode():
            before = state(module)
            found = cam.explain(model, crop, layer=layer, features=True, attention=True)
            assert state(module) == before
    finally:
        module.eval().requires_grad_(False)
    np.testing.assert_array_equal(found.heatmaps[0].values, reference.heatmaps[0].values)


class Failing(nn.Module):
    """Stands in for a network's layer and fails at one of its calls."""

    def __init__(self, layer: nn.Module, at_call: int) -> None:
        super().__init__()
        self.layer, self.ahead = layer, at_call

    def forward(self, x: Tensor) -> Tensor:
        self.ahead -= 1
        if self.ahead == 0:
            raise ArithmeticError("told to fail")
        return self.layer(x)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", SHIPPED)
def test_nothing_is_left_after_an_exception_in_the_pass(name: str, method: str) -> None:
    model, crop, cam = lively(name, 32, short=True), picture(32, 4), cam_of(method)
    if not cam.supports(model):
        return
    place = "classifier" if name.startswith(("vgg", "agfer")) else "fc"
    whole = model.module.get_submodule(place)
    model.module.set_submodule(place, Failing(whole, 1))
    model.module.train()
    try:
        before = state(model.module)
        with pytest.raises(ArithmeticError, match="told to fail"):
            cam.explain(model, crop, features=True, attention=True)
        assert state(model.module) == before
    finally:
        model.module.set_submodule(place, whole)
        model.module.eval()


@pytest.mark.parametrize("method", ["score-cam", "score-cam-full", "ablation-cam"])
def test_nothing_is_left_after_an_exception_in_a_later_pass(method: str) -> None:
    model, crop = lively("acsinet", SMALL_PX, short=True), picture(SMALL_PX, 4)
    whole = model.module.get_submodule("layer4")
    model.module.set_submodule("layer4", Failing(whole, 3))
    try:
        before = state(model.module)
        with pytest.raises(ArithmeticError, match="told to fail"):
            cam_of(method).explain(model, crop, layer="layer1", features=True, attention=True)
        assert state(model.module) == before
    finally:
        model.module.set_submodule("layer4", whole)


def test_nothing_is_left_after_an_exception_in_the_arithmetic(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_arguments: object) -> NDArray[np.float32]:
        raise ArithmeticError("told to fail")

    model, cam = lively("acsinet", SMALL_PX, short=True), GradCam()
    monkeypatch.setattr(cam._library, "get_cam_image", fail)
    before = state(model.module)
    with pytest.raises(ArithmeticError, match="told to fail"):
        cam.explain(model, picture(SMALL_PX, 0))
    assert state(model.module) == before


def test_a_layer_may_be_followed_by_work_in_place() -> None:
    whole = lively("resnet18", 64)
    in_place = {"layer4.1.bn1": 32}  # its ReLU works in place
    entry = replace(whole.entry, cam_layers=in_place, head=Head("fc"))
    model = LoadedModel(entry, whole.card, whole.module)
    for method in ("grad-cam", "eigen-cam"):
        assert cam_of(method).explain(model, picture(64, 1)).heatmaps[0].raw_range[1] > 0


@pytest.mark.parametrize("method", METHODS)
def test_threads_on_one_network_get_their_own_maps(method: str) -> None:
    model, cam = lively("acsinet", SMALL_PX, short=True), cam_of(method)
    layer = shallow(method, model)
    questions = [(picture(SMALL_PX, seed), FERPLUS[seed]) for seed in range(8)]
    alone = [cam.explain(model, *each, layer=layer, attention=True) for each in questions]
    with ThreadPoolExecutor(8) as pool:
        together = list(
            pool.map(lambda each: cam.explain(model, *each, layer=layer, attention=True), questions)
        )
    for found, expected in zip(together, alone, strict=True):
        assert found.target == expected.target
        np.testing.assert_array_equal(found.prediction.logits, expected.prediction.logits)
        np.testing.assert_array_equal(found.heatmaps[0].raw(), expected.heatmaps[0].raw())
        for ours, own in zip(found.attention, expected.attention, strict=True):
            torch.testing.assert_close(ours.weights, own.weights, rtol=0, atol=0)
    assert len({found.prediction.logits.tobytes() for found in alone}) == 8
    assert len({found.heatmaps[0].raw().tobytes() for found in alone}) > 4
