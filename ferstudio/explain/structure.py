"""How a registered network is built, part after part, and where its attention sits: to be drawn.

The parts are those that pictures pass in order; shapes are of one RGB picture of 224 px, worked out
without computing anything, so no weights are needed.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn

from ferstudio.explain.block_names import block_title
from ferstudio.models import build_model, model_entry
from ferstudio.models.attention import attention_taps

PICTURE_PX = 224


@dataclass(frozen=True, slots=True)
class AttentionPlace:
    """Attention of one kind in a part.

    Attributes:
        title: what it is, as "Coordinate attention".
        modules: qualified names of its blocks, in order.
    """

    title: str
    modules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a network.

    Attributes:
        name: its qualified name.
        title: what it is called in a drawing.
        blocks: how many blocks it repeats; 1 where it repeats none.
        shape: channels and side of the maps that it gives, or the number of values alone.
        attention: the attention in it.
    """

    name: str
    title: str
    blocks: int
    shape: tuple[int, ...]
    attention: tuple[AttentionPlace, ...]


@cache
def network_structure(name: str) -> tuple[Part, ...]:
    """Return the parts of the network called `name`, in the order in which a picture passes them.

    What computes nothing (an activation, an identity) is left out, and a pooling that all stages
    share.

    Raises:
        UnknownNameError: if there is no such network.
    """
    with torch.device("meta"):
        module = build_model(name, 8).eval()
    stages = list(model_entry(name).cam_layers)
    shapes: dict[str, tuple[int, ...]] = {}
    calls: Counter[str] = Counter()

    def note(part: str) -> Any:
        def hook(_module: nn.Module, _inputs: object, output: object) -> None:
            calls[part] += 1
            shapes[part] = _shape(output)

        return hook

    parts = dict(_parts(module, stages))
    for part, child in parts.items():
        child.register_forward_hook(note(part))
    with torch.no_grad():
        module(torch.empty(1, 3, PICTURE_PX, PICTURE_PX, device="meta"))
    return tuple(
        Part(part, part_title(part), _repeats(parts[part]), shape, _attention(module, part))
        for part, shape in shapes.items()
        if calls[part] == 1 and (_counts(parts[part]) or _attention(module, part))
    )


def part_title(name: str) -> str:
    """Return what a part is called: "stage 3" of "layer3", "block 3" of "backbone.block3"."""
    last = name.rpartition(".")[2]
    if numbered := re.fullmatch(r"(layer|stage|block)(\d)", last):
        return f"{'block' if numbered[1] == 'block' else 'stage'} {numbered[2]}"
    return {
        "fc": "classifier", "avgpool": "average pool", "maxpool": "max pool", "conv1": "3×3 stem",
    }.get(last, last.replace("_", " "))  # fmt: skip


def _parts(
    module: nn.Module, stages: list[str], prefix: str = ""
) -> Iterator[tuple[str, nn.Module]]:
    """Yield the children of a network, and in place of one that holds stages the children of it."""
    for child_name, child in module.named_children():
        name = f"{prefix}{child_name}"
        if any(stage.startswith(f"{name}.") for stage in stages):
            yield from _parts(child, stages, f"{name}.")
        else:
            yield name, child


def _shape(output: object) -> tuple[int, ...]:
    """Return channels and side of maps, or of the first of several; () of anything else."""
    if isinstance(output, Mapping):
        output = list(output.values())
    if isinstance(output, Sequence) and output:
        output = output[0]
    if not isinstance(output, Tensor):
        return ()
    sizes = tuple(output.shape[1:])
    return sizes[:2] if len(sizes) == 3 else sizes  # maps are square


def _repeats(module: nn.Module) -> int:
    blocks = list(module.children()) if isinstance(module, nn.Sequential) else []
    alike = len({type(block) for block in blocks}) == 1
    return len(blocks) if alike else 1


def _counts(module: nn.Module) -> bool:
    """Return whether a drawing shows a part: what is trained, and what changes the maps' size."""
    pools = (nn.MaxPool2d, nn.AvgPool2d, nn.AdaptiveAvgPool2d)
    trained = any(parameter.numel() for parameter in module.parameters())
    return isinstance(module, pools) or (trained and not isinstance(module, nn.BatchNorm2d))


def _attention(module: nn.Module, part: str) -> tuple[AttentionPlace, ...]:
    owners = dict.fromkeys(tap.rpartition(".")[0] for tap in attention_taps(module))
    found: dict[str, list[str]] = {}
    for owner in owners:
        if owner == part or owner.startswith(f"{part}."):
            title = block_title(type(module.get_submodule(owner)).__name__)
            found.setdefault(title, []).append(owner)
    return tuple(AttentionPlace(title, tuple(names)) for title, names in found.items())
