"""The montage's buttons: samples or pictures, on ticked models, stopped by whoever asked."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from ferstudio.studio.montage import MAX_FACES, Montage, MontagePlan, MontageRow
from ferstudio.studio.works import Standing, Watch, unwatched
from ferstudio.ui import words
from ferstudio.ui.mode import LITE_MODELS, Mode
from ferstudio.ui.parts.montage import MontageMaker, montage_card
from ferstudio.ui.parts.wanted import Wanted
from ferstudio.ui.sidebar import Sidebar
from tests.studio.test_montage import cell, made
from tests.ui.fake_studio import MODELS, FakeStudio


class DrawingStudio(FakeStudio):
    """Answers montages at once and remembers their plans."""

    def __init__(self) -> None:
        super().__init__()
        self.plans: list[MontagePlan] = []

    def montage(
        self, plan: MontagePlan, watch: Watch = unwatched
    ) -> Generator[Montage, None, None]:
        self.plans.append(plan)
        for count in range(1, len(plan.models) + 1):
            watch(Standing(0.5, "Asking", 1.0, 1.0, 0))
            cells = tuple(cell(0, 1) for _ in plan.faces)
            yield Montage(plan, tuple(MontageRow(n, n, cells) for n in plan.models[:count]))


def maker(mode: Mode = Mode()) -> tuple[MontageMaker, DrawingStudio]:  # noqa: B008  it is frozen
    studio = DrawingStudio()
    with gr.Blocks():
        return MontageMaker(Sidebar(studio, "Compare", mode)), studio


def values(made_by: MontageMaker, **changes: Any) -> dict[Any, Any]:
    choices = made_by._choices
    return {
        made_by.wanted: changes.get("wanted", Wanted()),
        choices.models: changes.get("models", list(MODELS)),
        choices.explainer: changes.get("explainer", "grad-cam"),
        made_by.attention: changes.get("attention", False),
        made_by.files: changes.get("files"),
    }


def quiet(*_: object, **__: object) -> None:
    """Show no progress."""


def test_samples_grow_by_a_network_and_can_be_saved_in_the_end() -> None:
    buttons, studio = maker()
    begun, first, last = list(buttons.of_samples(values(buttons), quiet))  # type: ignore[arg-type]
    assert studio.plans[0].names == studio.samples() and studio.plans[0].shows == "heat"
    assert words.MONTAGE_BEGINS in begun[buttons.place]
    assert "growing" in begun[buttons.place] and "growing" in first[buttons.place]
    assert "download" not in first[buttons.place] and "growing" not in last[buttons.place]
    assert 'download="montage.png"' in last[buttons.place]
    assert 'download="montage.svg"' in last[buttons.place]


def test_without_a_method_it_shows_attention_and_without_models_it_says_so() -> None:
    buttons, studio = maker()
    list(buttons.of_samples(values(buttons, explainer="none"), quiet))  # type: ignore[arg-type]
    list(buttons.of_samples(values(buttons, attention=True), quiet))  # type: ignore[arg-type]
    assert [plan.shows for plan in studio.plans] == ["attention", "attention"]
    (said,) = buttons.of_samples(values(buttons, models=[]), quiet)  # type: ignore[arg-type]
    assert words.NO_MODEL_CHOSEN in said[buttons.place]


def test_pictures_are_columns_and_what_is_none_is_left_out(tmp_path: Path) -> None:
    buttons, studio = maker()
    good, bad = tmp_path / "a.png", tmp_path / "b.png"
    Image.fromarray(np.full((64, 64, 3), 90, np.uint8)).save(good)
    bad.write_text("text")
    asked = values(buttons, files=[str(bad), str(good), str(bad)])
    *_, last = buttons.of_pictures(asked, quiet)  # type: ignore[arg-type]
    assert studio.plans[0].names == ("2",)  # as the files were given
    assert words.montage_left_out(["1", "3"]) in last[buttons.place]
    (said,) = buttons.of_pictures(values(buttons, files=[str(bad)]), quiet)  # type: ignore[arg-type]
    assert words.MONTAGE_NO_PICTURE in said[buttons.place]


def test_no_picture_is_left_whatever_becomes_of_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    buttons, studio = maker()
    monkeypatch.setattr(studio, "find_faces_in", lambda _: 1 / 0)
    files = [tmp_path / str(number) / "a.png" for number in range(MAX_FACES + 2)]
    for file in files:
        file.parent.mkdir()
        file.touch()
    with pytest.raises(ZeroDivisionError):
        list(buttons.of_pictures(values(buttons, files=list(map(str, files))), quiet))  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_a_later_one_ends_it_and_its_place_is_the_later_ones() -> None:
    buttons, _ = maker()
    wanted = Wanted()
    growing = buttons.of_samples(values(buttons, wanted=wanted), quiet)  # type: ignore[arg-type]
    next(growing)
    wanted.next()
    left = list(growing)
    assert len(left) == 1 and not isinstance(left[0][buttons.place], str)


@pytest.mark.parametrize("rows", [0, 1])
def test_stop_leaves_what_there_is(rows: int) -> None:
    buttons, _ = maker()
    wanted = Wanted()
    growing = buttons.of_samples(values(buttons, wanted=wanted), quiet)  # type: ignore[arg-type]
    for _step in range(1 + rows):
        next(growing)
    buttons.stop(wanted)
    (left,) = growing
    assert bool(left[buttons.place]) == bool(rows) and "growing" not in left[buttons.place]


def test_a_card_marks_answers_that_are_not_the_faces_own_emotion() -> None:
    html = montage_card(made())
    assert html.count('class="wrong"') == 1


def test_a_class_brings_no_pictures_and_a_weak_machine_asks_few_networks() -> None:
    assert maker(Mode(kiosk=True))[0].files is None
    buttons, studio = maker(Mode(lite=True))
    many = [*MODELS, "third.fake", "fourth.fake"]
    list(buttons.of_samples(values(buttons, models=many), quiet))  # type: ignore[arg-type]
    assert studio.plans[0].models == tuple(many[:LITE_MODELS])
