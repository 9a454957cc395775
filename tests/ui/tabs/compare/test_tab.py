"""The Compare tab asks the studio for a comparison and shows it."""

from dataclasses import replace

import pytest

from ferstudio.errors import WeightsError
from ferstudio.studio.results import ModelComparison
from ferstudio.studio.selection import Selection
from ferstudio.studio.works import Standing, Watch, unwatched
from ferstudio.ui.tabs.compare.tab import CompareTab, explained
from tests.ui.events import event
from tests.ui.fake_studio import MODELS, FakeStudio
from tests.ui.laid_out import answers, laid_out, selection


def test_the_studio_gets_what_was_chosen_and_says_how_far_it_is() -> None:
    told: list[Standing] = []
    studio, asked = FakeStudio(), selection()
    tab = laid_out(CompareTab, studio)
    (update,) = answers(tab, asked, told.append)
    assert studio.requests == [asked]
    assert "<h1>" in update[tab.place]
    assert [each.doing for each in told] == ["Asking Steady"]


def test_another_scale_is_no_other_question() -> None:
    studio, one = FakeStudio(), selection()
    tab = laid_out(CompareTab, studio)
    own = type(one)(one.crop, one.cover, one.models, one_scale=True)
    (first,), (second,) = answers(tab, one), answers(tab, own)
    assert first[tab.place] != second[tab.place]
    assert studio.requests == [one, one]


def test_what_goes_wrong_is_for_the_dispatcher_to_say() -> None:
    tab = laid_out(CompareTab, FakeStudio(error=WeightsError("resnet18 is damaged.")))
    with pytest.raises(WeightsError):
        answers(tab)


def test_a_row_explains_the_covered_answer_once_that_is_asked_for() -> None:
    class Explaining(FakeStudio):
        def explain_row(
            self,
            row: ModelComparison,
            selection: Selection,
            target: str,
            watch: Watch = unwatched,
        ) -> ModelComparison:
            asked_again.append((row.name, target))
            return replace(row, target=target)

    asked_again: list[tuple[str, str]] = []
    tab = laid_out(CompareTab, Explaining())
    answers(tab)
    assert asked_again == []
    (shown,) = answers(tab, why_covered=MODELS)
    assert asked_again == [(MODELS[1], "neutral")]  # the other one held
    assert 'data-why="covered" aria-pressed="true"' in shown[tab.place]


def test_a_click_says_which_answer_a_row_explains() -> None:
    one = explained((), event(row="a.b", why="covered"))
    assert one == ("a.b",)
    assert explained(one, event(row="c.d", why="covered")) == ("a.b", "c.d")
    assert explained(one, event(row="a.b", why="covered")) == ("a.b",)
    assert explained(one, event(row="a.b", why="clean")) == ()
