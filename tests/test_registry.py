"""A name stands for one thing for good, and an unknown one lists the known."""

import pytest

from ferstudio.errors import UnknownNameError
from ferstudio.registry import Registry


def test_names_stand_for_what_was_added_first() -> None:
    numbers: Registry[int] = Registry("number")
    assert numbers.add("two", 2) == 2
    with pytest.raises(ValueError, match="number 'two' is registered already"):
        numbers.add("two", 3)
    assert numbers["two"] == 2


@pytest.mark.parametrize(
    ("alphabetical", "listed"), [(False, ["two", "one"]), (True, ["one", "two"])]
)
def test_an_unknown_name_lists_the_known(alphabetical: bool, listed: list[str]) -> None:
    numbers: Registry[int] = Registry("number", alphabetical=alphabetical)
    for name, number in (("two", 2), ("one", 1)):
        numbers.add(name, number)
    assert numbers.names() == listed
    with pytest.raises(UnknownNameError, match=f"no number named 'six'.*: {', '.join(listed)}"):
        numbers["six"]
    assert "six" not in numbers
