"""The dispatcher asks the tab in view, once, and gives up what nobody waits for."""

import html
import logging
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import gradio as gr
import numpy as np
import pytest

from ferstudio.errors import WeightsError
from ferstudio.occlusion.painted import PAINTED, Layer
from ferstudio.studio.works import Standing
from ferstudio.ui import words
from ferstudio.ui.address import Kept
from ferstudio.ui.crowd import Crowd
from ferstudio.ui.dispatch import Dispatcher, Latest, NobodyWaitsError, Question, fingerprint
from ferstudio.ui.events import Updates
from ferstudio.ui.sidebar import Sidebar
from tests.ui.fake_studio import FakeStudio, crop
from tests.ui.laid_out import selection


class Told:
    """Stands for Gradio's progress."""

    def __init__(self) -> None:
        self.words: list[str] = []

    def __call__(self, share: float, desc: str) -> None:
        self.words.append(desc)


class Recorder:
    """A tab that remembers what it was asked."""

    def __init__(self, title: str, steps: int = 2, *, asks_models: bool = True) -> None:
        self.title = title
        self.asks_models = asks_models
        self.place = gr.HTML()
        self.option = gr.State("first")
        self.options = (self.option,)
        self.kept = {"option": Kept(self.option, str)}
        self.outputs = (self.place,)
        self.asked: list[Question] = []
        self.error: Exception | None = None
        self.between: Any = None
        self._steps = steps

    def answer(self, question: Question) -> Iterator[Updates]:
        self.asked.append(question)
        for step in range(self._steps):
            question.watch(Standing(step / self._steps, f"step {step}", 0.0, None, 0))
            yield {self.place: f"answer {len(self.asked)}.{step}"}
            if self.between is not None:
                self.between()
        if self.error is not None:
            raise self.error


class Page:
    """A sidebar, two tabs and a dispatcher, asked as a browser would."""

    def __init__(self, studio: FakeStudio | None = None, *, asks_models: bool = True) -> None:
        with gr.Blocks():
            self.sidebar = Sidebar(studio or FakeStudio(), "one")
            self.tabs = {name: Recorder(name, asks_models=asks_models) for name in ("one", "two")}
            self.dispatcher = Dispatcher(self.sidebar, list(self.tabs.values()))
        sidebar = self.sidebar.choices
        choices = (*sidebar.asked, sidebar.amounts, sidebar.chosen, sidebar.lesson)
        options = [tab.option for tab in self.tabs.values()]
        self.values: dict[Any, Any] = {each: each.value for each in (*choices, *options)}
        self.latest = Latest()
        self.values |= {self.dispatcher.latest: self.latest, self.dispatcher.keys: {}}
        self.change = 0
        self.told = Told()

    def asks(self, **chosen: Any) -> Iterator[Updates]:
        """Yield what a change of the sidebar's choices leads to."""
        for name, value in chosen.items():
            self.values[getattr(self.sidebar.choices, name)] = value
        self.change += 1
        self.values[self.dispatcher.changes] = str(self.change)
        for updates in self.dispatcher.ask(self.values, self.told):  # type: ignore[arg-type]
            self.values[self.dispatcher.keys] = updates.get(
                self.dispatcher.keys, self.values[self.dispatcher.keys]
            )
            yield updates

    def answered(self, updates: Updates) -> tuple[int, int]:
        """Return which change is shown, and on which work has ended."""
        html = str(updates[self.dispatcher.answered])
        found = re.search(r'data-shown="(\d+)" data-ended="(\d+)"', html)
        assert found is not None
        return int(found[1]), int(found[2])


def test_only_the_tab_in_view_is_asked_and_gets_the_selection() -> None:
    page = Page()
    first, second, last = page.asks(seed=11)
    (question,) = page.tabs["one"].asked
    assert question.selection.cover.seed == 11
    assert page.tabs["two"].asked == []
    assert (first[page.tabs["one"].place], second[page.tabs["one"].place]) == (
        "answer 1.0", "answer 1.1",
    )  # fmt: skip
    assert page.answered(first) == (1, 0)
    assert page.answered(last) == (1, 1)
    assert page.told.words == ["step 0", "step 1"]


def test_what_stands_there_already_isnt_asked_again_and_what_is_stale_is() -> None:
    page = Page()
    one, two = page.tabs["one"], page.tabs["two"]
    list(page.asks())
    (again,) = page.asks()
    assert page.answered(again) == (2, 2)
    list(page.asks(view="two"))
    list(page.asks(view="one"))
    assert (len(one.asked), len(two.asked)) == (1, 1)
    list(page.asks(seed=8))
    list(page.asks(view="two"))
    assert (len(one.asked), len(two.asked)) == (2, 2)
    page.values[two.option] = "second"
    list(page.asks())
    list(page.asks(view="one"))
    assert (len(one.asked), len(two.asked)) == (2, 3)


def test_a_tab_that_asks_no_models_isnt_stale_when_the_sidebar_changes() -> None:
    page = Page(asks_models=False)
    list(page.asks())
    list(page.asks(seed=8, models=[]))
    assert len(page.tabs["one"].asked) == 1


def test_without_a_ticked_model_the_page_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    page = Page()
    shown, _ = page.asks(models=[])
    assert words.NO_MODEL_CHOSEN in shown[page.tabs["one"].place]
    monkeypatch.setattr(page.sidebar.studio, "models", tuple)
    shown, _ = page.asks(seed=9)
    assert words.NO_WEIGHTS in shown[page.tabs["one"].place]
    assert page.tabs["one"].asked == []


def test_a_newer_change_ends_the_work_on_an_older_one() -> None:
    page = Page()
    tab = page.tabs["one"]
    tab.between = lambda: page.latest.told(page.change + 1)
    first, last = page.asks()
    assert first[tab.place] == "answer 1.0"
    assert last == {page.dispatcher.answered: gr.skip()}
    assert page.values[page.dispatcher.keys] == {}
    tab.between = None
    page.change += 1
    *_, whole = page.asks()
    assert page.answered(whole) == (3, 3)


def test_stop_ends_the_work_and_the_next_change_begins_anew() -> None:
    page = Page()
    tab = page.tabs["one"]
    tab.between = lambda: page.dispatcher.stop(page.values)
    first, last = page.asks()
    assert first[tab.place] == "answer 1.0"
    assert page.answered(last) == (1, 1)
    assert 'data-stopped="1"' in str(last[page.dispatcher.answered])
    tab.between = None
    assert len(list(page.asks())) == 3


@pytest.mark.parametrize("how", ["newer", "stop", "error"])
def test_a_part_of_another_answer_makes_the_older_answer_be_asked_again(how: str) -> None:
    page = Page()
    tab = page.tabs["one"]
    list(page.asks(seed=1))
    if how == "error":
        tab.error = WeightsError("damaged")
    elif how == "stop":
        tab.between = lambda: page.dispatcher.stop(page.values)
    else:
        tab.between = lambda: page.latest.told(page.change + 1)
    list(page.asks(seed=2))
    tab.error = tab.between = None
    page.change = page.latest.change
    whole, *_ = page.asks(seed=1)
    assert whole[tab.place] == "answer 3.0"


def test_what_was_broken_off_before_its_beginning_leaves_the_older_answer_there() -> None:
    page = Page()
    tab = page.tabs["one"]
    list(page.asks(seed=1))
    page.latest.told(page.change + 2)
    assert list(page.asks(seed=2)) == [{page.dispatcher.answered: gr.skip()}]
    list(page.asks(seed=1))
    assert len(tab.asked) == 2


def test_who_has_left_is_not_worked_for() -> None:
    page = Page()
    page.tabs["one"].between = page.latest.leave
    assert len(list(page.asks())) == 2


def test_events_may_overtake_one_another() -> None:
    latest = Latest()
    latest.told(3)
    latest.told(2)
    latest.check(3)
    with pytest.raises(NobodyWaitsError):
        latest.check(2)


def test_an_error_is_a_sentence_in_the_tabs_place_and_is_asked_again() -> None:
    page = Page()
    tab = page.tabs["one"]
    tab.error = WeightsError("resnet18 <is> damaged; fetch it again.")
    *_, shown, last = page.asks()
    assert "resnet18 &lt;is&gt; damaged; fetch it again." in shown[tab.place]
    assert page.answered(last) == (1, 1)
    list(page.asks())
    assert len(tab.asked) == 2


def test_a_defect_is_logged_and_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    page = Page()
    page.tabs["one"].error = ZeroDivisionError("secret detail")
    with caplog.at_level(logging.ERROR):
        *_, shown, _ = page.asks()
    assert words.UNEXPECTED in shown[page.tabs["one"].place]
    assert "secret" not in shown[page.tabs["one"].place]
    assert "secret detail" in caplog.text


def test_the_face_follows_a_change_and_the_change_is_noted() -> None:
    page = Page()
    page.values[page.dispatcher.changes] = "5"
    shown = page.dispatcher.follow(page.values)
    assert "<img" in shown[page.sidebar.followers.picture]
    assert page.latest.change == 5


def test_the_address_follows_with_the_amount_that_goes_with_the_cover() -> None:
    page = Page()
    choices, place = page.sidebar.choices, page.dispatcher.address.place
    page.values |= {page.dispatcher.changes: "5", choices.occluder: "hottest"}
    html = page.dispatcher.follow(page.values)[place]
    assert str(html) == '<span data-change="5">cover=hottest&amp;amount=0.2</span>'
    page.values[choices.occluder] = "scarf"
    assert "cover=scarf<" in page.dispatcher.follow(page.values)[place]


def test_who_changed_again_is_not_followed_here(monkeypatch: pytest.MonkeyPatch) -> None:
    page = Page()
    page.values[page.dispatcher.changes] = "5"

    def later(_: Any, watch: Any) -> Updates:
        page.latest.told(6)
        watch(Standing(0.0, "", 0.0, None, 0))
        return {}

    monkeypatch.setattr(page.sidebar, "follow", later)
    assert page.dispatcher.follow(page.values) == {page.dispatcher.address.place: gr.skip()}


def test_a_fingerprint_tells_all_choices_apart_and_nothing_else() -> None:
    one = selection()
    layers = tuple(Layer(PAINTED, np.full((4, 4, 4), grey, np.uint8)) for grey in (1, 2))
    others = [
        replace(one, crop=crop(5)),
        replace(one, crop=replace(one.crop, to_source=2 * one.crop.to_source)),
        one.covered_by(replace(one.cover, name="scarf")),
        one.covered_by(replace(one.cover, amount=0.4)),
        one.covered_by(replace(one.cover, seed=4)),
        *(one.covered_by(replace(one.cover, layers=(layer,))) for layer in layers),
        replace(one, models=one.models[:1]),
        replace(one, explainer="none"),
        replace(one, one_scale=True),
    ]
    prints = [fingerprint(each, ()) for each in (one, *others)]
    prints += [fingerprint(one, ("a",)), fingerprint(None, ()), fingerprint(None, ("a",))]
    assert len(set(prints)) == len(prints)
    assert fingerprint(replace(one, crop=crop()), ()) == prints[0]


def test_who_finds_no_place_reads_so_and_may_ask_again() -> None:
    page = Page()
    page.dispatcher._crowd = Crowd(1)
    one = page.tabs["one"]
    with page.dispatcher._crowd.place():
        full, last = page.asks()
    assert "The studio is full" in str(full[one.place])
    assert page.answered(last) == (1, 1)
    assert one.asked == []
    answer, *_ = page.asks()
    assert answer[one.place] == "answer 1.0"


def test_who_found_no_place_is_answered_as_soon_as_there_is_one() -> None:
    page = Page()
    tab, crowd = page.tabs["one"], page.dispatcher._crowd
    list(page.asks())
    with ExitStack() as others:
        for _ in range(crowd._left):
            others.enter_context(crowd.place())
        (same,) = page.asks()  # what stands there needs no place
        assert page.answered(same) == (2, 2)
        full, _ = page.asks(seed=8)
        assert words.FULL in full[tab.place]
    first, *_ = page.asks(seed=7)  # what stood there before the sentence
    assert first[tab.place] == "answer 2.0"
    with ExitStack() as others:
        for _ in range(crowd._left):
            others.enter_context(crowd.place())
        list(page.asks(seed=8))
    first, *_ = page.asks(seed=8)  # the very same is asked again
    assert first[tab.place] == "answer 3.0"


def test_a_photograph_that_was_forgotten_is_never_answered_by_a_sample() -> None:
    page = Page()
    said, _ = page.asks(samples="", photo=None)
    assert words.FORGOTTEN in html.unescape(said[page.tabs["one"].place])
    assert page.tabs["one"].asked == []
    followed = page.dispatcher.follow(page.values)
    assert words.FORGOTTEN in html.unescape(followed[page.sidebar.followers.note])
    list(page.asks(samples="happiness"))
    assert len(page.tabs["one"].asked) == 1
