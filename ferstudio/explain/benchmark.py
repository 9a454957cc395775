"""What an explanation costs, in forward passes: ours beside the libraries as they document it.

Everything is timed side by side in one process, in turns, so that whatever else the machine does
falls on all alike. Reported is the median of each, and as a ratio the median of the rounds' own
ratios: a machine's speed changes from one moment to the next, and both halves of a round share it.
The libraries' times are those of the call in their own README: a fresh Grad-CAM object on the
network with gradients on all parameters, one picture, one target, at the very layer that ours
shows.
"""

import importlib
import importlib.util
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from ferstudio.errors import UsageError
from ferstudio.explain.cam import usual_layer
from ferstudio.explain.gradient_cams import GradCam
from ferstudio.models import LoadedModel
from ferstudio.preprocess import to_tensor
from ferstudio.types import FaceCrop

RUNS = 15
"""Timed runs of each, unless asked otherwise; two more before them aren't timed."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Median seconds per picture of one network.

    Attributes:
        weights: name of the weights.
        size_px: side of the network's pictures.
        layer: CAM layer.
        runs: timed runs of each.
        forward_s: the bare forward pass, without gradients, on a picture that is ready.
        ours_s: from a crop to prediction, Grad-CAM and attention.
        grad_cam_s: pytorch-grad-cam's Grad-CAM of a picture that is ready, as documented.
        torch_cam_s: torch-cam's likewise; None where it isn't installed.
        ours_per_forward: cost of prediction, Grad-CAM and attention in forward passes.
        grad_cam_per_forward: of pytorch-grad-cam's Grad-CAM, likewise.
        torch_cam_per_forward: of torch-cam's; None where it isn't installed.
        speed_up: how many times faster than pytorch-grad-cam ours is.
    """

    weights: str
    size_px: int
    layer: str
    runs: int
    forward_s: float
    ours_s: float
    grad_cam_s: float
    torch_cam_s: float | None
    ours_per_forward: float
    grad_cam_per_forward: float
    torch_cam_per_forward: float | None
    speed_up: float


def measure_cost(model: LoadedModel, crop: FaceCrop, *, runs: int = RUNS) -> Cost:
    """Return what one picture costs `model`.

    Args:
        model: a network with a CAM layer.
        crop: the face that is asked about.
        runs: timed runs of each.

    Raises:
        UsageError: if `runs` is below 1, or the network has no layer that a CAM can show.
    """
    if runs < 1:
        raise UsageError(f"A benchmark needs at least one run, not {runs}.")
    method = GradCam()
    if not method.supports(model):
        raise UsageError(f"{model.name} has no layer that Grad-CAM could show.")
    layer = usual_layer(method.layers(model), model.card.input.size)
    batch = to_tensor(crop, model.card.input).contiguous(memory_format=torch.channels_last)
    ways: dict[str, Callable[[], object]] = {
        "forward": lambda: _forward(model, batch),
        "ours": lambda: method.explain(model, replace(crop), attention=True),  # as if never seen
        "grad_cam": lambda: _pytorch_grad_cam(model, batch, layer),
    }
    if importlib.util.find_spec("torchcam"):
        ways["torch_cam"] = lambda: _torch_cam(model, batch, layer)
    turns = in_turns(ways, runs)
    has_torch_cam = "torch_cam" in ways
    return Cost(
        weights=model.name,
        size_px=model.card.input.size,
        layer=layer,
        runs=runs,
        forward_s=turns.median("forward"),
        ours_s=turns.median("ours"),
        grad_cam_s=turns.median("grad_cam"),
        torch_cam_s=turns.median("torch_cam") if has_torch_cam else None,
        ours_per_forward=turns.ratio("ours", "forward"),
        grad_cam_per_forward=turns.ratio("grad_cam", "forward"),
        torch_cam_per_forward=turns.ratio("torch_cam", "forward") if has_torch_cam else None,
        speed_up=turns.ratio("grad_cam", "ours"),
    )


def forward_seconds(model: LoadedModel, crop: FaceCrop, *, runs: int = 7) -> float:
    """Return the median seconds of a network's bare forward pass of one picture.

    Args:
        model: the network.
        crop: the face.
        runs: timed passes; two more before them aren't timed.
    """
    batch = to_tensor(crop, model.card.input).contiguous(memory_format=torch.channels_last)
    return in_turns({"forward": lambda: _forward(model, batch)}, runs).median("forward")


@dataclass(frozen=True, slots=True)
class Turns:
    """Seconds that several ways took, round by round.

    Attributes:
        seconds: of each way in each round, by its name; all are of the same length.
    """

    seconds: Mapping[str, Sequence[float]]

    def median(self, way: str) -> float:
        """Return the median seconds of a way."""
        return statistics.median(self.seconds[way])

    def ratio(self, way: str, other: str) -> float:
        """Return the median over the rounds of how many times as long as `other` a way took."""
        rounds = zip(self.seconds[way], self.seconds[other], strict=True)
        return statistics.median(one / two for one, two in rounds)


def in_turns(ways: Mapping[str, Callable[[], object]], runs: int, *, warm_up: int = 2) -> Turns:
    """Return what each of `ways` took, run one after the other in every round.

    Args:
        ways: what is timed, by name.
        runs: timed rounds.
        warm_up: rounds before them that aren't timed.
    """
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for round_number in range(-warm_up, runs):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            if round_number >= 0:
                taken[name].append(time.perf_counter() - start)
    return Turns(taken)


def _forward(model: LoadedModel, batch: Tensor) -> Tensor:
    with model.exclusive() as module, torch.inference_mode():
        return module(batch)


def _pytorch_grad_cam(model: LoadedModel, batch: Tensor, layer: str) -> None:
    from pytorch_grad_cam import GradCAM

    with model.exclusive() as module:
        _as_loaded(module)
        with GradCAM(model=module, target_layers=[module.get_submodule(layer)]) as cam:
            cam(input_tensor=batch.clone(), targets=None)  # None: the highest logit


def _torch_cam(model: LoadedModel, batch: Tensor, layer: str) -> None:
    methods = importlib.import_module("torchcam.methods")
    with model.exclusive() as module:
        _as_loaded(module)
        with methods.GradCAM(module, target_layer=layer) as extractor:
            logits = module(batch.clone().requires_grad_())
            extractor(int(logits[0].argmax()), logits)


def _as_loaded(module: nn.Module) -> None:
    """Give all parameters gradients, as they have where nobody took them away."""
    module.requires_grad_(True)
