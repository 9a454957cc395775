import re
from itertools import combinations

import pytest

from ferstudio.errors import UnknownNameError
from ferstudio.labels import (
    DISPLAY_ORDER,
    EMOTION_COLOURS,
    FER2013,
    FERPLUS,
    label_set,
)


def test_the_orders_are_those_of_the_data_sets() -> None:
    assert " ".join(FERPLUS) == "neutral happiness surprise sadness anger disgust fear contempt"
    assert " ".join(FER2013) == "anger disgust fear happiness sadness surprise neutral"
    assert (label_set("ferplus"), label_set("fer2013")) == (FERPLUS, FER2013)


def test_an_unknown_label_set_lists_the_known_ones() -> None:
    with pytest.raises(UnknownNameError, match="'jaffe'; choose from: .*fer2013, ferplus, .*rafdb"):
        label_set("jaffe")


def test_every_emotion_is_displayed_and_has_its_own_colour() -> None:
    emotions = set(FERPLUS) | set(FER2013)
    assert set(DISPLAY_ORDER) == set(EMOTION_COLOURS) == emotions
    assert all(re.fullmatch("#[0-9a-f]{6}", colour) for colour in EMOTION_COLOURS.values())


def test_no_two_colours_are_alike() -> None:
    def channels(colour: str) -> list[int]:
        return [int(colour[start : start + 2], 16) for start in (1, 3, 5)]

    for one, other in combinations(EMOTION_COLOURS.values(), 2):
        apart = sum(abs(a - b) for a, b in zip(channels(one), channels(other), strict=True))
        assert apart > 60, (one, other)
