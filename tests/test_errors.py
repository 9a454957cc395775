import pytest

from ferstudio import errors
from ferstudio.errors import FerStudioError, UnknownNameError


def test_every_error_can_be_caught_as_one() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    assert len(kinds) > 4
    assert all(issubclass(kind, FerStudioError) for kind in kinds)


def test_an_unknown_name_is_one_sentence_that_lists_the_known() -> None:
    error = UnknownNameError("occluder", "hat", ["sunglasses", "mask"])
    assert str(error) == "There is no occluder named 'hat'; choose from: sunglasses, mask."
    assert (error.kind, error.name, error.known) == ("occluder", "hat", ["sunglasses", "mask"])


def test_of_a_name_without_end_the_beginning_is_said() -> None:
    said = str(UnknownNameError("model", "x" * 3_000_000, ["acsinet"]))
    assert said == f"There is no model named '{'x' * 100}…'; choose from: acsinet."


def test_an_empty_registry_says_so() -> None:
    assert str(UnknownNameError("model", "x", [])).endswith("choose from: none are registered.")


def test_an_unknown_name_is_a_key_error_too() -> None:
    with pytest.raises(KeyError):
        raise UnknownNameError("model", "x", [])
