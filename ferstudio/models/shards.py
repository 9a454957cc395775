"""Tensors as they lie on disk: int8 with scales, in groups below 10 MB.

Matrices and kernels are stored as int8 with one float32 scale per output channel (`name` and
`name:scale`), all other tensors as they are; one that is larger than a shard is divided into runs
of rows (`name:part0`, `name:part1` and so on). Reading gives float32.
"""

import torch
from torch import Tensor

from ferstudio.errors import WeightsError

SHARD_BYTES = 9_500_000
"""The largest file that is written; the git behind a Hugging Face Space refuses 10 MB. Larger ones
that were written before are read as they are."""

SCALE_SUFFIX = ":scale"
PART_SUFFIX = ":part"

_HEADER_BYTES = 192  # a shard's header spends less than this on one tensor, beside its name


def quantise(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the state with matrices and kernels as int8 and one scale per output channel.

    Raises:
        WeightsError: if a value isn't finite.
    """
    stored = {}
    for name, tensor in state.items():
        tensor = tensor.detach().cpu().contiguous()
        if not tensor.isfinite().all():
            raise WeightsError(f"{name} holds values that aren't finite; train it again.")
        if tensor.dim() < 2 or not tensor.is_floating_point():
            stored[name] = tensor.float() if tensor.is_floating_point() else tensor
            continue
        rows = tensor.float().flatten(1)
        scale = rows.abs().amax(dim=1).clamp_min(torch.finfo(torch.float32).tiny * 127) / 127
        stored[name] = (rows / scale[:, None]).round().to(torch.int8).view(tensor.shape)
        stored[name + SCALE_SUFFIX] = scale
    return stored


def dequantise(stored: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the float32 state of tensors that `quantise` made, also of their parts."""
    state, stored = {}, _joined(stored)
    for name, tensor in stored.items():
        if name.endswith(SCALE_SUFFIX):
            continue
        scale = stored.get(name + SCALE_SUFFIX)
        if scale is not None:
            tensor = tensor.to(torch.float32, copy=True)
            tensor *= scale.view(-1, *[1] * (tensor.dim() - 1))
        elif tensor.is_floating_point():
            tensor = tensor.float()
        state[name] = tensor
    return state


def in_shards(stored: dict[str, Tensor]) -> list[dict[str, Tensor]]:
    """Return the tensors of `quantise` in groups that each fill a file below `SHARD_BYTES`.

    Raises:
        WeightsError: if a tensor that can't be divided exceeds the size of a shard.
    """
    shards: list[dict[str, Tensor]] = [{}]
    left = SHARD_BYTES
    for name, tensor in _divided(stored).items():
        size = tensor.nbytes + len(name) + _HEADER_BYTES
        if size > SHARD_BYTES:
            raise WeightsError(f"{name} alone takes {size} bytes, a shard only {SHARD_BYTES}.")
        if size > left:
            shards.append({})
            left = SHARD_BYTES
        shards[-1][name] = tensor
        left -= size
    return shards


def _divided(stored: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the tensors, in place of those that are larger than a shard their parts."""
    found = {}
    for name, tensor in stored.items():
        room = SHARD_BYTES - len(name) - _HEADER_BYTES
        if tensor.dim() < 2 or tensor.nbytes <= room:
            found[name] = tensor
            continue
        parts = tensor.split(max(1, room // tensor[0].nbytes))
        found |= {f"{name}{PART_SUFFIX}{number}": part for number, part in enumerate(parts)}
    return found


def _joined(stored: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the tensors that were given to `_divided`."""
    parts: dict[str, dict[int, Tensor]] = {}
    for name, tensor in stored.items():
        whole, _, number = name.partition(PART_SUFFIX)
        parts.setdefault(whole, {})[int(number or 0)] = tensor
    return {
        name: torch.cat([each[number] for number in sorted(each)])
        if len(each) > 1
        else next(iter(each.values()))
        for name, each in parts.items()
    }
