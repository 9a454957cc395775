"""A comparison becomes HTML: complete, escaped, on one scale."""

import re
from dataclasses import replace
from html import unescape
from typing import Any

import numpy as np
import pytest
from markupsafe import escape

from ferstudio.explain.attention_maps import AttentionKind, AttentionView
from ferstudio.explain.explainer import Heatmap
from ferstudio.labels import DISPLAY_ORDER, EMOTION_COLOURS, FER2013
from ferstudio.sentences.face import NO_FACE
from ferstudio.sentences.sentence import short_percent
from ferstudio.studio.map_truth import MapTruth
from ferstudio.studio.results import Guidance, NoMap, View
from ferstudio.studio.selection import NONE
from ferstudio.types import Note, Prediction
from ferstudio.ui import words as shared
from ferstudio.ui.messages import message
from ferstudio.ui.parts.bars import paired_bars
from ferstudio.ui.tabs.compare import words
from ferstudio.ui.tabs.compare.cards import card, own_attention, results
from tests.ui.fake_studio import MODELS, comparison, crop, heatmap, prediction, row
from tests.ui.tabs.attention.attention_parts import CHANNELS, EDGES, SHARES, map_view


def heights(html: str, kind: str) -> list[float]:
    return [float(height) for height in re.findall(rf'bar {kind}" style="height:([\d.]+)%', html)]


def pictures(html: str) -> list[str]:
    return re.findall(r'class="heat" src="([^"]+)"', html)


def test_bars_keep_order_and_colours_whatever_the_models_own_order() -> None:
    uniform = prediction("fear").probabilities[:7]
    other = Prediction(FER2013, uniform, uniform)
    for clean in (prediction("fear"), other):
        html = paired_bars("Net", clean, clean)
        assert tuple(re.findall(r'data-emotion="(\w+)"', html)) == DISPLAY_ORDER
        assert re.findall(r"--c:(#\w+)", html) == [EMOTION_COLOURS[e] for e in DISPLAY_ORDER]


def test_bar_heights_are_probabilities_in_per_cent() -> None:
    html = paired_bars("Net", prediction("happiness", 0.93), prediction("neutral", 0.58))
    assert heights(html, "clean") == [1, 93, 1, 1, 1, 1, 1, 1]
    assert heights(html, "covered") == [58, 6, 6, 6, 6, 6, 6, 6]


def test_without_cover_there_are_outlines_only() -> None:
    html = paired_bars("Net", prediction("happiness"), None)
    assert len(heights(html, "clean")) == 8
    assert heights(html, "covered") == []


def test_each_pair_tells_its_numbers_and_what_the_model_does_not_know() -> None:
    html = paired_bars("Net", prediction("happiness", 0.93), prediction("neutral", 0.58))
    assert (
        f'title="{shared.bars_tip("happiness", short_percent(0.93), short_percent(0.06))}"' in html
    )
    shares = prediction("anger").probabilities[:7]
    seven = Prediction(FER2013, shares, shares)
    assert "contempt: this model doesn&#39;t know it" in paired_bars("Net", seven, None)


def test_results_show_verdict_and_a_card_per_model() -> None:
    html = results(comparison(), one_scale=True)
    assert re.search(
        "<h1>Sunglasses hide 21.% of the face: <em>1 of 2 models changed its mind", html
    )
    assert re.findall(r'data-model="([^"]+)"', html) == list(MODELS)
    assert re.findall(r'<article class="card (\w+)"', html) == ["held", "flipped"]
    assert f">{words.HELD}<" in html
    assert f">{words.FLIPPED}<" in html
    assert f"<b>{short_percent(0.41)}</b> <span>of its heat on the sunglasses</span>" in html
    assert "11.2 M" in html
    assert "31 ms" in html


def test_without_cover_nothing_is_said_about_covering() -> None:
    html = results(comparison(NONE), one_scale=True)
    for word in (shared.COVERED, words.LEAKAGE_COLUMN, words.HELD_TIP, words.FLIPPED_TIP):
        assert word not in html
    assert len(pictures(html)) == 2


def test_without_heat_there_are_bare_faces_and_no_leakage() -> None:
    view = View(prediction("happiness"), None, crop().image)
    bare = row("a.b", "happiness", "happiness", clean=view, covered=view, leakage_share=None)
    html = results(comparison("sunglasses", bare), one_scale=True)
    assert pictures(html) == []
    assert html.count("<figure") == 2
    assert words.LEAKAGE_COLUMN not in html


def test_everything_given_is_escaped() -> None:
    nasty = "<script>alert('x')</script>\""
    evil = row(nasty, "happiness", "anger", title=nasty, summary=nasty)
    html = results(comparison("sunglasses", evil), one_scale=True) + message(nasty)
    assert "<script" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize(("one_scale", "same"), [(True, False), (False, True)])
def test_one_scale_lets_a_faint_map_look_faint(one_scale: bool, same: bool) -> None:
    values = {
        "clean": View(prediction("happiness"), heatmap(2.0), crop().image),
        "covered": View(prediction("happiness"), heatmap(0.5), crop().image),
    }
    html = card(row("a.b", "happiness", "happiness", **values), "the mask", one_scale)
    clean, covered = pictures(html)
    assert (clean == covered) is same


def test_every_picture_has_alternative_text_and_every_number_a_tooltip() -> None:
    html = results(comparison(), one_scale=True)
    assert all("alt=" in tag for tag in re.findall(r"<img[^>]*>", html))
    assert all("title=" in tag for tag in re.findall(r'<span class="emotion[^>]*>', html))
    for tip in (words.PARAMS_TIP, words.ELAPSED_TIP, shared.leakage_tip("the sunglasses")):
        assert escape(tip) in html


def test_a_row_without_leakage_keeps_its_place_beside_others() -> None:
    view = View(prediction("happiness"), None, crop().image)
    bare = row("a.b", "happiness", "happiness", clean=view, covered=view, leakage_share=None)
    html = results(comparison("lower", row("c.d", "fear", "fear"), bare), one_scale=True)
    first, second = html.split("<article")[1:]
    assert first.count('class="leakage"') == second.count('class="leakage"') == 1
    assert '<div class="leakage"></div>' in second


@pytest.mark.parametrize(
    ("name", "noun"), [("sunglasses", "the sunglasses"), ("lower", "the bar over the lower third")]
)
def test_leakage_names_the_cover(name: str, noun: str) -> None:
    assert shared.leakage(noun) in results(comparison(name), one_scale=True)


def test_a_guided_network_shows_mask_and_guided_input() -> None:
    guidance = Guidance(np.eye(64, dtype=bool), crop(40).image, 0.125)
    guided = row("a.b", "happiness", "happiness", guidance=guidance)
    plain = row("c.d", "happiness", "happiness")
    html = results(comparison("sunglasses", guided, plain), one_scale=True)
    assert html.count('<details class="guidance">') == 1
    assert re.findall("<figcaption>(mask M|guided input)</figcaption>", html) == [
        "mask M",
        "guided input",
    ]
    assert escape(shared.guidance(0.125)).replace(" %", "\N{NO-BREAK SPACE}%") in html
    assert "12.5\N{NO-BREAK SPACE}%" in html


def test_a_row_shows_the_networks_own_attention_on_the_covered_face() -> None:
    seen, heat = crop().image, heatmap(1.0)
    other = map_view("b", AttentionKind.EDGES, high=0.9)
    looked = {
        "clean": View(prediction("happiness"), heat, seen, (EDGES,)),
        "covered": View(prediction("happiness"), heat, seen, (CHANNELS, other)),
    }
    bare = row(MODELS[1], "happiness", "neutral")
    html = results(
        comparison("sunglasses", row(MODELS[0], "happiness", "happiness", **looked), bare), True
    )
    assert words.ATTENTION_COLUMN in html and "with-attention" in html
    first, second = re.findall(r'<div class="own[^"]*".*?</article>', html)
    assert first.count("<img") == 1 and first.count("<svg") == 2
    assert "0.25–0.90" in first and shared.NEARLY_EVEN not in first
    assert words.NO_OWN_ATTENTION in second and "<img" not in second


@pytest.mark.parametrize(
    ("views", "said"),
    [
        ((CHANNELS,), "1 of 4 channels carry half of the weight"),
        ((CHANNELS, SHARES), "5×5 kernels most, with 60"),
        ((map_view("a", AttentionKind.EDGES, high=0.251),), shared.NEARLY_EVEN),
    ],
)
def test_attention_that_knows_no_places_is_told_in_words(
    views: tuple[AttentionView, ...], said: str
) -> None:
    view = View(prediction("happiness"), None, crop().image, views)
    assert said in own_attention("Net", view)


def test_without_any_attention_there_is_no_column() -> None:
    html = results(comparison(), one_scale=True)
    assert words.ATTENTION_COLUMN not in html and 'class="own' not in html


@pytest.mark.parametrize(
    ("truth", "said"),
    [
        (None, ""),
        (MapTruth(500, "valid", 0.86, (0.82, 0.89)), words.short_truth(short_percent(0.86))),
        (MapTruth(500, "valid", 0.52, (0.48, 0.56)), words.SHORT_UNTRUE),
    ],
)
def test_a_row_says_whether_such_maps_beat_chance(truth: MapTruth | None, said: str) -> None:
    html = card(row("net.test", "fear", "fear", truth=truth), "", one_scale=True)
    assert said in html
    assert ("chance" in html) == bool(said)
    assert ('class="size untrue"' in html) == (said == words.SHORT_UNTRUE)


def test_how_much_heat_is_left_stands_in_numbers() -> None:
    values = {
        "clean": View(prediction("happiness"), heatmap(2.0), crop().image),
        "covered": View(prediction("happiness"), heatmap(0.12), crop().image),
    }
    one = row("a.b", "happiness", "happiness", **values)
    assert one.heat_kept == pytest.approx(0.06)
    html = results(comparison("sunglasses", one), one_scale=False)
    assert "heat: 6\N{NO-BREAK SPACE}% of clean" in html
    assert "of clean" not in results(comparison(NONE, one), one_scale=False)


def test_an_empty_map_has_neither_leakage_nor_a_share() -> None:
    nothing = Heatmap("last", np.zeros((64, 64), np.float32), (7, 7), (0.0, 0.0))
    values = {"covered": View(prediction("happiness"), nothing, crop().image)}
    one = row("a.b", "happiness", "happiness", leakage_share=None, **values)
    html = results(comparison("sunglasses", one), one_scale=False)
    assert "no heat is left" in html
    assert "of its heat" not in html


def test_a_row_that_changed_its_mind_can_explain_either_answer() -> None:
    html = results(comparison(), one_scale=False)
    assert re.findall(
        r'data-row="([^"]+)" data-why="(\w+)" aria-pressed="(\w+)">([^<]+)<', html
    ) == [
        (MODELS[1], "clean", "true", words.why("happiness")),
        (MODELS[1], "covered", "false", words.why("neutral")),
    ]
    other = row(MODELS[1], "happiness", "neutral", target="neutral")
    html = results(comparison("sunglasses", other), one_scale=False)
    assert re.findall(r'data-why="(\w+)" aria-pressed="true"', html) == ["covered"]
    assert words.heat_tip("neutral", False) in unescape(html)


def test_the_label_of_a_sample_stands_beside_the_answers() -> None:
    found = comparison()
    labelled = replace(found, selection=replace(found.selection, label="neutral"))
    html = results(labelled, one_scale=False)
    assert re.findall(r'class="label".*?>(\w+)</span></p>', html) == ["neutral"]
    marks = re.findall(r'<span class="emotion"[^>]*>(\w+) <b>[^<]*</b> <i>(.)</i>', html)
    assert marks == [("happiness", "✗")] * 3 + [("neutral", "✓")]
    assert 'class="label"' not in results(found, one_scale=False)


def test_where_no_face_was_found_or_it_is_too_small_the_page_says_so() -> None:
    found, small = comparison(), Note("small", "20 pixels high", "It is only 20 pixels high.")
    cases: list[tuple[dict[str, Any], str]] = [
        ({"shows_face": False}, NO_FACE.lead),
        ({"notes": (small,)}, small.sentence),
    ]
    for changes, said in cases:
        face = replace(found.selection.crop, **changes)
        html = results(replace(found, selection=replace(found.selection, crop=face)), False)
        assert said in html
        assert 'class="doubt"' in html
    assert 'class="doubt"' not in results(found, one_scale=False)


def test_networks_without_a_map_are_named_with_the_reason_and_what_works() -> None:
    view = View(prediction("happiness"), None, crop().image)
    why = NoMap("CAM (exact)", "one linear layer", ("Grad-CAM",))
    rows = [
        row(
            name, "happiness", "happiness", clean=view, covered=view, leakage_share=None, no_map=why
        )
        for name in ("a.b", "c.d")
    ]
    html = unescape(results(comparison("sunglasses", *rows), one_scale=False))
    assert html.count("CAM (exact) can't show A and C: it needs one linear layer.") == 1
    assert "Choose Grad-CAM." in html
