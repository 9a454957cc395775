"""Grad-CAM: the library's own map, from one forward pass, leaving the network as it was."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from pytorch_grad_cam import GradCAM
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from torch import Tensor, nn

from ferstudio.errors import UnknownNameError
from ferstudio.explain.cam import GradCam, differentiable_behind, usual_layer
from ferstudio.labels import FERPLUS
from ferstudio.models import LoadedModel, list_models, model_entry, predict
from ferstudio.preprocess import to_tensor
from ferstudio.types import FaceCrop
from tests.networks import card, hook_count, loaded, network

MakeCrop = Callable[[int, int], FaceCrop]
SIZE_PX = 64  # of the test networks' input; a crop of that size needs no second resize
LAYERS = [(name, layer) for name in list_models() for layer in model_entry(name).cam_layers]


def library_map(name: str, layer: str, batch: Tensor, index: int) -> NDArray[np.float32]:
    """Return the (64, 64) map of pytorch-grad-cam, used as its documentation says."""
    module = network(name).eval().to(memory_format=torch.channels_last)
    with GradCAM(model=module, target_layers=[module.get_submodule(layer)]) as cam:
        return np.asarray(cam(batch, [ClassifierOutputTarget(index)])[0], np.float32)


def spread(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the values stretched to [0, 1], as the library always does."""
    return (values - values.min()) / (values.max() - values.min())


@pytest.mark.parametrize(("name", "layer"), LAYERS)
def test_the_map_is_the_librarys(name: str, layer: str, make_crop: MakeCrop) -> None:
    model, crop = loaded(name), make_crop(SIZE_PX, 1)
    batch = to_tensor(crop, model.card.input)
    maps = [GradCam().explain(model, crop, emotion, layer=layer).heatmaps[0] for emotion in FERPLUS]
    assert {heatmap.name for heatmap in maps} == {layer}
    index = int(np.argmax([np.ptp(heatmap.values) for heatmap in maps]))  # not one of even heat
    values = maps[index].values
    assert values.shape == (SIZE_PX, SIZE_PX)
    assert values.dtype == np.float32
    assert 0 <= values.min() < values.max() <= 1
    expected = library_map(name, layer, batch, index)
    np.testing.assert_allclose(spread(values), spread(expected), atol=1e-4)


@pytest.mark.parametrize("name", list_models())
def test_the_range_is_the_librarys_before_it_scales(
    name: str, make_crop: MakeCrop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def only_enlarge(
        cams: NDArray[np.float32], size: tuple[int, int] | None = None
    ) -> NDArray[np.float32]:
        return np.stack([cam if size is None else cv2.resize(cam, size) for cam in cams])

    monkeypatch.setattr("pytorch_grad_cam.base_cam.scale_cam_image", only_enlarge)
    model, crop = loaded(name), make_crop(SIZE_PX, 1)
    explanation = GradCam().explain(model, crop)
    heatmap = explanation.heatmaps[0]
    batch = to_tensor(crop, model.card.input)
    expected = library_map(name, heatmap.name, batch, FERPLUS.index(explanation.target))
    assert expected.max() > 0
    np.testing.assert_allclose(heatmap.raw(), expected, atol=1e-4 * expected.max())
    assert heatmap.raw_range[0] == 0
    assert heatmap.raw_range[1] >= expected.max() * (1 - 1e-4)


@pytest.mark.parametrize("name", list_models())
def test_the_prediction_is_that_of_the_bare_network(name: str, make_crop: MakeCrop) -> None:
    model, crop = loaded(name), make_crop(90, 2)
    explanation = GradCam().explain(model, crop)
    (bare,) = predict(model, to_tensor(crop, model.card.input))
    np.testing.assert_allclose(explanation.prediction.logits, bare.logits, rtol=1e-5, atol=1e-5)
    assert explanation.target == explanation.prediction.top == bare.top
    assert explanation.method == "grad-cam"
    assert explanation.elapsed_s > 0
    heatmap = explanation.heatmaps[0]
    assert model.entry.cam_layers[heatmap.name] == 8  # 8 x 8 cells at 64 px
    assert heatmap.native_size == (8, 8)  # 64 px at stride 8
    assert heatmap.values.shape == (90, 90)


def test_another_target_gives_another_map_of_the_same_prediction(make_crop: MakeCrop) -> None:
    model, crop = loaded("acsinet"), make_crop(SIZE_PX, 3)
    maps = [GradCam().explain(model, crop, emotion, layer="layer2") for emotion in FERPLUS[:3]]
    assert [explanation.target for explanation in maps] == list(FERPLUS[:3])
    assert len({explanation.heatmaps[0].raw().tobytes() for explanation in maps}) == 3
    assert len({explanation.prediction.logits.tobytes() for explanation in maps}) == 1


def test_a_map_of_an_emotion_that_nothing_speaks_for_is_zero(make_crop: MakeCrop) -> None:
    model = loaded("resnet18")
    model.module.get_parameter("fc.weight")[0] = -1  # layer4 is never negative
    heatmap = (
        GradCam().explain(model, make_crop(SIZE_PX, 1), FERPLUS[0], layer="layer4").heatmaps[0]
    )
    assert heatmap.raw_range == (0.0, 0.0)
    assert not heatmap.values.any()


def test_unknown_names_list_the_known(make_crop: MakeCrop) -> None:
    model, crop = loaded("resnet18"), make_crop(SIZE_PX, 0)
    with pytest.raises(UnknownNameError, match=r"no emotion named 'joy'.*happiness"):
        GradCam().explain(model, crop, "joy")
    with pytest.raises(UnknownNameError, match=r"no CAM layer named 'fc'.*layer4"):
        GradCam().explain(model, crop, layer="fc")


@pytest.mark.parametrize(
    ("size_px", "layer"),
    [(224, "final_attention"), (192, "final_attention"), (112, "layer3"), (96, "layer3"),
     (64, "layer2"), (16, "layer1")],
)  # fmt: skip
def test_the_usual_layer_is_the_deepest_with_a_map_fine_enough(size_px: int, layer: str) -> None:
    assert usual_layer(model_entry("acsinet").cam_layers, size_px) == layer


def test_a_network_without_cam_layers_is_not_supported(make_crop: MakeCrop) -> None:
    model = loaded("resnet18")
    assert GradCam().supports(model)
    flat = LoadedModel(replace(model.entry, cam_layers={}), model.card, model.module)
    assert not GradCam().supports(flat)
    with pytest.raises(UnknownNameError, match="CAM layer"):
        GradCam().explain(flat, make_crop(SIZE_PX, 0))


@contextmanager
def unchanged(module: nn.Module) -> Iterator[None]:
    """Check that a network and the grad mode leave the block as they came."""

    def picture() -> list[object]:
        return [
            torch.is_grad_enabled(),
            torch.is_inference_mode_enabled(),
            hook_count(module),
            [part.training for part in module.modules()],
            [parameter.requires_grad for parameter in module.parameters()],
            [parameter.grad for parameter in module.parameters()],
        ]

    before = picture()
    try:
        yield
    finally:
        assert picture() == before


@pytest.mark.parametrize("mode", [torch.enable_grad, torch.no_grad, torch.inference_mode])
@pytest.mark.parametrize("name", list_models())
def test_nothing_is_left_on_the_network(
    name: str, mode: Callable[[], torch.no_grad], make_crop: MakeCrop
) -> None:
    model, crop = loaded(name), make_crop(SIZE_PX, 4)
    reference = GradCam().explain(model, crop)
    model.module.train()
    model.module.requires_grad_(True)
    with mode(), unchanged(model.module):
        explanation = GradCam().explain(model, crop)
    np.testing.assert_array_equal(
        explanation.heatmaps[0].values, reference.heatmaps[0].values
    )  # in eval mode inside


class Failing(nn.Module):
    """Stands in for a network's last layer and fails."""

    def forward(self, x: Tensor) -> Tensor:
        raise ArithmeticError("told to fail")


@pytest.mark.parametrize("name", list_models())
def test_nothing_is_left_after_an_exception_in_the_tail(name: str, make_crop: MakeCrop) -> None:
    model, crop = loaded(name), make_crop(SIZE_PX, 4)
    whole = model.module.get_submodule(model.entry.feature_layer)
    model.module.set_submodule(model.entry.feature_layer, Failing())
    model.module.train()
    with unchanged(model.module), pytest.raises(ArithmeticError, match="told to fail"):
        GradCam().explain(model, crop)
    model.module.set_submodule(model.entry.feature_layer, whole)
    assert GradCam().explain(model, crop).heatmaps[0].raw_range[1] > 0


def test_gradients_flow_through_the_tail_only() -> None:
    head, tail = nn.Linear(3, 4), nn.Linear(4, 2)
    module = nn.Sequential(head, nn.Identity(), nn.ReLU(inplace=True), tail)
    with differentiable_behind(module[1]) as leaves:
        logits = module(torch.randn(5, 3))
        (gradient,) = torch.autograd.grad(logits[:, 0].sum(), leaves[0])
    assert leaves[0].is_leaf
    assert (leaves[0] < 0).any(), "the ReLU behind changed the recorded activations"
    expected = torch.where(leaves[0] > 0, tail.weight[0], 0.0)
    torch.testing.assert_close(gradient, expected)
    assert head.weight.grad is None


def test_a_layer_may_be_followed_by_work_in_place(make_crop: MakeCrop) -> None:
    name, layer = "resnet18", "layer4.1.bn1"  # its ReLU works in place
    entry = replace(model_entry(name), cam_layers={layer: 32})
    model = LoadedModel(entry, card(name), loaded(name).module)
    heatmap = GradCam().explain(model, make_crop(SIZE_PX, 1)).heatmaps[0]
    assert heatmap.raw_range[1] > 0


def test_threads_on_one_network_get_their_own_maps(make_crop: MakeCrop) -> None:
    model = loaded("acsinet")
    crops = [make_crop(SIZE_PX, seed) for seed in range(8)]
    alone = [GradCam().explain(model, crop) for crop in crops]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda crop: GradCam().explain(model, crop), crops * 2))
    for explanation, expected in zip(together, alone * 2, strict=True):
        assert explanation.target == expected.target
        np.testing.assert_array_equal(explanation.prediction.logits, expected.prediction.logits)
        np.testing.assert_array_equal(explanation.heatmaps[0].values, expected.heatmaps[0].values)
    assert len({explanation.heatmaps[0].values.tobytes() for explanation in alone}) == 8
    assert hook_count(model.module) == 0
