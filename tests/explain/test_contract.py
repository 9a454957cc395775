"""Every registered explainer keeps its promises; wrong ones of every kind are caught."""

import threading
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from ferstudio.explain import Explanation, Heatmap, explainer, list_explainers
from ferstudio.explain.gradient_cams import GradientCam
from ferstudio.explain.linear_cam import LinearCam
from ferstudio.models import LoadedModel, ModelEntry
from ferstudio.models.attention import AttentionRole, AttentionTap
from ferstudio.models.registry import Head
from ferstudio.pauses import Turn, taking
from ferstudio.types import FaceCrop
from tests.explain.contract import check_contract
from tests.explain.library import picture
from tests.networks import INPUT, card

CROP_PX = 40
"""Another size than the network's pictures have, so that a map of those is noticed."""


class Small(nn.Module):
    """Two convolutions with batch norm, a gate between them, and a linear layer on the average."""

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 6, 3, 4, 1), nn.BatchNorm2d(6), nn.ReLU())
        self.gate = nn.Conv2d(6, 1, 1)
        self.tap = AttentionTap(AttentionRole.GATE)
        self.body = nn.Sequential(nn.Conv2d(6, 9, 3, 2, 1), nn.BatchNorm2d(9), nn.ReLU())
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(9, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)  # (N, 6, S / 4, S / 4)
        x = self.body(x * self.tap(torch.sigmoid(self.gate(x))))  # (N, 9, S / 8, S / 8)
        return self.fc(self.avgpool(x).flatten(1))


@pytest.fixture(scope="module")
def model() -> LoadedModel:
    """Return a small network that every method supports, sure of nothing."""
    entry = ModelEntry(
        name="small",
        build=Small,
        title="Small",
        summary="small",
        paper="none",
        cam_layers={"stem": 4, "body": 8},
        feature_layer="avgpool",
        head=Head("fc", pools="body"),
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        module = Small(8).eval().requires_grad_(False)
        for part in module.modules():
            if isinstance(part, nn.BatchNorm2d):
                part.bias.normal_(0, 0.2)
        module.fc.weight *= 8
    return LoadedModel(entry, replace(card("resnet18"), model="small", input=INPUT), module)


@pytest.mark.parametrize("name", list_explainers())
def test_it_keeps_its_promises(name: str, model: LoadedModel) -> None:
    check_contract(explainer(name), model, picture(CROP_PX, 3))


@pytest.mark.parametrize("name", list_explainers())
def test_maps_of_other_emotions_differ_unless_it_knows_none(name: str, model: LoadedModel) -> None:
    method, crop = explainer(name), picture(CROP_PX, 3)
    maps = [method.explain(model, crop, each).heatmaps[0] for each in model.card.label_names]
    answers = {(each.values.tobytes(), each.raw_range) for each in maps}
    assert len(answers) == 1 if name == "eigen-cam" else len(answers) > 1


@pytest.mark.parametrize("name", list_explainers())
def test_a_network_that_it_does_not_support_is_refused_or_explained(
    name: str, model: LoadedModel
) -> None:
    bare = replace(model.entry, cam_layers={}, head=Head("fc"))
    other = LoadedModel(bare, model.card, model.module)
    method = explainer(name)
    if method.supports(other):
        check_contract(method, other, picture(CROP_PX, 3))
    else:
        with pytest.raises(KeyError, match="layer"):
            method.explain(other, picture(CROP_PX, 3))


class Watchful:
    """Takes turns, and sees to it that others could have the network at each pause."""

    def __init__(self, model: LoadedModel) -> None:
        self.pauses = 0
        self.shares: list[float] = []
        self._model = model

    def pause(self, share_done: float | None) -> None:
        self.pauses += 1
        if share_done is not None:
            self.shares.append(share_done)

        def hold() -> None:
            with self._model.exclusive():
                pass

        other = threading.Thread(target=hold, daemon=True)
        other.start()
        other.join(10)
        assert not other.is_alive(), "the network is held at a pause"

    def wait(self, acquire: Callable[[float], bool], holder: Turn | None) -> None:
        pytest.fail("no lock is waited for")


@pytest.mark.parametrize("name", list_explainers())
def test_others_can_have_the_network_at_each_pause(name: str, model: LoadedModel) -> None:
    turn = Watchful(model)
    with taking(turn):
        explainer(name).explain(model, picture(CROP_PX, 3))
    quick = issubclass(type(explainer(name)), GradientCam | LinearCam)
    assert (turn.pauses == 0) == quick
    assert turn.shares == sorted(turn.shares)


Maker = Callable[[LoadedModel, FaceCrop, str | None], Explanation]


class Wrong:
    """An explainer that does what it is told after a right one was asked."""

    name = "grad-cam"
    title = "Wrong"
    summary = "Wrong."
    needs = "nothing"
    passes = 1

    def __init__(self, spoil: Callable[[LoadedModel, Explanation], Explanation]) -> None:
        self._spoil = spoil

    def supports(self, _model: LoadedModel) -> bool:
        return True

    def explain(self, model: LoadedModel, crop: FaceCrop, target: str | None = None) -> Explanation:
        return self._spoil(model, explainer("grad-cam").explain(model, crop, target))


def with_map(found: Explanation, values: np.ndarray) -> Explanation:
    (heatmap,) = found.heatmaps
    return replace(found, heatmaps=(replace(heatmap, values=values),))


def of_network_size(_model: LoadedModel, found: Explanation) -> Explanation:
    return with_map(found, np.zeros((64, 64), np.float32))


def restless(_model: LoadedModel, found: Explanation) -> Explanation:
    noise = np.random.default_rng().random((CROP_PX, CROP_PX))
    return with_map(found, noise.astype(np.float32))


def deaf(_model: LoadedModel, found: Explanation) -> Explanation:
    return replace(found, target="neutral")


def another_answer(_model: LoadedModel, found: Explanation) -> Explanation:
    changed = replace(found.prediction, logits=found.prediction.logits + 1)
    return replace(found, prediction=changed)


def nothing(_model: LoadedModel, found: Explanation) -> Explanation:
    return replace(found, heatmaps=())


def training(model: LoadedModel, found: Explanation) -> Explanation:
    model.module.train()
    return found


@pytest.mark.parametrize(
    "spoil", [of_network_size, restless, deaf, another_answer, nothing, training]
)
def test_a_wrong_explainer_is_caught(
    spoil: Callable[[LoadedModel, Explanation], Explanation], model: LoadedModel
) -> None:
    try:
        with pytest.raises(AssertionError):
            check_contract(Wrong(spoil), model, picture(CROP_PX, 3))
    finally:
        model.module.eval()


def test_a_hook_or_a_listener_that_is_left_is_caught(model: LoadedModel) -> None:
    def hook(loaded: LoadedModel, found: Explanation) -> Explanation:
        with loaded.exclusive() as module:
            module.register_forward_hook(lambda *_: None)
        return found

    def listener(loaded: LoadedModel, found: Explanation) -> Explanation:
        with loaded.exclusive() as module:
            module.get_submodule("tap").listeners.append(lambda _weights: None)  # type: ignore[operator,union-attr]
        return found

    for spoil in (hook, listener):
        with pytest.raises(RuntimeError, match="1 hooks or listeners were left"):
            check_contract(Wrong(spoil), model, picture(CROP_PX, 3))


def test_seven_rows_of_float64_up_to_300_are_no_heatmap(model: LoadedModel) -> None:
    def sloppy(_model: LoadedModel, found: Explanation) -> Explanation:
        values = np.linspace(0, 300, 35).reshape(7, 5)
        return replace(found, heatmaps=(Heatmap("map", values, (7, 5), (0.0, 300.0)),))

    with pytest.raises(ValueError, match=r"must have the shape \(S, S\), not \(7, 5\)"):
        check_contract(Wrong(sloppy), model, picture(CROP_PX, 3))
