"""The Compare tab asks the studio for a comparison and shows it."""

import pytest

from ferstudio.errors import WeightsError
from ferstudio.studio.works import Standing
from ferstudio.ui.tabs.compare.tab import CompareTab
from tests.ui.fake_studio import FakeStudio
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
    own = type(one)(one.crop, one.cover, one.models, one_scale=False)
    (first,), (second,) = answers(tab, one), answers(tab, own)
    assert first[tab.place] != second[tab.place]
    assert studio.requests == [one, one]


def test_what_goes_wrong_is_for_the_dispatcher_to_say() -> None:
    tab = laid_out(CompareTab, FakeStudio(error=WeightsError("resnet18 is damaged.")))
    with pytest.raises(WeightsError):
        answers(tab)
