"""Every CAM is the library's own map, on every network."""

import numpy as np
import pytest

from ferstudio.explain import explainer
from ferstudio.explain.cam import Cam
from ferstudio.labels import FERPLUS
from ferstudio.models import LoadedModel, list_models, model_entry, precision
from ferstudio.preprocess import to_tensor
from tests.explain.library import SHIPPED, coarsest, library_map, lively, picture, spread
from tests.networks import predict

PX = 48  # a stage of stride 16 has 3 x 3 cells
SMALL_PX = 16  # for methods that ask hundreds of times
FAST = ("grad-cam++", "hires-cam", "xgrad-cam", "layer-cam", "eigen-cam")
SLOW = ("score-cam-full", "ablation-cam")
SOME = [n if n in SHIPPED else pytest.param(n, marks=pytest.mark.minutes) for n in list_models()]


@pytest.fixture(scope="module", params=list_models())
def name(request: pytest.FixtureRequest) -> str:
    """Return a network's name; the scope lets one network's tests follow one another."""
    return str(request.param)


def check(method: str, model: LoadedModel, layer: str) -> None:
    """Hold our map against the library's, for the first emotion that has one."""
    size_px = model.card.input.size
    cam, crop = explainer(method), picture(size_px, 1)
    assert isinstance(cam, Cam)
    for target in (None, *FERPLUS):
        found = cam.explain(model, crop, target, layer=layer)
        heatmap = found.heatmaps[0]
        if np.ptp(heatmap.values) > 0:
            break
    assert heatmap.name == layer
    assert heatmap.values.shape == (size_px, size_px)
    assert heatmap.values.dtype == np.float32
    assert heatmap.values.max() <= 1
    assert heatmap.raw_range[0] == 0 < np.ptp(heatmap.values)
    batch = to_tensor(crop, model.card.input)
    (bare,) = predict(model, batch)
    np.testing.assert_allclose(found.prediction.logits, bare.logits, rtol=1e-4, atol=1e-5)
    expected = library_map(method, model, layer, batch, FERPLUS.index(found.target))
    np.testing.assert_allclose(spread(heatmap.values), expected, atol=1e-4)


def test_grad_cam_at_every_layer(name: str) -> None:
    for layer, stride in model_entry(name).cam_layers.items():
        check("grad-cam", lively(name, max(32, 2 * stride)), layer)


@pytest.fixture(autouse=True)
def _exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let rough passes be exact ones, as on processors without bfloat16."""
    monkeypatch.setattr(precision, "has_fast_bf16", lambda: False)


@pytest.mark.parametrize("method", FAST)
def test_the_other_methods_of_one_pass(method: str, name: str) -> None:
    model = lively(name, PX)
    check(method, model, coarsest(model, 3))


@pytest.mark.parametrize("method", SLOW)
@pytest.mark.parametrize("name", SOME, indirect=True)
def test_methods_that_try_out_every_channel(method: str, name: str) -> None:
    layer = next(iter(model_entry(name).cam_layers))
    check(method, lively(name, SMALL_PX, short=True), layer)


@pytest.mark.parametrize("name", SOME, indirect=True)
def test_full_grad(name: str) -> None:
    check("full-grad", lively(name, SMALL_PX, short=True), "input")


@pytest.mark.minutes
@pytest.mark.parametrize("method", [*SLOW, "full-grad"])
def test_the_slow_methods_on_whole_networks(method: str, name: str) -> None:
    layer = "input" if method == "full-grad" else next(iter(model_entry(name).cam_layers))
    check(method, lively(name, PX), layer)
