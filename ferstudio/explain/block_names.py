"""What the attentive blocks of a network are called, told by where they stand and their classes."""

import re

from torch import nn


def branch_names(owner: nn.Module, count: int) -> tuple[str, ...]:
    """Return the sizes of the kernels where a list of `owner` has one convolution per branch."""
    for children in owner.children():
        branches = list(children) if isinstance(children, nn.ModuleList) else []
        kernels = [branch.kernel_size for branch in branches if isinstance(branch, nn.Conv2d)]
        if len(kernels) == len(branches) == count:
            return tuple(f"{height}×{width}" for height, width in kernels)
    return tuple(f"branch {number}" for number in range(1, count + 1))


def block_title(class_name: str) -> str:
    """Return "Coordinate attention" for `CoordinateAttention`; capitals such as GCCA stay."""
    first, *others = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", class_name).split()
    return " ".join([first, *(word if word.isupper() else word.lower() for word in others)])


def block_place(module: nn.Module, name: str) -> str:
    """Return where a submodule stands in words.

    "layer2.0.attention" is "block 2.1", "backbone.block3.attention" is "block 3", key 5 of the
    dictionary "guidance.gates" is "gate 5", "members.1.final_attention" of a list is "member 2 ·
    final attention", anything else is called by its first name.
    """
    parts = name.split(".")
    for index, part in enumerate(parts):
        if part.isdigit():
            owner = ".".join(parts[:index])
            keyed = isinstance(module.get_submodule(owner), nn.ModuleDict)
            number = part if keyed else str(int(part) + 1)
            here = f"{parts[index - 1].removesuffix('s')} {number}"
            rest = parts[index + 1 :]
            if not rest:
                return here
            inner = module.get_submodule(f"{owner}.{part}")
            return f"{here} · {block_place(inner, '.'.join(rest))}"
        stage = re.search(r"\d+$", part)
        if stage is not None:
            following = parts[index + 1] if index + 1 < len(parts) else ""
            inside = f".{int(following) + 1}" if following.isdigit() else ""
            return f"block {stage[0]}{inside}"
    return parts[0].replace("_", " ")
