"""Recipes back from their JSON."""

from collections.abc import Mapping
from typing import Any, TypeVar, get_args

from ferstudio.types import InputSpec
from training.recipes.schedules import Schedule
from training.recipes.settings import (
    AS_SHARP,
    Augmentation,
    Detail,
    Geometry,
    Guidance,
    Light,
    Loss,
    Mixing,
    Occlusion,
    Optimizer,
)

Raw = Mapping[str, Any]
Part = TypeVar("Part")


def recipe_values(raw: Raw) -> dict[str, Any]:
    """Return the constructor arguments of the recipe that `raw` describes."""
    parts = {
        "input": InputSpec,
        "guidance": Guidance,
        "mixing": Mixing,
        "loss": Loss,
        "optimizer": Optimizer,
    }
    values = {name: _tuples(value) for name, value in raw.items() if name not in parts}
    values |= {name: _part(kind, raw[name]) for name, kind in parts.items() if name in raw}
    values["schedule"] = _variant(Schedule, raw["schedule"])
    values["augmentation"] = _augmentation(raw["augmentation"])
    return values


def _augmentation(raw: Raw) -> Augmentation:
    return Augmentation(
        geometry=_variant(Geometry, raw["geometry"]),
        light=_part(Light, raw["light"]),
        detail=_part(Detail, raw["detail"]) if "detail" in raw else AS_SHARP,
        occlusion=_part(Occlusion, raw["occlusion"]),
        emotions=tuple(raw["emotions"]),
    )


def _part(kind: type[Part], raw: Raw) -> Part:
    return kind(**{name: _tuples(value) for name, value in raw.items()})


def _variant(union: Any, raw: Raw) -> Any:
    kinds = {part().kind: part for part in get_args(union)}
    return _part(kinds[raw["kind"]], {name: v for name, v in raw.items() if name != "kind"})


def _tuples(value: Any) -> Any:
    return tuple(_tuples(item) for item in value) if isinstance(value, list | tuple) else value
