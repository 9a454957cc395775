"""pytorch-grad-cam as its documentation uses it, and networks on which maps can differ."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
import pytorch_grad_cam
import torch
from numpy.typing import NDArray
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from torch import Tensor, nn

from ferstudio.explain.gradient_free_cam import zeroing_layer
from ferstudio.models import LoadedModel, ModelEntry, model_entry
from ferstudio.types import FaceCrop, InputSpec
from tests.networks import card, hook_count

CLASSES: dict[str, Callable[..., Any]] = {
    "grad-cam": pytorch_grad_cam.GradCAM,
    "grad-cam++": pytorch_grad_cam.GradCAMPlusPlus,
    "hires-cam": pytorch_grad_cam.HiResCAM,
    "xgrad-cam": pytorch_grad_cam.XGradCAM,
    "layer-cam": pytorch_grad_cam.LayerCAM,
    "eigen-cam": pytorch_grad_cam.EigenCAM,
    "score-cam-full": pytorch_grad_cam.ScoreCAM,
    "ablation-cam": pytorch_grad_cam.AblationCAM,
    "full-grad": pytorch_grad_cam.FullGrad,
}
"""The library's class for each of our names; exact CAM has none there."""

SHIPPED = ("acsinet", "agfer", "csinet", "psa_resnet50", "resnet18", "vgg16", "vgg16_gcca")
"""One network of each family, with all kinds of attention."""


def lively(name: str, size_px: int, *, short: bool = False) -> LoadedModel:
    """Return a network with statistics and logits as if trained; shared, so leave it as it is.

    Args:
        name: of the network.
        size_px: of its pictures.
        short: whether stages keep their first block only, and VGG16 does without its last pooling,
            so that pictures of 16 px will do.
    """
    spec = InputSpec(size=size_px, mean=(0.5, 0.5, 0.5), std=(0.25, 0.25, 0.25))
    entry = _entry(name, short)
    return LoadedModel(entry, replace(card(name), input=spec), _network(name, short))


def _entry(name: str, short: bool) -> ModelEntry:
    entry = model_entry(name)
    unpooled = short and "last_pool" in entry.options
    return entry.with_options({"last_pool": False}) if unpooled else entry


@lru_cache(maxsize=2)
def _network(name: str, short: bool) -> nn.Module:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        entry = _entry(name, short)
        module = entry.build(num_classes=8).eval().requires_grad_(False)
        for layer in entry.cam_layers if short else ():
            stage = module.get_submodule(layer)
            if isinstance(stage, nn.Sequential):
                module.set_submodule(layer, stage[:1])
        for part in module.modules():
            if isinstance(part, nn.BatchNorm2d):
                assert part.running_mean is not None
                assert part.running_var is not None
                part.running_mean.normal_(0, 0.1)
                part.running_var.uniform_(0.8, 1.25)
                part.weight.uniform_(0.8, 1.25)
                part.bias.normal_(0, 0.1)
            if isinstance(part, nn.Linear) and part.out_features == 8:
                part.weight *= 20
        return module.to(memory_format=torch.channels_last)


def coarsest(model: LoadedModel, cells: int) -> str:
    """Return the deepest layer whose map has at least so many cells a side."""
    size_px, layers = model.card.input.size, model.entry.cam_layers
    return [name for name, stride in layers.items() if size_px // stride >= cells][-1]


def library_map(
    method: str, model: LoadedModel, layer: str, batch: Tensor, index: int
) -> NDArray[np.float32]:
    """Return the library's map (S, S), stretched to [0, 1] as it always is.

    Two of its faults are mended: FullGrad takes biases in the order of definition and gradients
    in that of execution, and Ablation-CAM depends on the order of channels that can be negative.
    """
    module = model.module
    options = {"ablation_layer": zeroing_layer()} if method == "ablation-cam" else {}
    layers = [] if method == "full-grad" else [module.get_submodule(layer)]
    with (
        torch.inference_mode(False),
        torch.enable_grad(),
        trainable(module),
        CLASSES[method](model=module, target_layers=layers, **options) as cam,
    ):
        if method == "full-grad":
            cam.bias_data = [
                cam.get_bias_data(part).detach().numpy() for part in executed(module, batch)
            ]
        found = cam(batch.clone(), [ClassifierOutputTarget(index)])[0]
    return spread(np.asarray(found, np.float32).reshape(batch.shape[-2:]))


def executed(module: nn.Module, batch: Tensor) -> list[nn.Module]:
    """Return the convolutions and batch norms with a bias in the order in which they run."""
    ran: list[nn.Module] = []
    handles = [
        part.register_forward_hook(lambda part, _inputs, _output: ran.append(part))
        for part in module.modules()
        if type(part) in (nn.Conv2d, nn.BatchNorm2d) and part.bias is not None
    ]
    with torch.no_grad():
        module(batch)
    for handle in handles:
        handle.remove()
    return ran


@contextmanager
def trainable(module: nn.Module) -> Iterator[None]:
    """Give the parameters gradients, as the library needs it, and take them away again."""
    module.requires_grad_(True)
    try:
        yield
    finally:
        module.requires_grad_(False)
        module.zero_grad(set_to_none=True)
        assert hook_count(module) == 0


def spread(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the values stretched to [0, 1], as the library always does."""
    return (values - values.min()) / (values.max() - values.min())


def picture(size_px: int, seed: int) -> FaceCrop:
    """Return a smooth random picture of the networks' input size."""
    coarse = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    image = cv2.resize(coarse, (size_px, size_px), interpolation=cv2.INTER_CUBIC)
    return FaceCrop(np.asarray(image, np.uint8), None, np.eye(2, 3))


def state(module: nn.Module) -> list[object]:
    """Return all that an explanation could leave behind: modes, hooks, gradients, stand-ins."""
    return [
        torch.is_grad_enabled(),
        torch.is_inference_mode_enabled(),
        hook_count(module),
        [id(part) for part in module.modules()],
        [part.training for part in module.modules()],
        ["forward" in vars(part) for part in module.modules()],
        [parameter.requires_grad for parameter in module.parameters()],
        [parameter.grad for parameter in module.parameters()],
    ]
