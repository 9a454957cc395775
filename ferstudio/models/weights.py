"""Weights on disk: shards of tensors (`ferstudio.models.shards`), checked, no pickles.

A folder `<arch>.<tag>` holds `card.json` and `model-0000i-of-0000n.safetensors`.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from ferstudio.errors import WeightsError
from ferstudio.models.card import WeightsCard, write_card
from ferstudio.models.lfs_pointer import check_is_fetched
from ferstudio.models.shards import dequantise, in_shards, quantise


def stored_files(folder: Path, card: WeightsCard) -> Iterator[bytes]:
    """Yield the content of each file of a weights folder, checked against its card.

    Raises:
        WeightsError: if one is missing or was altered.
    """
    for name, expected in zip(card.files, card.sha256, strict=True):
        try:
            content = (folder / name).read_bytes()
        except OSError as error:
            raise WeightsError(f"{folder / name} can't be read: {error.strerror}.") from error
        check_is_fetched(folder / name, content)
        actual = hashlib.sha256(content).hexdigest()
        if actual != expected:
            raise WeightsError(
                f"{folder / name} is damaged: its sha256 is {actual[:12]}…, the card says "
                f"{expected[:12]}…; fetch it again."
            )
        yield content


def read_state(folder: Path, card: WeightsCard) -> dict[str, Tensor]:
    """Return the float32 state dict of a weights folder, checked against its card.

    Raises:
        WeightsError: if a shard is missing, was altered, isn't safetensors or holds values that
            aren't finite.
    """
    stored: dict[str, Tensor] = {}
    for name, content in zip(card.files, stored_files(folder, card), strict=True):
        stored.update(_tensors(folder / name, content))
    try:
        state = dequantise(stored)
    except (RuntimeError, ValueError) as error:
        raise WeightsError(
            f"{folder} holds scales or parts that don't fit their tensors."
        ) from error
    for name, tensor in state.items():
        if not tensor.isfinite().all():
            raise WeightsError(f"{folder}: {name} holds values that aren't finite.")
    return state


def _tensors(file: Path, content: bytes) -> dict[str, Tensor]:
    try:
        return load(content)
    except SafetensorError as error:
        raise WeightsError(f"{file} is not a safetensors file: {error}.") from error


def fill_folder(folder: Path, card: WeightsCard, state: dict[str, Tensor]) -> WeightsCard:
    """Write shards and card into an empty folder and return the card with files and checksums.

    Raises:
        WeightsError: if a value isn't finite or a tensor alone exceeds the size of a shard.
    """
    shards = in_shards(quantise(state))
    files = [f"model-{i:05d}-of-{len(shards):05d}.safetensors" for i in range(1, len(shards) + 1)]
    digests = []
    for name, shard in zip(files, shards, strict=True):
        content = save(shard)
        (folder / name).write_bytes(content)
        digests.append(hashlib.sha256(content).hexdigest())
    written = replace(card, files=tuple(files), sha256=tuple(digests))
    write_card(folder, written)
    return written
