"""The Explain tab: what is known of an answer becomes HTML, and its handler survives anything."""

import re
from collections.abc import Generator
from dataclasses import replace
from html import escape
from typing import Any

import gradio as gr
import numpy as np
import pytest

from ferstudio.errors import WeightsError
from ferstudio.explain.faithfulness import Comparison, Curve, PartFocus
from ferstudio.explain.randomisation import RandomisedStage
from ferstudio.explain.sensitivity import PartEffect, PartSensitivity
from ferstudio.explain.similarity import MapSimilarity
from ferstudio.studio.examination import Change, Examination
from ferstudio.studio.results import CamLayer
from ferstudio.studio.selection import NONE, Selection
from ferstudio.studio.truth import MapTruth
from ferstudio.ui import words as text
from ferstudio.ui.parts.bars import percent
from ferstudio.ui.parts.faces import ChosenFace
from ferstudio.ui.tabs.explain import words as text_explain
from ferstudio.ui.tabs.explain.cards import examination
from ferstudio.ui.tabs.explain.figures import curve_chart, fall_bar
from ferstudio.ui.tabs.explain.tab import ExplainHandlers, layer_menu
from tests.ui.fake_studio import MODELS, SIZE, FakeStudio, crop, heatmap, prediction

ALIKE = MapSimilarity(0.4, 0.31, 0.22)


def curve(first: float, last: float) -> Curve:
    return Curve(np.linspace(0, 1, 3), np.linspace(first, last, 3))


def compared(*, deletion: bool = True, insertion: bool = True) -> Comparison:
    """Return curves of a map that is better than the random one where it is said to be."""
    low, high = curve(0.9, 0.1), curve(0.9, 0.5)
    return Comparison(
        "fear",
        low if deletion else high,
        high if insertion else low,
        high if deletion else low,
        low if insertion else high,
    )


PARTS = PartSensitivity(
    "fear",
    prediction("fear", 0.9),
    (
        PartEffect("left half", 0.3, 0.1, 0.8, "anger", True),
        PartEffect("eyes", 0.05, 0.7, 0.2, "fear", False),
        PartEffect("mouth", 0.06, 0.2, 0.7, "anger", True),
        PartEffect("nose", 0.04, 0.95, -0.05, "fear", False),
    ),
    heatmap(0.7),
    0.1,
)
BARE = Examination("net.test", "<Net>", "", crop().image, PARTS, done=True)
CHANGE = Change(
    crop().image, prediction("anger"), heatmap(1.0), ALIKE, np.zeros((SIZE, SIZE), np.float32), 0.41
)
MAPPED = replace(
    BARE,
    method="Grad-CAM",
    heatmap=heatmap(2.0),
    change=CHANGE,
    focus=(PartFocus("mouth", True, 0.34, 0.06), PartFocus("eyes", False, 0.1, 0.05)),
    done=False,
)
TRUE = MapTruth(500, "valid", 0.86, (0.82, 0.89))
UNTRUE = MapTruth(500, "valid", 0.52, (0.48, 0.56))


def stages(spearman: float) -> tuple[RandomisedStage, ...]:
    left = MapSimilarity(0.0, spearman, 0.0)
    return (
        RandomisedStage("fc", 1, ALIKE, heatmap(1.0)),
        RandomisedStage("a", 9, left, heatmap(1)),
    )


WHOLE = replace(MAPPED, truth=TRUE, curves=compared(), stages=stages(0.03), done=True)


def test_parts_are_sorted_by_what_hangs_on_them_and_flips_are_named() -> None:
    html = examination(BARE, "")
    names = re.findall(r'<th scope="row">([\w ]+)</th>', html)
    assert names == ["mouth", "eyes", "nose", "left half"]
    assert f"<td>{percent(0.9)} → {percent(0.2)}</td><td><b>anger</b></td>" in html
    assert f"<td>{percent(0.9)} → {percent(0.7)}</td><td></td>" in html
    assert escape(text_explain.part_tip("mouth", "fear", *map(percent, (0.9, 0.2, 0.06)))) in html
    assert "without the mouth it says anger." in html
    assert "&lt;Net&gt;" in html
    assert "<Net>" not in html


def test_without_a_map_the_page_says_how_to_get_one() -> None:
    html = examination(BARE, "")
    assert escape(text_explain.NO_MAP) in html
    assert text_explain.FOCUS_HEADING not in html


def test_the_cover_adds_a_second_map_their_difference_and_numbers() -> None:
    bare, covered = (
        examination(each, "the mask") for each in (replace(MAPPED, change=None), MAPPED)
    )
    assert escape(text_explain.NO_COVER) in bare
    assert f"<figcaption>{text_explain.DIFFERENCE}" not in bare
    assert f"<figcaption>{text_explain.DIFFERENCE}" in covered
    assert f"<b>0.31</b> {text_explain.RANK}" in covered
    assert f"<b>{percent(0.41)}</b> {text.leakage('the mask')}" in covered


def test_both_maps_share_one_scale() -> None:
    def pictures(found: Examination) -> list[str]:
        return re.findall(r'class="trio">(.*?)</div>', examination(found, ""))[0].split("<img")[1:3]

    (_, faint), (_, strong) = (
        pictures(replace(MAPPED, change=replace(CHANGE, heatmap=heatmap(peak))))
        for peak in (0.5, 2.0)
    )
    assert faint != strong


def test_what_isnt_known_yet_is_said_to_come() -> None:
    html = examination(MAPPED, "")
    assert 'aria-busy="true"' in html
    assert html.count(text_explain.WORKING) == 2
    whole = examination(WHOLE, "")
    assert 'aria-busy="false"' in whole
    assert text_explain.WORKING not in whole
    assert text_explain.STAGES_SLOW in examination(replace(WHOLE, stages=()), "")


@pytest.mark.parametrize(
    ("deletion", "insertion", "words"),
    [
        (True, True, text_explain.BEATS),
        (False, False, text_explain.LOSES),
        (True, False, text_explain.BEATS_ONE.format(text_explain.DELETION)),
        (False, True, text_explain.BEATS_ONE.format(text_explain.INSERTION)),
    ],
)
def test_the_curves_say_whether_this_map_beats_a_random_one(
    deletion: bool, insertion: bool, words: str
) -> None:
    curves = compared(deletion=deletion, insertion=insertion)
    html = examination(replace(WHOLE, curves=curves), "")
    assert words in html
    assert text_explain.areas(curves.deletion.area, curves.random_deletion.area) in html


def test_a_network_whose_maps_are_no_better_than_chance_is_said_to_be_so() -> None:
    true, untrue, unknown = (
        examination(replace(WHOLE, truth=truth), "") for truth in (TRUE, UNTRUE, None)
    )
    assert text_explain.truth("Grad-CAM", 500, *map(percent, (0.86, 0.82, 0.89))) in true
    assert "no better than chance" in untrue
    assert "no better than chance" not in true
    assert escape(text_explain.not_measured("Grad-CAM")) in unknown


def test_heat_on_parts_is_compared_with_an_even_map_and_the_hottest_is_marked() -> None:
    html = examination(MAPPED, "")
    mouth, eyes = re.findall(r"<tr title.*?</tr>", html)[-2:]
    assert f"<b>{percent(0.34)}</b></td><td>×5.7" in mouth
    assert text_explain.POINTS in mouth
    assert text_explain.POINTS not in eyes


@pytest.mark.parametrize(
    ("spearman", "words"), [(0.03, text_explain.CHANGES), (0.9, text_explain.STAYS)]
)
def test_maps_of_shuffled_networks_are_shown_with_their_likeness(
    spearman: float, words: str
) -> None:
    html = examination(replace(WHOLE, stages=stages(spearman)), "")
    assert re.findall(r"<b>([^<]+)</b><span>([^<]*)</span></figure>", html) == [
        (text_explain.TRAINED, ""),
        ("1", "0.31"),
        ("9", f"{spearman:.2f}"),
    ]
    assert words in html


def test_a_chart_runs_from_corner_to_corner() -> None:
    svg = curve_chart(curve(1.0, 0.0), curve(0.5, 0.5), "<label>")
    assert re.findall(r'class="own" points="([^"]+)"', svg) == ["0.0,0.0 50.0,50.0 100.0,100.0"]
    assert "&lt;label&gt;" in svg


def test_falls_go_right_and_rises_left() -> None:
    assert 'class="swing fall"><i style="left:30.0%;width:49.0%"' in fall_bar(0.7)
    assert 'class="swing rise"><i style="left:26.5%;width:3.5%"' in fall_bar(-0.05)
    assert 'class="swing rise"><i style="left:0.0%;width:30.0%"' in fall_bar(-0.9)


LAYERS = (CamLayer("layer3", 7, usual=True), CamLayer("layer4", 4, usual=False))


class CuriousStudio(FakeStudio):
    """Knows more of an answer each time."""

    def cam_layers(self, model: str, explainer: str) -> tuple[CamLayer, ...]:
        if self.error is not None:
            raise self.error
        return LAYERS if explainer == "grad-cam" else ()

    def examine(
        self,
        model: str,
        selection: Selection,
    ) -> Generator[Examination, None, None]:
        assert model in MODELS
        self.requests.append(selection)
        if self.error is not None:
            raise self.error
        yield from (BARE, WHOLE)


def look(
    studio: FakeStudio,
    face: ChosenFace | None,
    *,
    tab: str = text_explain.TAB,
    models: tuple[str, ...] = MODELS,
    cover: str = NONE,
    target: str = "",
    layer: str = "",
) -> list[Any]:
    choices = ("", target, layer, face, list(models), cover, 0.5, 11, "grad-cam", ())
    return list(ExplainHandlers(studio).look(tab, *choices))


def test_what_is_known_is_shown_as_it_comes() -> None:
    studio, face = CuriousStudio(), ChosenFace(crop())
    (picker, _), (_, bare), (_, whole) = look(studio, face, cover="sunglasses")
    assert f'title="{MODELS[0]}" aria-pressed="true"' in picker
    assert text_explain.CURVES_HEADING in bare
    assert text_explain.BEATS in whole
    (request,) = studio.requests
    assert request.crop is face.crop
    assert (request.cover.name, request.cover.seed, request.explainer) == (
        "sunglasses",
        11,
        "grad-cam",
    )


@pytest.mark.parametrize(
    ("target", "layer", "asked"),
    [
        ("", "", ("", "")),
        ("fear", "layer4", ("fear", "layer4")),
        ("", "of another network", ("", "")),
    ],
)
def test_emotion_and_layer_are_those_chosen(
    target: str, layer: str, asked: tuple[str, str]
) -> None:
    studio = CuriousStudio()
    look(studio, ChosenFace(crop()), target=target, layer=layer)
    (request,) = studio.requests
    assert (request.target, request.layer) == asked
    menu = ExplainHandlers(studio).layers(text_explain.TAB, "", layer, list(MODELS), "grad-cam")
    assert menu.value == asked[1]


def test_the_menu_of_layers_runs_from_deep_to_shallow() -> None:
    menu = layer_menu(LAYERS, "")
    assert menu.choices == [
        (text_explain.usual_layer("layer3"), ""),
        (text_explain.layer("layer4", 4), "layer4"),
        (text_explain.layer("layer3", 7), "layer3"),
    ]
    assert menu.interactive is True
    none = layer_menu((), "")
    assert none.choices == [(text_explain.NO_LAYER, "")]
    assert none.interactive is False


def test_the_menu_of_layers_stays_while_another_tab_shows_or_nothing_is_ticked() -> None:
    handlers = ExplainHandlers(CuriousStudio())
    assert handlers.layers(text.COMPARE_TAB, "", "", list(MODELS), "grad-cam") == gr.skip()
    assert handlers.layers(text_explain.TAB, "", "", [], "grad-cam") == gr.skip()
    assert handlers.layers(text_explain.TAB, "", "layer4", list(MODELS), NONE).value == ""
    broken = ExplainHandlers(CuriousStudio(error=WeightsError("The weights are damaged.")))
    assert broken.layers(text_explain.TAB, "", "", list(MODELS), "grad-cam") == gr.skip()


def test_another_tab_costs_nothing() -> None:
    studio = CuriousStudio()
    assert look(studio, ChosenFace(crop()), tab=text.COMPARE_TAB) == [(gr.skip(), gr.skip())]
    assert studio.requests == []


@pytest.mark.parametrize(
    ("face", "models", "words"),
    [(None, MODELS, text.NO_FACE_YET), (ChosenFace(crop()), (), text.NO_MODEL_CHOSEN)],
)
def test_what_is_missing_is_asked_for(
    face: ChosenFace | None, models: tuple[str, ...], words: str
) -> None:
    ((_, html),) = look(CuriousStudio(), face, models=models)
    assert words in html


def test_an_error_is_a_sentence() -> None:
    studio = CuriousStudio(error=WeightsError("The weights are damaged; fetch them again."))
    *_, (_, html) = look(studio, ChosenFace(crop()))
    assert "The weights are damaged; fetch them again." in html
