"""The Compare tab's handlers ask the studio and survive whatever it answers."""

import logging
from dataclasses import replace
from typing import Any

import gradio as gr
import pytest

from ferstudio.errors import WeightsError
from ferstudio.studio.results import Comparison
from ferstudio.ui import words as text
from ferstudio.ui.parts.faces import ChosenFace
from ferstudio.ui.tabs.compare.tab import CompareHandlers
from tests.ui.fake_studio import MODELS, FakeStudio, comparison, crop


def ask(
    studio: FakeStudio,
    face: ChosenFace | None,
    models: list[str],
    *,
    tab: str = text.COMPARE_TAB,
    last: Comparison | None = None,
) -> tuple[Any, Any]:
    def progress(share: float, desc: str) -> None:
        assert 0 <= share <= 1

    handlers = CompareHandlers(studio)
    return handlers.compare(
        tab,
        last,
        face,
        models,
        "sunglasses",
        0.5,
        11,
        "grad-cam",
        (),
        "one",
        progress=progress,  # type: ignore[arg-type]
    )


def test_the_studio_gets_what_was_chosen() -> None:
    studio, face = FakeStudio(), ChosenFace(crop())
    found, html = ask(studio, face, [MODELS[1]])
    (request,) = studio.requests
    assert request.crop is face.crop
    assert (request.models, request.cover.name) == ((MODELS[1],), "sunglasses")
    assert (request.cover.amount, request.cover.seed, request.explainer) == (0.5, 11, "grad-cam")
    assert found is not None
    assert "<h1>" in html


def test_another_tab_costs_nothing() -> None:
    studio = FakeStudio()
    update = ask(studio, ChosenFace(crop()), list(MODELS), tab=text.ATTENTION_TAB)
    assert update == (gr.skip(), gr.skip())
    assert studio.requests == []


def test_what_is_answered_already_isnt_asked_again() -> None:
    studio, face = FakeStudio(), ChosenFace(crop())
    ask(studio, face, list(MODELS))
    last = replace(comparison(), selection=studio.requests[0])
    assert ask(studio, face, list(MODELS), last=last) == (gr.skip(), gr.skip())
    ask(studio, face, list(MODELS[:1]), last=last)
    ask(studio, ChosenFace(crop()), list(MODELS), last=last)
    assert len(studio.requests) == 3


@pytest.mark.parametrize(
    ("face", "models", "words"),
    [
        (None, list(MODELS), text.NO_FACE_YET),
        (ChosenFace(crop()), [], text.NO_MODEL_CHOSEN),
    ],
)
def test_what_is_missing_is_asked_for(
    face: ChosenFace | None, models: list[str], words: str
) -> None:
    studio = FakeStudio()
    found, html = ask(studio, face, models)
    assert found is None
    assert words in html
    assert studio.requests == []


def test_without_weights_the_page_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    studio = FakeStudio()
    monkeypatch.setattr(studio, "models", tuple)
    assert text.NO_WEIGHTS in ask(studio, ChosenFace(crop()), [])[1]


def test_an_error_is_its_own_sentence() -> None:
    studio = FakeStudio(error=WeightsError("resnet18 <is> damaged; fetch it again."))
    found, html = ask(studio, ChosenFace(crop()), list(MODELS))
    assert found is None
    assert "resnet18 &lt;is&gt; damaged; fetch it again." in html


def test_a_defect_is_logged_and_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    studio = FakeStudio(error=ZeroDivisionError("secret detail"))
    with caplog.at_level(logging.ERROR):
        found, html = ask(studio, ChosenFace(crop()), list(MODELS))
    assert found is None
    assert text.UNEXPECTED in html
    assert "secret" not in html
    assert "secret detail" in caplog.text


def test_rescaling_asks_no_model() -> None:
    studio = FakeStudio()
    handlers = CompareHandlers(studio)
    one, own = (handlers.rescale(comparison(), scale) for scale in ("one", "own"))
    assert one != own
    assert studio.requests == []


def test_rescaling_before_the_first_answer_leaves_the_page_alone() -> None:
    assert CompareHandlers(FakeStudio()).rescale(None, "own") != ""
