"""The Feature space tab: two maps, one map, or a sentence where there is none."""

from dataclasses import replace

import plotly.graph_objects as go
import pytest

from ferstudio.errors import WeightsError
from ferstudio.studio.feature_space import FeatureSpace
from ferstudio.studio.selection import Selection
from ferstudio.studio.works import Watch, unwatched
from ferstudio.ui.tabs.features.tab import FeaturesTab
from tests.test_charts import space
from tests.ui.fake_studio import MODELS, FakeStudio
from tests.ui.laid_out import answers, laid_out, selection


class MappingStudio(FakeStudio):
    """Has a map of every model but those it is told to lack."""

    def __init__(self, *lacking: str) -> None:
        super().__init__()
        self.lacking = lacking
        self.asked: list[tuple[str, str]] = []

    def feature_space(
        self,
        model: str,
        selection: Selection,
        kind: str = "tsne",
        watch: Watch = unwatched,
    ) -> FeatureSpace:
        self.asked.append((model, kind))
        if model in self.lacking:
            raise WeightsError(f"{model} has no <bank>.")
        return space(3)


def test_two_models_stand_side_by_side() -> None:
    studio = MappingStudio()
    tab = laid_out(FeaturesTab, studio)
    (shown,) = answers(tab, kind="pca")
    left, right = tab.sides
    assert studio.asked == [(MODELS[0], "pca"), (MODELS[1], "pca")]
    assert "nearest faces" in shown[tab.place]
    assert f'title="{MODELS[0]}" aria-pressed="true"' in shown[left.picker]
    assert f'title="{MODELS[1]}" aria-pressed="true"' in shown[right.picker]
    assert MODELS[0] not in shown[right.picker]
    assert "<b>0.10</b> silhouette" in shown[left.notes]
    assert "<b>0.50</b> purity" in shown[left.notes]
    assert isinstance(shown[left.chart], go.Figure)
    assert isinstance(shown[right.chart], go.Figure)


def test_the_left_model_is_never_on_the_right() -> None:
    studio = MappingStudio()
    answers(laid_out(FeaturesTab, studio), chosen=MODELS[1], second=MODELS[1])
    assert [name for name, _ in studio.asked] == [MODELS[1], MODELS[0]]


def test_one_model_has_one_map() -> None:
    studio = MappingStudio()
    tab = laid_out(FeaturesTab, studio)
    (shown,) = answers(tab, selection(models=MODELS[:1]))
    _, right = tab.sides
    assert len(studio.asked) == 1
    assert "data-model" not in shown[right.picker]
    assert (shown[right.notes], shown[right.chart]) == ("", None)


@pytest.mark.parametrize("shows_face", [True, False])
def test_only_a_face_can_be_far_from_the_others(*, shows_face: bool) -> None:
    near = space(3)
    far = replace(near, steps=(replace(near.steps[0], away=3.0), *near.steps[1:]))
    studio = MappingStudio()
    studio.feature_space = lambda *asked, **options: far  # type: ignore[method-assign]
    tab, asked = laid_out(FeaturesTab, studio), selection()
    asked = replace(asked, crop=replace(asked.crop, shows_face=shows_face))
    (shown,) = answers(tab, asked)
    assert ("The face is far from all faces" in shown[tab.sides[0].notes]) is shows_face


def test_a_model_without_a_bank_says_so_on_its_side() -> None:
    tab = laid_out(FeaturesTab, MappingStudio(MODELS[0]))
    (shown,) = answers(tab)
    left, right = tab.sides
    assert "nearest faces" in shown[tab.place]
    assert "has no &lt;bank&gt;." in shown[left.notes]
    assert shown[left.chart] is None
    assert "purity" in shown[right.notes]
    assert isinstance(shown[right.chart], go.Figure)
    tab = laid_out(FeaturesTab, MappingStudio(*MODELS))
    (shown,) = answers(tab)
    assert shown[tab.place] == ""
