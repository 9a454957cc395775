"""Settings as a command line names them."""

from typing import Any

import pytest

from ferstudio.errors import UsageError
from training.recipes.options import parse_setting, parse_sizes


@pytest.mark.parametrize("text", ["", "a", "-3", "64@0.1", "64,80", "64,80@1", "64,80@0.5,96@0.4"])
def test_sizes_that_dont_rise_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="rising shares"):
        parse_sizes(text)


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("votes_power=1.5", ("votes_power", 1.5)),
        ("augmentation.light.gamma=0", ("augmentation.light.gamma", 0)),
        ("oversampled=[]", ("oversampled", [])),
    ],
)
def test_settings_are_paths_and_json(text: str, pair: tuple[str, Any]) -> None:
    assert parse_setting(text) == pair


@pytest.mark.parametrize("text", ["votes_power", "votes_power=", "targets=votes"])
def test_what_is_no_setting_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="NAME=VALUE"):
        parse_setting(text)
