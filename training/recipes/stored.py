"""Recipes back from their JSON, in today's form and in the flat one of earlier runs."""

from collections.abc import Mapping
from typing import Any, TypeVar, get_args

from ferstudio.types import InputSpec
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
    Schedule,
)

Raw = Mapping[str, Any]
Part = TypeVar("Part")


def recipe_values(raw: Raw) -> dict[str, Any]:
    """Return the constructor arguments of the recipe that `raw` describes."""
    if "optimizer" not in raw:
        raw = _grouped(raw)
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


def _grouped(flat: Raw) -> dict[str, Any]:
    """Return today's form of the flat one, which knew Nesterov's SGD and the cosine only."""
    regrouped = {"lr", "momentum", "weight_decay", "warmup_share", "final_lr_ratio"}
    changes = flat["augmentation"]
    return {
        **{name: value for name, value in flat.items() if name not in regrouped},
        "optimizer": {name: flat[name] for name in ("lr", "momentum", "weight_decay")},
        "schedule": {
            "kind": "cosine",
            "warmup_share": flat["warmup_share"],
            "final_ratio": flat["final_lr_ratio"],
        },
        "augmentation": {
            "geometry": {
                "kind": "jitter",
                **{n: changes[n] for n in ("flip_share", "rotation_deg", "scale", "shift_share")},
            },
            "light": {name: changes[name] for name in ("contrast", "brightness", "gamma")},
            "occlusion": {
                "share": changes["occluded_share"],
                "begins": changes["occluded_from"],
                "occluders": changes["occluders"],
                "amount": changes["occluder_amount"],
            },
            "emotions": [],
        },
    }
