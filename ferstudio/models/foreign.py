"""Backbones of torchvision and timm as registry entries: `torchvision_NAME` and `timm_NAME`.

What our own networks declare is found out here by one forward pass of shapes alone: the classifier,
what it gets, and the last feature maps, which a CAM can show. timm is an optional extra.
"""

from functools import cache, partial
from typing import Any

import torch
from torch import Tensor, nn

from ferstudio.errors import UnknownNameError, UsageError
from ferstudio.models.registry import Head, ModelEntry

PREFIXES = ("torchvision_", "timm_")

SIDE_PX, CLASSES = 224, 7
"""Of the pass that finds out how a backbone is built."""

LATE_SHARE = 0.5
"""Feature maps count where they come in the last part of a pass: a transformer has some at first,
of patches, which tell nothing of what it decides on."""


def is_foreign(name: str) -> bool:
    """Return whether a network's name means a backbone of another library."""
    return name.startswith(PREFIXES)


@cache
def foreign_entry(name: str) -> ModelEntry:
    """Return the entry of a backbone of another library.

    Raises:
        UnknownNameError: if the library has no such backbone.
        UsageError: if the library isn't installed, or the backbone doesn't end in a linear layer.
    """
    prefix = next(each for each in PREFIXES if name.startswith(each))
    library, backbone = prefix.rstrip("_"), name.removeprefix(prefix)
    build = partial(_BUILDERS[library], backbone)
    with torch.device("meta"):
        network = build(num_classes=CLASSES).eval()
        calls = _calls(network, torch.zeros(1, 3, SIDE_PX, SIDE_PX))
    classifier = next((n for n, m, _ in reversed(calls) if _ends(m)), None)
    if classifier is None:
        raise UsageError(f"{name} doesn't end in one linear layer, so it can't be used here.")
    return ModelEntry(
        name=name,
        build=build,
        title=f"{backbone} ({library})",
        summary=f"a backbone of {library}",
        paper=f"the library {library}",
        cam_layers=_cam_layers(calls),
        feature_layer=_feature_layer(calls, network, classifier),
        head=Head(classifier),
    )


def _torchvision(backbone: str, *, num_classes: int) -> nn.Module:
    try:
        from torchvision.models import get_model, list_models
    except ImportError as error:
        raise UsageError("It needs torchvision: python -m pip install torchvision.") from error
    if backbone not in list_models():
        raise UnknownNameError("backbone of torchvision", backbone, list_models())
    return get_model(backbone, weights=None, num_classes=num_classes)


def _timm(backbone: str, *, num_classes: int) -> nn.Module:
    try:
        import timm
    except ImportError as error:
        raise UsageError("It needs timm: python -m pip install timm.") from error
    if not timm.is_model(backbone):
        near = timm.list_models(f"*{backbone.partition('_')[0]}*")[:20]
        raise UnknownNameError("backbone of timm", backbone, near)
    return timm.create_model(backbone, pretrained=False, num_classes=num_classes)


_BUILDERS: dict[str, Any] = {"torchvision": _torchvision, "timm": _timm}

_Call = tuple[str, nn.Module, tuple[int, ...]]
"""A module that ran: its name, itself, and the shape of what it gave."""


def _calls(network: nn.Module, picture: Tensor) -> list[_Call]:
    """Return the modules that ran on a picture, in the order in which they ended."""
    calls: list[_Call] = []

    def noting(name: str) -> Any:
        def note(module: nn.Module, _inputs: object, output: object) -> None:
            if isinstance(output, Tensor):
                calls.append((name, module, tuple(output.shape)))

        return note

    handles = [
        module.register_forward_hook(noting(name)) for name, module in network.named_modules()
    ]
    try:
        with torch.no_grad():
            network(picture)
    finally:
        for handle in handles:
            handle.remove()
    return [call for call in calls if call[0]]


def _ends(module: nn.Module) -> bool:
    return isinstance(module, nn.Linear) and module.out_features == CLASSES


def _cam_layers(calls: list[_Call]) -> dict[str, int]:
    """Return the last module of feature maps with its stride; none where there are none late."""
    late = calls[int(LATE_SHARE * len(calls)) :]
    maps = [(name, shape) for name, _, shape in late if len(shape) == 4 and min(shape[2:]) > 1]
    return {name: SIDE_PX // shape[2] for name, shape in maps[-1:]}


def _feature_layer(calls: list[_Call], network: nn.Module, classifier: str) -> str:
    """Return the last module before the classifier that gives as many numbers as it takes."""
    wanted = network.get_submodule(classifier).in_features
    before = calls[: next(i for i, call in enumerate(calls) if call[0] == classifier)]
    fitting = [name for name, _, shape in before if torch.Size(shape).numel() == wanted]
    return fitting[-1] if fitting else ""
