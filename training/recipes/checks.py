"""Numbers of recipes: refused in a sentence where they can't be."""

import math

from ferstudio.errors import UsageError


def check_number(low: float, high: float, **values: float) -> None:
    """Refuse values that are no numbers in [low, high]; where `high` is infinite, infinity too."""
    for name, value in values.items():
        if not (_is_number(value) and low <= value <= high and math.isfinite(value)):
            allowed = f"in [{low:g}, {high:g}]" if math.isfinite(high) else f"from {low:g} on"
            raise UsageError(f"{name} is a number {allowed}, not {value!r}.")


def check_positive(**values: float) -> None:
    """Refuse values that are no finite numbers above 0."""
    for name, value in values.items():
        if not (_is_number(value) and value > 0 and math.isfinite(value)):
            raise UsageError(f"{name} is a number above 0, not {value!r}.")


def check_whole(low: int, **values: int) -> None:
    """Refuse values that are no whole numbers from `low` on."""
    for name, value in values.items():
        if not (isinstance(value, int) and not isinstance(value, bool) and value >= low):
            raise UsageError(f"{name} is a whole number from {low} on, not {value!r}.")


def check_range(low: float, high: float, **ranges: tuple[float, float]) -> None:
    """Refuse what isn't a smallest and a largest value in [low, high]."""
    for name, limits in ranges.items():
        if not (isinstance(limits, tuple) and len(limits) == 2):
            raise UsageError(f"{name} is a smallest and a largest value, not {limits!r}.")
        check_number(low, high, **{name: limits[0]})
        check_number(limits[0], high, **{name: limits[1]})


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
