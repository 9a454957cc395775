"""The tabs about one model: which of the ticked ones they show."""

import re

import pytest

from ferstudio.ui.page import shown_tab
from ferstudio.ui.parts.model_picker import choose, picked, picker
from ferstudio.ui.tabs.attention import words
from tests.ui.events import event
from tests.ui.fake_studio import MODELS, FakeStudio


@pytest.mark.parametrize(
    ("chosen", "ticked", "shown"),
    [
        ("", MODELS, MODELS[0]),
        (MODELS[1], MODELS, MODELS[1]),
        (MODELS[1], MODELS[:1], MODELS[0]),
        (MODELS[1], (), None),
    ],
)
def test_the_picked_model_counts_while_it_is_ticked(
    chosen: str, ticked: tuple[str, ...], shown: str | None
) -> None:
    name, html = choose(FakeStudio(), chosen, ticked)
    assert name == shown
    assert re.findall(r'data-model="([^"]+)"', html) == list(ticked)
    assert re.findall(r'title="([^"]+)" aria-pressed="true"', html) == [shown] * bool(shown)


def test_names_are_escaped_in_the_picker() -> None:
    html = picker([("a<b", "A & B")], "a<b")
    assert 'data-model="a&lt;b"' in html
    assert "A &amp; B" in html


def test_clicks_become_choices() -> None:
    assert picked(event(model="net.test")) == "net.test"
    assert shown_tab(event(value=words.TAB)) == words.TAB
