"""How a network was trained, in words, from the recipe on its card."""

from collections.abc import Mapping
from typing import Any

from ferstudio.models import list_models, model_entry
from ferstudio.ui.tabs.papers import words

SMALL = 1e-3
"""Numbers below are written with a power of ten."""

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def setting_texts(recipe: Mapping[str, Any], model: str = "") -> dict[str, str]:
    """Return the settings of a training by their names in papers; "" for what isn't said.

    Args:
        recipe: of a card, as `training.recipes.Recipe` was written there. Nothing of it is believed
            to be there, or to be what it should.
        model: registry name of the network that was trained.
    """
    optimizer, schedule = _part(recipe, "optimizer"), _part(recipe, "schedule")
    first, share = _number(optimizer, "lr"), _number(schedule, "final_ratio")
    minutes = _number(recipe, "minutes")
    return {
        words.EPOCHS: _plain(_number(recipe, "epochs_trained")),
        words.BATCH_SIZE: _plain(_number(recipe, "batch_size")),
        words.FIRST_RATE: _plain(first),
        words.LAST_RATE: "" if first is None or share is None else _plain(first * share),
        words.OPTIMIZER: _text(optimizer, "kind").upper(),
        words.MOMENTUM: _plain(_number(optimizer, "momentum")),
        words.WEIGHT_DECAY: _plain(_number(optimizer, "weight_decay")),
        words.RATE_DECAY: _text(schedule, "kind"),
        words.SIDES: _sides(recipe),
        words.BEGUN_WITH: _begun_with(_text(recipe, "start_from"), model),
        words.TRAINING_TIME: "" if minutes is None else f"{minutes:.0f} min",
    }


def _begun_with(weights: str, model: str) -> str:
    """Return what a training began with: its network's own earlier weights, or another network."""
    first = weights.partition(".")[0]
    if first and first == model:
        return words.OWN_WEIGHTS
    return model_entry(first).title if first in list_models() else weights


def _sides(recipe: Mapping[str, Any]) -> str:
    """Return the sides of the pictures, one after the other as training went on."""
    sizes = recipe.get("sizes")
    pairs = sizes if isinstance(sizes, list) else []
    sides = [pair[1] for pair in pairs if isinstance(pair, list) and len(pair) == 2]
    if not sides:
        sides = [_number(_part(recipe, "input"), "size")]
    return ", ".join(f"{side} px" for side in sides if isinstance(side, int))


def _part(recipe: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = recipe.get(name)
    return part if isinstance(part, Mapping) else {}


def _number(part: Mapping[str, Any], name: str) -> float | None:
    value = part.get(name)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _text(part: Mapping[str, Any], name: str) -> str:
    value = part.get(name)
    return value if isinstance(value, str) else ""


def _plain(value: float | None) -> str:
    """Return a number as papers print it: 64, 0.03, 5 × 10⁻⁴."""
    if value is None:
        return ""
    if value == 0 or abs(value) >= SMALL:
        return f"{value:g}"
    digits, _, power = f"{value:.3e}".partition("e")
    return f"{float(digits):g} × 10{str(int(power)).translate(RAISED)}"
