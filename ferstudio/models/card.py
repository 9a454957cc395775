"""The card of trained weights: what a network is, was trained on and scores; read and checked.

A weights folder `<arch>.<tag>` holds `card.json` and the shards of `ferstudio.models.weights`.
"""

import hashlib
import json
import math
import re
from dataclasses import MISSING, asdict, dataclass, field, fields, replace
from functools import cache
from pathlib import Path
from typing import Any, get_origin, get_type_hints

from ferstudio.errors import UnknownNameError, UsageError, WeightsError
from ferstudio.files import write_whole
from ferstudio.labels import label_set
from ferstudio.models.card_rows import check_rows
from ferstudio.types import InputSpec, OptionValue

CARD_FILE = "card.json"

_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


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
        params: number of trainable parameters; 0 where a black box doesn't tell.
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
        for item, kind in _types(WeightsCard).items():
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
    except (ValueError, RecursionError) as error:
        raise WeightsError(f"{file} is not valid JSON ({error}); fetch it again.") from error
    if not isinstance(raw, dict):
        raise WeightsError(f"{file} should hold one JSON object, not a {type(raw).__name__}.")
    _check_fields(file, raw, WeightsCard, optional=_with_defaults(WeightsCard))
    _check_fields(file, raw["input"], InputSpec)
    try:
        values = {name: _tuple(value) for name, value in raw.items()}
        card = WeightsCard(**{**values, "input": _input_spec(raw["input"])})
        check_rows(raw, label_set(card.labels))
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


@cache
def _types(kind: type) -> dict[str, type]:
    """Return the class that each field's value must be of: tuple for tuple[str, ...]."""
    return {name: get_origin(hint) or hint for name, hint in get_type_hints(kind).items()}


@cache
def _with_defaults(kind: type) -> frozenset[str]:
    return frozenset(
        each.name
        for each in fields(kind)
        if each.default is not MISSING or each.default_factory is not MISSING
    )


def _check_fields(
    file: Path, raw: Any, kind: type, *, optional: frozenset[str] = frozenset()
) -> None:
    known = {each.name for each in fields(kind)}
    needed = known - optional
    given = set(raw) if isinstance(raw, dict) else set()
    if not needed <= given <= known:
        missing, unknown = sorted(needed - given), sorted(given - known)
        newer = unknown and not missing
        advice = (
            "a newer ferstudio wrote it; update this one"
            if newer
            else "an older ferstudio wrote it; export the weights again"
        )
        raise WeightsError(
            f"{file} has missing fields {missing}, unknown fields {unknown}: {advice}."
        )
