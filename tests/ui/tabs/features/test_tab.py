"""The Feature space tab: two maps, one map, or a sentence where there is none."""

from typing import Any

import gradio as gr
import plotly.graph_objects as go
import pytest

from ferstudio.errors import UnknownNameError, WeightsError
from ferstudio.studio.feature_space import FeatureSpace
from ferstudio.studio.selection import Selection
from ferstudio.ui import words as text
from ferstudio.ui.parts.faces import ChosenFace
from ferstudio.ui.tabs.features import words as text_features
from ferstudio.ui.tabs.features.tab import FeatureHandlers
from tests.test_charts import space
from tests.ui.fake_studio import MODELS, FakeStudio, crop


class MappingStudio(FakeStudio):
    """Has a map of every model but those it is told to lack."""

    def __init__(self, *lacking: str, error: Exception | None = None) -> None:
        super().__init__(error=error)
        self.lacking = lacking
        self.asked: list[tuple[str, str]] = []

    def feature_space(self, model: str, selection: Selection, kind: str = "tsne") -> FeatureSpace:
        self.asked.append((model, kind))
        if self.error is not None:
            raise self.error
        if model in self.lacking:
            raise WeightsError(f"{model} has no <bank>.")
        return space(3)


def look(
    studio: FakeStudio,
    *,
    tab: str = text_features.TAB,
    left: str = "",
    right: str = "",
    face: ChosenFace | None = None,
    models: tuple[str, ...] = MODELS,
) -> tuple[Any, ...]:
    choices = (left, right, "pca", face, list(models), "lower", 0.5, 11, "grad-cam", ())
    return FeatureHandlers(studio).look(tab, *choices)


def test_two_models_stand_side_by_side() -> None:
    studio = MappingStudio()
    said, row, notes, chart, other_row, _, other = look(studio, face=ChosenFace(crop()))
    assert studio.asked == [(MODELS[0], "pca"), (MODELS[1], "pca")]
    assert "nearest faces" in said
    assert f'title="{MODELS[0]}" aria-pressed="true"' in row
    assert f'title="{MODELS[1]}" aria-pressed="true"' in other_row
    assert MODELS[0] not in other_row
    assert "<b>0.10</b> silhouette" in notes
    assert "<b>0.50</b> purity" in notes
    assert isinstance(chart, go.Figure)
    assert isinstance(other, go.Figure)


def test_the_left_model_is_never_on_the_right() -> None:
    studio = MappingStudio()
    look(studio, face=ChosenFace(crop()), left=MODELS[1], right=MODELS[1])
    assert [name for name, _ in studio.asked] == [MODELS[1], MODELS[0]]


def test_one_model_has_one_map() -> None:
    studio = MappingStudio()
    *_, row, notes, chart = look(studio, face=ChosenFace(crop()), models=MODELS[:1])
    assert len(studio.asked) == 1
    assert "data-model" not in row
    assert (notes, chart) == ("", None)


def test_a_model_without_a_bank_says_so_on_its_side() -> None:
    said, _, notes, chart, _, other_notes, other = look(
        MappingStudio(MODELS[0]), face=ChosenFace(crop())
    )
    assert "nearest faces" in said
    assert "has no &lt;bank&gt;." in notes
    assert chart is None
    assert "purity" in other_notes
    assert isinstance(other, go.Figure)
    assert look(MappingStudio(*MODELS), face=ChosenFace(crop()))[0] == ""


def test_another_tab_costs_nothing() -> None:
    studio = MappingStudio()
    update = look(studio, tab=text.COMPARE_TAB, face=ChosenFace(crop()))
    assert update == (gr.skip(),) * 7
    assert studio.asked == []


@pytest.mark.parametrize(
    ("face", "models", "words"),
    [(None, MODELS, text.NO_FACE_YET), (ChosenFace(crop()), (), text.NO_MODEL_CHOSEN)],
)
def test_what_is_missing_is_asked_for(
    face: ChosenFace | None, models: tuple[str, ...], words: str
) -> None:
    assert words in look(MappingStudio(), face=face, models=models)[0]


def test_an_error_is_a_sentence() -> None:
    studio = MappingStudio(error=UnknownNameError("projection", "isomap", ["pca"]))
    assert "isomap" in look(studio, face=ChosenFace(crop()))[0]
