"""The Robustness tab: a study is shown as it grows, and a cell of it opens in Compare."""

import re
from collections.abc import Generator
from dataclasses import replace

import gradio as gr
import pytest

from ferstudio.occlusion.kinds import kind
from ferstudio.occlusion.occluder import Group, Occluded
from ferstudio.studio.robustness import Robustness, RobustnessPlan
from ferstudio.studio.works import Watch, unwatched
from ferstudio.ui import words
from ferstudio.ui.events import Values
from ferstudio.ui.page import turned
from ferstudio.ui.parts.amounts import Amounts
from ferstudio.ui.sidebar import Sidebar
from ferstudio.ui.tabs.robustness.columns import MIX
from ferstudio.ui.tabs.robustness.tab import RobustnessTab
from tests.ui.events import event
from tests.ui.fake_studio import MODELS, FakeStudio
from tests.ui.laid_out import answers, laid_out, selection
from tests.ui.tabs.robustness.study_parts import film, found


class StudyingStudio(FakeStudio):
    """Knows half of a study, then all of it, whatever the covers."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[RobustnessPlan] = []

    def robustness(
        self, plan: RobustnessPlan, watch: Watch = unwatched
    ) -> Generator[Robustness, None, None]:
        self.asked.append(plan)
        rows = [row[0] for row in found().sweeps]
        sweeps = tuple(
            tuple(replace(row, occluder=name) for name in plan.occluders) for row in rows if row
        )
        for share_done in (0.5, 1.0):
            yield replace(found(share_done), plan=plan, sweeps=sweeps)

    def film(self, plan: RobustnessPlan, occluder: str) -> tuple[Occluded, ...]:
        return film(occluder)


def before(tab: RobustnessTab, sidebar: Sidebar) -> Values:
    """Return what the page holds at first of all that a click may change."""
    choices = sidebar.choices
    where = (choices.occluder, choices.amount, choices.amounts, choices.view, choices.goto)
    return {each: each.value for each in (*where, tab.column)}


def test_a_study_is_shown_as_it_grows() -> None:
    studio, asked = StudyingStudio(), selection("lower")
    tab = laid_out(RobustnessTab, studio)
    half, whole = (update[tab.place] for update in answers(tab, asked))
    assert 'aria-busy="true"' in half
    assert 'aria-busy="false"' in whole
    (plan,) = studio.asked
    assert plan.crop is asked.crop
    assert (plan.models, plan.occluders, plan.selection.cover.seed) == (MODELS, MIX, 11)


@pytest.mark.parametrize(
    ("group", "cover", "first", "last"),
    [
        ("bars", "lower", "upper", "grid"),
        ("bars", "hand", "upper", "hand"),
        ("", "grid", "upper", "grid"),
        ("heat", "lower", "lower", "chance"),
    ],
)
def test_the_chosen_cover_is_always_tried_beside_the_same_study(
    group: str, cover: str, first: str, last: str
) -> None:
    studio = StudyingStudio()
    tab = laid_out(RobustnessTab, studio)
    *_, shown = answers(tab, selection(cover), group=group)
    names = [name for plan in studio.asked for name in plan.occluders]
    assert len(set(names)) == len(names)
    html = shown[tab.place]
    cells = [part.partition('"')[0] for part in html.split('data-occluder="')[1:]]
    columns = cells[: len(cells) // 2]
    assert (columns[0], columns[-1]) == (first, last)
    assert sorted(columns) == sorted(names)
    usual = studio.asked[-1]
    answers(tab, selection("none"), group=group)
    assert studio.asked[-1].occluders == usual.occluders


def test_without_cover_or_paint_nothing_is_added() -> None:
    studio = StudyingStudio()
    tab = laid_out(RobustnessTab, studio)
    for cover in ("none", "painted"):
        answers(tab, selection(cover))
    assert [plan.occluders for plan in studio.asked] == [MIX, MIX]


def test_a_cell_opens_in_compare_with_its_own_amount() -> None:
    with gr.Blocks():
        sidebar = Sidebar(FakeStudio(), "Compare")
        tab = RobustnessTab(sidebar)
    cell = event(occluder="hottest", amount=0.75)
    occluder, amount, amounts, *where, column = tab.opened(before(tab, sidebar), cell)
    assert (occluder, amount, where) == ("hottest", 0.75, [words.COMPARE_TAB, words.COMPARE_TAB])
    assert column == ("", "")
    assert amounts.under("hottest", 0.75) == (0.75, amounts)
    tabs, view, wanted = turned(words.COMPARE_TAB)
    assert view == words.COMPARE_TAB
    assert tabs.selected == words.COMPARE_TAB
    assert wanted == ""


def test_a_head_shows_its_curves_until_another_cover_is_chosen() -> None:
    with gr.Blocks():
        sidebar = Sidebar(StudyingStudio(), "Compare")
        tab = RobustnessTab(sidebar)
    values = {**before(tab, sidebar), sidebar.choices.occluder: "lower"}
    *others, column = tab.opened(values, event(column="blur"))
    assert others == ["lower", 0.7, Amounts(), "Compare", ""]
    for cover, shown in (("lower", "blur"), ("upper", "upper")):
        *_, last = answers(tab, selection(cover), column=column)
        assert re.findall(r'data-column="(\w+)"[^>]*aria-pressed="true"', last[tab.place]) == [
            shown
        ]


def test_of_a_group_without_the_chosen_cover_the_hardest_is_shown() -> None:
    tab = laid_out(RobustnessTab, StudyingStudio())
    *_, last = answers(tab, selection("surgical-mask"), group="quality")
    (shown,) = re.findall(r'data-column="([\w-]+)"[^>]*aria-pressed="true"', last[tab.place])
    assert kind(shown).group is Group.QUALITY
