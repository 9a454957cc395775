"""Weights on disk: a card, int8 shards below 10 MB, checksums, and no pickles.

A folder `<arch>.<tag>` holds `card.json` and `model-0000i-of-0000n.safetensors`. Matrices and
kernels are stored as int8 with one float32 scale per output channel (`name` and `name:scale`), all
other tensors as they are; one that is larger than a shard is divided into runs of rows
(`name:part0`, `name:part1` and so on). Loading gives float32.
"""

import hashlib
import json
import math
import re
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from ferstudio.errors import UnknownNameError, UsageError, WeightsError
from ferstudio.files import write_whole
from ferstudio.labels import label_set
from ferstudio.types import InputSpec, OptionValue

CARD_FILE = "card.json"
SHARD_BYTES = 9_500_000
"""The largest file that is written; the git behind a Hugging Face Space refuses 10 MB. Larger ones
that were written before are read as they are."""

SCALE_SUFFIX = ":scale"
PART_SUFFIX = ":part"

_OPTIONAL = {"members", "explanations", "options", "calibration", "attention", "made"}
_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_HEADER_BYTES = 192  # a shard's header spends less than this on one tensor, beside its name


@dataclass(frozen=True, slots=True)
class WeightsCard:
    """What a trained network is, was trained on and scores: the content of `card.json`.

    Attributes:
        model: registry name of the network.
        tag: which weights of it; the folder is called `model.tag`.
        files: shard file names in order.
        sha256: hex digest per shard, in the same order.
        labels: name of the label set whose order the logits follow.
        input: the preprocessing the network was trained with.
        metrics: what `training.evaluate` measured from these very files, one mapping per protocol.
        recipe: the training recipe and its settings.
        data: what it was trained on, and how many faces.
        commit: revision of the code that trained it.
        licence: terms of use.
        params: number of trainable parameters.
        members: names of the weights that an ensemble joins; it has no files of its own.
        explanations: what `training.faithfulness` found of heatmaps of these very files, one
            mapping per explainer.
        calibration: the temperature that the logits of these files were divided by, and what it did
            to the expected calibration error; empty for none (`training.shipping.calibration`).
        attention: what `training.attention_worth` found of the network's own attention; empty where
            it wasn't asked or there is none.
        options: the network builder's options that it was built with, as in `ModelEntry`.
        made: by the name of what was made of the weights, as "metrics", the `weights_digest` that
            it was made of; what has none or another one is to be made anew.
    """

    model: str
    tag: str
    files: tuple[str, ...]
    sha256: tuple[str, ...]
    labels: str
    input: InputSpec
    metrics: tuple[dict[str, Any], ...]
    recipe: dict[str, Any]
    data: str
    commit: str
    licence: str
    params: int
    members: tuple[str, ...] = ()
    explanations: tuple[dict[str, Any], ...] = ()
    options: dict[str, OptionValue] = field(default_factory=dict)
    calibration: dict[str, Any] = field(default_factory=dict)
    attention: dict[str, Any] = field(default_factory=dict)
    made: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse wrong types, names that could lead out of the folder, and another framing."""
        for item, kind in _CARD_TYPES.items():
            if not isinstance(getattr(self, item), kind):
                raise WeightsError(f"A card's {item} must be of type {kind.__name__}.")
        if not all(isinstance(t, str) for t in (*self.files, *self.sha256, *self.members)):
            raise WeightsError("A card's files, sha256 and members must be texts.")
        for name in (self.model, self.tag, *self.files, *self.members):
            if not _PLAIN_NAME.fullmatch(name):
                raise WeightsError(
                    f"A card's model, tag, files and members must be plain names of letters, "
                    f"digits, dots, dashes and underscores, not {name!r}."
                )
        if self.input.margin_ratio:  # one crop serves all networks, and it has no margin
            raise WeightsError(
                "A card's input must have margin_ratio 0, the framing that every face is cut in, "
                f"not {self.input.margin_ratio:g}; train the network without a margin."
            )

    @property
    def name(self) -> str:
        """Name of the weights, `model.tag`."""
        return f"{self.model}.{self.tag}"

    @property
    def label_names(self) -> tuple[str, ...]:
        """Emotion names in logit order."""
        return label_set(self.labels)


_CARD_TYPES = {
    "model": str,
    "tag": str,
    "files": tuple,
    "sha256": tuple,
    "labels": str,
    "input": InputSpec,
    "metrics": tuple,
    "recipe": dict,
    "data": str,
    "commit": str,
    "licence": str,
    "params": int,
    "members": tuple,
    "explanations": tuple,
    "options": dict,
    "calibration": dict,
    "attention": dict,
    "made": dict,
}


def read_card(folder: Path) -> WeightsCard:
    """Return the card of a weights folder.

    Raises:
        WeightsError: if it is missing, no JSON, or has unknown, missing or impossible fields.
    """
    file = folder / CARD_FILE
    try:
        raw = json.loads(file.read_text("utf-8"))
    except OSError as error:
        raise WeightsError(f"{folder} has no readable {CARD_FILE}: {error.strerror}.") from error
    except ValueError as error:
        raise WeightsError(f"{file} is not valid JSON ({error}); fetch it again.") from error
    if not isinstance(raw, dict):
        raise WeightsError(f"{file} should hold one JSON object, not a {type(raw).__name__}.")
    _check_fields(file, raw, WeightsCard)
    _check_fields(file, raw["input"], InputSpec)
    try:
        values = {name: _tuple(value) for name, value in raw.items()}
        card = WeightsCard(**{**values, "input": _input_spec(raw["input"])})
        label_set(card.labels)
    except (TypeError, UsageError, UnknownNameError, WeightsError) as error:
        raise WeightsError(f"{file} can't be used: {error}") from error
    if bool(card.files) == bool(card.members):
        raise WeightsError(f"{file} must name either files of its own or the members it joins.")
    if len(card.files) != len(card.sha256):
        raise WeightsError(
            f"{file}: {len(card.files)} files but {len(card.sha256)} checksums; there must be one "
            "checksum for each file."
        )
    return card


def write_card(folder: Path, card: WeightsCard) -> None:
    """Write `card.json`, whole or not at all."""
    text = json.dumps(asdict(card), indent=1, ensure_ascii=False) + "\n"
    write_whole(folder / CARD_FILE, text.encode())


def weights_digest(folder: Path, card: WeightsCard) -> str:
    """Return one hex digest of the checksums on a card; of an ensemble's, those of its members.

    Args:
        folder: the weights folder; an ensemble's members are looked for beside it.
        card: its card.

    Raises:
        WeightsError: if a member's card can't be read.
    """
    cards = [read_card(folder.parent / name) for name in card.members] or [card]
    checksums = [checksum for each in cards for checksum in each.sha256]
    return hashlib.sha256(" ".join(checksums).encode()).hexdigest()


def with_record(folder: Path, card: WeightsCard, made: str) -> WeightsCard:
    """Return the card with the record that what is called `made` is of today's weights."""
    return replace(card, made={**card.made, made: weights_digest(folder, card)})


def is_recorded(folder: Path, card: WeightsCard, made: str) -> bool:
    """Return whether the card records what is called `made` as being of today's weights."""
    return card.made.get(made) == weights_digest(folder, card)


def read_state(folder: Path, card: WeightsCard) -> dict[str, Tensor]:
    """Return the float32 state dict of a weights folder, checked against its card.

    Raises:
        WeightsError: if a shard is missing, was altered or isn't safetensors.
    """
    stored: dict[str, Tensor] = {}
    for name, expected in zip(card.files, card.sha256, strict=True):
        try:
            content = (folder / name).read_bytes()
        except OSError as error:
            raise WeightsError(f"{folder / name} can't be read: {error.strerror}.") from error
        actual = hashlib.sha256(content).hexdigest()
        if actual != expected:
            raise WeightsError(
                f"{folder / name} is damaged: its sha256 is {actual[:12]}…, the card says "
                f"{expected[:12]}…; fetch it again."
            )
        try:
            stored.update(load(content))
        except SafetensorError as error:
            raise WeightsError(f"{folder / name} is not a safetensors file: {error}.") from error
    try:
        return dequantise(stored)
    except (RuntimeError, ValueError) as error:
        raise WeightsError(
            f"{folder} holds scales or parts that don't fit their tensors."
        ) from error


def fill_folder(folder: Path, card: WeightsCard, state: dict[str, Tensor]) -> WeightsCard:
    """Write shards and card into an empty folder and return the card with files and checksums.

    Raises:
        WeightsError: if a value isn't finite or a tensor alone exceeds the size of a shard.
    """
    shards = _shards(_divided(quantise(state)))
    files = [f"model-{i:05d}-of-{len(shards):05d}.safetensors" for i in range(1, len(shards) + 1)]
    digests = []
    for name, shard in zip(files, shards, strict=True):
        content = save(shard)
        (folder / name).write_bytes(content)
        digests.append(hashlib.sha256(content).hexdigest())
    written = replace(card, files=tuple(files), sha256=tuple(digests))
    write_card(folder, written)
    return written


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


def _shards(stored: dict[str, Tensor]) -> list[dict[str, Tensor]]:
    shards: list[dict[str, Tensor]] = [{}]
    left = SHARD_BYTES
    for name, tensor in stored.items():
        size = tensor.nbytes + len(name) + _HEADER_BYTES
        if size > SHARD_BYTES:
            raise WeightsError(f"{name} alone takes {size} bytes, a shard only {SHARD_BYTES}.")
        if size > left:
            shards.append({})
            left = SHARD_BYTES
        shards[-1][name] = tensor
        left -= size
    return shards


def _input_spec(raw: dict[str, Any]) -> InputSpec:
    values = {name: _tuple(value) for name, value in raw.items()}
    numbers = (*values["mean"], *values["std"], values["margin_ratio"])
    whole = (values["size"], values["detail_px"])
    if (
        not all(isinstance(number, int | float) and math.isfinite(number) for number in numbers)
        or not all(isinstance(number, int) for number in whole)
        or not isinstance(values["grayscale"], bool)
    ):
        raise WeightsError("A value of its input is of a wrong type.")
    return InputSpec(**values)


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _check_fields(file: Path, raw: Any, kind: type) -> None:
    known = {field.name for field in fields(kind)}
    needed = known - _OPTIONAL
    given = set(raw) if isinstance(raw, dict) else set()
    if not needed <= given <= known:
        missing, unknown = sorted(needed - given), sorted(given - known)
        raise WeightsError(f"{file}: missing fields {missing}, unknown fields {unknown}.")
