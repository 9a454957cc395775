"""The tabs about one model: which of the ticked ones they show, and what if that goes wrong."""

import re
from collections.abc import Iterator

import pytest

from ferstudio.errors import WeightsError
from ferstudio.ui import words as text
from ferstudio.ui.page import build_app, shown_tab
from ferstudio.ui.parts.faces import ChosenFace
from ferstudio.ui.parts.one_model import choose, guarded, missing, picked, picker
from tests.ui.events import event
from tests.ui.fake_studio import MODELS, FakeStudio, crop


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


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    studio, face = FakeStudio(), ChosenFace(crop())
    assert missing(studio, None) == text.NO_FACE_YET
    assert missing(studio, face) == text.NO_MODEL_CHOSEN
    monkeypatch.setattr(studio, "models", tuple)
    assert missing(studio, face) == text.NO_WEIGHTS


def test_what_was_found_before_an_error_stays() -> None:
    def steps() -> Iterator[str]:
        yield "first"
        raise WeightsError("The weights <are> damaged.")

    first, last = guarded(steps(), lambda words: words)
    assert first == "first"
    assert "The weights &lt;are&gt; damaged." in last


def test_clicks_become_choices() -> None:
    assert picked(event(model="net.test")) == "net.test"
    assert shown_tab(event(value=text.ATTENTION_TAB)) == text.ATTENTION_TAB


def test_the_tabs_share_the_queue_of_the_models() -> None:
    looks = [fn for fn in build_app(FakeStudio()).fns.values() if fn.name == "look"]
    assert len(looks) == 3
    assert {fn.concurrency_id for fn in looks} == {"models"}
    assert {fn.trigger_mode for fn in looks} == {"always_last"}
