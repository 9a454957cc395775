"""The Explain tab: what is known of an answer becomes HTML, and its handler survives anything."""

import re
from collections.abc import Generator
from dataclasses import replace

import numpy as np
import pytest
from markupsafe import escape

from ferstudio.explain.explainer import Heatmap
from ferstudio.explain.faithfulness import AgainstRandom, Curve, PartFocus
from ferstudio.explain.randomisation import RandomisedStage
from ferstudio.explain.sensitivity import PartEffect, PartSensitivity
from ferstudio.explain.similarity import MapSimilarity
from ferstudio.sentences.explain import (
    curves_sentence,
    empty_map_sentence,
    stages_sentence,
    truth_sentence,
)
from ferstudio.sentences.sentence import short_percent
from ferstudio.studio.examination import Change, CoveredParts, Examination
from ferstudio.studio.map_truth import MapTruth
from ferstudio.studio.results import CamLayer, NoMap
from ferstudio.studio.selection import NONE, Selection
from ferstudio.studio.works import Watch, unwatched
from ferstudio.ui.tabs.explain import words
from ferstudio.ui.tabs.explain.cards import examination
from ferstudio.ui.tabs.explain.figures import curve_points, swing
from ferstudio.ui.tabs.explain.tab import ExplainTab, layer_menu, turned_to
from ferstudio.ui.words import HEAT_KEPT, leakage
from tests.ui.events import event
from tests.ui.fake_studio import MODELS, SIZE, FakeStudio, crop, heatmap, prediction
from tests.ui.laid_out import answers, laid_out, selection

ALIKE = MapSimilarity(0.31, 0.22)


def curve(first: float, last: float) -> Curve:
    return Curve(np.linspace(0, 1, 3), np.linspace(first, last, 3))


def compared(*, deletion: bool = True, insertion: bool = True) -> AgainstRandom:
    """Return curves of a map that is better than the random one where it is said to be."""
    low, high = curve(0.9, 0.1), curve(0.9, 0.5)
    return AgainstRandom(
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
    crop().image,
    prediction("anger"),
    heatmap(1.0),
    ALIKE,
    np.zeros((SIZE, SIZE), np.float32),
    0.41,
    0.06,
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


NOTHING = selection(NONE)
"""Asked of the bare face."""


def stages(spearman: float) -> tuple[RandomisedStage, ...]:
    left = MapSimilarity(spearman, 0.0)
    return (
        RandomisedStage("fc", 1, ALIKE, heatmap(1.0)),
        RandomisedStage("a", 9, left, heatmap(1)),
    )


WHOLE = replace(MAPPED, truth=TRUE, curves=compared(), stages=stages(0.03), done=True)


def test_parts_are_sorted_by_what_hangs_on_them_and_flips_are_named() -> None:
    html = examination(BARE, NOTHING)
    names = re.findall(r'<th scope="row">([\w ]+)</th>', html)
    assert names == ["mouth", "eyes", "nose", "left half"]
    assert f"<td>{short_percent(0.9)} → {short_percent(0.2)}</td><td><b>anger</b></td>" in html
    assert f"<td>{short_percent(0.9)} → {short_percent(0.7)}</td><td></td>" in html
    assert escape(words.part_tip("mouth", "fear", *map(short_percent, (0.9, 0.2, 0.06)))) in html
    assert "without the mouth it says anger." in html
    assert "&lt;Net&gt;" in html
    assert "<Net>" not in html


def test_without_a_map_the_page_says_how_to_get_one() -> None:
    html = examination(BARE, NOTHING)
    assert escape(words.NO_MAP) in html
    assert words.FOCUS_HEADING not in html


def test_the_cover_adds_a_second_map_their_difference_and_numbers() -> None:
    bare, covered = (
        examination(each, selection("surgical-mask"))
        for each in (replace(MAPPED, change=None), MAPPED)
    )
    assert escape(words.NO_COVER) in bare
    assert f"<figcaption>{words.DIFFERENCE}" not in bare
    assert f"<figcaption>{words.DIFFERENCE}" in covered
    assert f"<b>0.31</b> {words.RANK}" in covered
    assert f"<b>{short_percent(0.41)}</b> {leakage('the surgical mask')}" in covered


@pytest.mark.parametrize("one_scale", [True, False])
def test_both_maps_share_one_scale_where_that_is_chosen(one_scale: bool) -> None:
    asked = replace(selection(), one_scale=one_scale)

    def pictures(found: Examination) -> list[str]:
        (trio,) = re.findall(r'class="trio">(.*?)</div>', examination(found, asked))
        return re.findall(r'<img src="([^"]+)"', trio)

    (_, faint, _), (_, strong, _) = (
        pictures(replace(MAPPED, change=replace(CHANGE, heatmap=heatmap(peak))))
        for peak in (0.5, 2.0)
    )
    assert (faint != strong) is one_scale


def test_how_much_heat_is_left_stands_beside() -> None:
    assert f"<b>{short_percent(0.06)}</b> {HEAT_KEPT}" in examination(MAPPED, selection())


def empty(peak: float = 0.0) -> Heatmap:
    return Heatmap("last stage", np.zeros((SIZE, SIZE), np.float32), (7, 7), (0.0, peak))


def test_of_an_empty_map_nothing_is_measured_and_the_page_says_so() -> None:
    found = replace(WHOLE, heatmap=empty(), curves=None, stages=(), change=None)
    html = examination(found, NOTHING)
    assert empty_map_sentence(found) in html
    for heading in (words.FOCUS_HEADING, words.STAGES_HEADING, words.RANK, words.WORKING):
        assert heading not in html


def test_a_cover_that_leaves_no_heat_has_no_likeness() -> None:
    html = examination(replace(MAPPED, change=replace(CHANGE, heatmap=empty())), selection())
    assert words.COVERED_MAP_EMPTY in html
    assert f"</b> {words.RANK}" not in html


def test_a_shuffled_network_without_a_map_is_not_given_a_number() -> None:
    left = RandomisedStage("fc", 1, MapSimilarity(0.0, 0.0), empty())
    html = examination(replace(WHOLE, stages=(left,)), NOTHING)
    assert f"<b>1</b><span>{words.NO_HEAT_LEFT}</span>" in html
    assert "has no map at all" in html


HIDDEN = CoveredParts(
    crop(40).image,
    replace(PARTS, target="anger", prediction=prediction("anger", 0.6)),
)


@pytest.mark.parametrize(
    ("covered", "lead", "pressed"),
    [
        (True, "Covered, &lt;Net&gt; says anger", "covered"),
        (False, "Uncovered, &lt;Net&gt; says fear", "clean"),
    ],
)
def test_the_parts_of_the_covered_face_are_studied_too(
    covered: bool, lead: str, pressed: str
) -> None:
    html = examination(replace(BARE, covered=HIDDEN), selection(), covered)
    assert lead in html
    assert re.findall(r'data-face="(\w+)" aria-pressed="true"', html) == [pressed]
    assert "data-face" not in examination(BARE, NOTHING, covered)


def test_a_method_that_cant_show_a_network_says_why_and_what_can() -> None:
    why = NoMap("CAM (exact)", "an average", ("Grad-CAM", "Occlusion sensitivity"))
    html = examination(replace(BARE, no_map=why), NOTHING)
    assert escape("CAM (exact) can't show <Net>: it needs an average.") in html
    assert "Choose Grad-CAM or Occlusion sensitivity." in html
    assert escape(words.NO_MAP) not in html


def test_the_axes_of_the_curves_are_named() -> None:
    html = examination(WHOLE, NOTHING)
    assert words.curves_note("fear") in html
    for axis in (words.NO_PIXEL, words.DELETION_AXIS, words.INSERTION_AXIS):
        assert f"<span>{axis}</span>" in html


def test_what_isnt_known_yet_is_said_to_come() -> None:
    html = examination(MAPPED, NOTHING)
    assert 'aria-busy="true"' in html
    assert html.count(words.WORKING) == 2
    whole = examination(WHOLE, NOTHING)
    assert 'aria-busy="false"' in whole
    assert words.WORKING not in whole
    assert words.STAGES_SLOW in examination(replace(WHOLE, stages=()), NOTHING)


def test_the_curves_say_whether_this_map_beats_a_random_one() -> None:
    curves = compared(deletion=True, insertion=False)
    html = examination(replace(WHOLE, curves=curves), NOTHING)
    assert curves_sentence(curves) in html
    assert words.areas(curves.deletion.area, curves.random_deletion.area) in html


def test_a_network_whose_maps_are_no_better_than_chance_is_said_to_be_so() -> None:
    true, untrue, unknown = (
        examination(replace(WHOLE, truth=truth), NOTHING) for truth in (TRUE, UNTRUE, None)
    )
    assert truth_sentence("Grad-CAM", TRUE) in true.replace("\N{NO-BREAK SPACE}", " ")
    assert "no better than chance" in untrue
    assert "no better than chance" not in true
    assert escape(words.not_measured("Grad-CAM")) in unknown


def test_heat_on_parts_is_compared_with_an_even_map_and_the_hottest_is_marked() -> None:
    html = examination(MAPPED, NOTHING)
    mouth, eyes = re.findall(r"<tr title.*?</tr>", html)[-2:]
    assert f"<b>{short_percent(0.34)}</b></td><td>×5.7" in mouth
    assert words.POINTS in mouth
    assert words.POINTS not in eyes


@pytest.mark.parametrize("spearman", [0.03, 0.9])
def test_maps_of_shuffled_networks_are_shown_with_their_likeness(spearman: float) -> None:
    found = replace(WHOLE, stages=stages(spearman))
    html = examination(found, NOTHING)
    assert re.findall(r"<b>([^<]+)</b><span>([^<]*)</span></figure>", html) == [
        (words.TRAINED, ""),
        ("1", "0.31"),
        ("9", f"{spearman:.2f}"),
    ]
    assert stages_sentence(found.stages) in html


def test_a_chart_runs_from_corner_to_corner() -> None:
    assert curve_points(curve(1.0, 0.0)) == "0.0,0.0 50.0,50.0 100.0,100.0"
    html = examination(replace(WHOLE, method="<method>"), NOTHING)
    low, high = curve_points(curve(0.9, 0.1)), curve_points(curve(0.9, 0.5))
    assert re.findall(r'class="own" points="([^"]+)"', html) == [low, high]
    assert re.findall(r'class="random" points="([^"]+)"', html) == [high, low]
    assert "<method>" not in html


@pytest.mark.parametrize(
    ("fall", "kind", "left", "width"),
    [(0.7, "fall", 30.0, 49.0), (-0.05, "rise", 26.5, 3.5), (-0.9, "rise", 0.0, 30.0)],
)
def test_falls_go_right_and_rises_left(fall: float, kind: str, left: float, width: float) -> None:
    bar = swing(fall)
    assert bar.kind == kind
    assert (bar.left, bar.width) == pytest.approx((left, width))


LAYERS = (CamLayer("layer3", 7, usual=True), CamLayer("layer4", 4, usual=False))


class CuriousStudio(FakeStudio):
    """Knows more of an answer each time."""

    def cam_layers(self, model: str, explainer: str) -> tuple[CamLayer, ...]:
        return LAYERS if explainer == "grad-cam" else ()

    def examine(
        self,
        model: str,
        selection: Selection,
        watch: Watch = unwatched,
    ) -> Generator[Examination, None, None]:
        assert model in MODELS
        self.requests.append(selection)
        yield from (BARE, WHOLE)


def test_a_click_turns_to_the_other_face() -> None:
    assert turned_to(event(face="clean")) == "clean"
    assert turned_to(event(face="covered")) == "covered"


def test_what_is_known_is_shown_as_it_comes() -> None:
    studio, asked = CuriousStudio(), selection()
    tab = laid_out(ExplainTab, studio)
    first, _, bare, whole = answers(tab, asked)
    assert f'title="{MODELS[0]}" aria-pressed="true"' in first[tab.picker]
    assert words.CURVES_HEADING in bare[tab.place]
    assert curves_sentence(compared()) in whole[tab.place]
    assert studio.requests == [asked]


@pytest.mark.parametrize(
    ("target", "layer", "asked"),
    [
        ("", "", ("", "")),
        ("fear", "layer4", ("fear", "layer4")),
        ("", "of another network", ("", "")),
        ("", "layer3", ("", "")),  # the usual one
    ],
)
def test_emotion_and_layer_are_those_chosen(
    target: str, layer: str, asked: tuple[str, str]
) -> None:
    studio = CuriousStudio()
    tab = laid_out(ExplainTab, studio)
    _, second, *_ = answers(tab, target=target, layer=layer)
    (request,) = studio.requests
    assert (request.target, request.layer) == asked
    assert second[tab.layer].value == asked[1]


def test_the_menu_of_layers_runs_from_deep_to_shallow() -> None:
    menu = layer_menu(LAYERS, "")
    assert menu.choices == [
        (words.usual_layer("layer3"), ""),
        (words.layer("layer4", 4), "layer4"),
    ]
    assert menu.interactive is True
    none = layer_menu((), "")
    assert none.choices == [(words.NO_LAYER, "")]
    assert none.interactive is False
