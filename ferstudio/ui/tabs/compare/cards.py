"""A comparison as HTML: the verdict, its legend and one card per model. Pure functions."""

from dataclasses import dataclass
from html import escape

from ferstudio.explain.overlay import colour_bar, draw_overlay, shared_scale
from ferstudio.labels import EMOTION_COLOURS
from ferstudio.occlusion.kinds import kind
from ferstudio.sentences.compare import verdict
from ferstudio.studio.results import Comparison, Guidance, ModelComparison, View
from ferstudio.studio.truth import MapTruth
from ferstudio.types import Prediction
from ferstudio.ui import words as text
from ferstudio.ui.parts.bars import paired_bars, percent
from ferstudio.ui.parts.data_uri import data_uri
from ferstudio.ui.parts.figures import guidance_pictures
from ferstudio.ui.tabs.attention.cards import own_attention
from ferstudio.ui.tabs.explain import words as text_explain

FACE_SIDE_PX = 224
"""Side of the faces in a card, more than is shown, so that they stay sharp when enlarged."""

ROOMY_ROWS = 3
"""Up to so many cards are drawn larger; more than that fill a projector's height as they are."""


def results(comparison: Comparison, one_scale: bool) -> str:
    """Return the whole answer of the Compare tab.

    Args:
        comparison: what the studio found.
        one_scale: whether the two maps of a row share one colour scale.
    """
    covered = not comparison.selection.cover.bare
    heat = any(row.clean.heatmap is not None for row in comparison.rows)
    noun = cover_noun(comparison.selection.cover.name) if covered else ""
    roomy = len(comparison.rows) <= ROOMY_ROWS
    attention = any(row.clean.attention for row in comparison.rows)
    kinds = "results" + " with-cover" * covered + " with-heat" * heat + " roomy" * roomy
    kinds += " with-attention" * attention
    columns = _Columns(covered and heat, attention)
    cards = "".join(card(row, noun, one_scale, columns) for row in comparison.rows)
    return (
        f'<section class="{kinds}"><header class="verdict">{headline(comparison)}'
        f"{_heat_legend() if heat else ''}</header>"
        f'{_columns(covered, heat, attention, roomy)}<div class="cards">{cards}</div></section>'
    )


def message(words: str) -> str:
    """Return a sentence in the place of the results."""
    return f'<section class="results"><p class="message" role="alert">{escape(words)}</p></section>'


def headline(comparison: Comparison) -> str:
    """Return the verdict as a heading, its outcome accented."""
    said = verdict(comparison)
    return f"<h1>{escape(said.lead)} <em>{escape(said.outcome)}</em></h1>"


@dataclass(frozen=True, slots=True)
class _Columns:
    """Which places all cards have, whether or not a network has something to put there."""

    leakage: bool = False
    attention: bool = False


def card(row: ModelComparison, noun: str, one_scale: bool, columns: _Columns = _Columns()) -> str:
    """Return one model's card.

    Args:
        row: the model's answers.
        noun: name of the cover, "" where there is none.
        one_scale: whether the two maps share one colour scale.
        columns: the places beside the faces.
    """
    state = "" if not noun else " flipped" if row.flipped else " held"
    covered = row.covered if noun else None
    bars = paired_bars(
        row.title, row.clean.prediction, None if covered is None else covered.prediction
    )
    return (
        f'<article class="card{state}" data-model="{escape(row.name)}">{_model(row)}'
        f'<div class="answer">{_answers(row, covered)}{bars}</div>'
        f"{_faces(row, covered, one_scale)}{_leakage(row, noun) if columns.leakage else ''}"
        f"{own_attention(row.title, row.covered) if columns.attention else ''}</article>"
    )


def _model(row: ModelComparison) -> str:
    size = f'<span title="{escape(text.PARAMS_TIP)}">{row.params / 1e6:.1f} M</span>'
    time = f'<span title="{escape(text.ELAPSED_TIP)}">{row.elapsed_s * 1000:.0f} ms</span>'
    return (
        f'<div class="model"><h2 title="{escape(row.name)}">{escape(row.title)}</h2>'
        f'<p>{escape(row.summary)}</p><p class="size">{size} · {time}</p>'
        f"{_truth(row.truth)}{_guidance(row.guidance)}</div>"
    )


def _truth(truth: MapTruth | None) -> str:
    if truth is None:
        return ""
    tip = escape(f"{text_explain.TRUTH_TIP} n = {truth.n}.")
    if not truth.beats_chance:
        return f'<p class="size untrue" title="{tip}">{text_explain.SHORT_UNTRUE}</p>'
    words = text_explain.short_truth(percent(truth.share))
    return f'<p class="size" title="{tip}">{words}</p>'


def _guidance(guidance: Guidance | None) -> str:
    if guidance is None:
        return ""
    figures = "".join(
        f'<figure><img src="{data_uri(image, FACE_SIDE_PX)}" alt="{escape(words)}">'
        f"<figcaption>{escape(words)}</figcaption></figure>"
        for image, words in guidance_pictures(guidance)
    )
    return (
        f'<details class="guidance"><summary>{text.GUIDANCE}</summary><div>{figures}'
        f"<p>{escape(text.guidance(guidance.alpha))}</p></div></details>"
    )


def _answers(row: ModelComparison, covered: View | None) -> str:
    chips = _chip(row.clean.prediction, text.CLEAN.lower())
    if covered is not None:
        state, word, tip = (
            ("flipped", text.FLIPPED, text.FLIPPED_TIP)
            if row.flipped
            else ("held", text.HELD, text.HELD_TIP)
        )
        chips += (
            f'<span class="arrow" aria-label="to">→</span>'
            f"{_chip(covered.prediction, text.COVERED.lower())}"
            f'<span class="mind {state}" title="{escape(tip)}">{word}</span>'
        )
    return f'<p class="chips">{chips}</p>'


def _chip(prediction: Prediction, when: str) -> str:
    share = percent(prediction.confidence)
    tip = text.answer_tip(when, prediction.top, share)
    colour = EMOTION_COLOURS.get(prediction.top, "currentColor")
    return (
        f'<span class="emotion" style="--c:{colour}" title="{escape(tip)}">'
        f"{escape(prediction.top)} <b>{share}</b></span>"
    )


def _faces(row: ModelComparison, covered: View | None, one_scale: bool) -> str:
    views = [view for view in (row.clean, covered) if view is not None]
    maps = [view.heatmap for view in views if view.heatmap is not None]
    whens = (text.CLEAN.lower(), text.COVERED.lower())
    figures = []
    for view, when in zip(views, whens, strict=False):
        own = [view.heatmap] if view.heatmap is not None else []
        scale_max = shared_scale(maps if one_scale else own)
        tip = text.heat_tip(row.clean.prediction.top, one_scale)
        figures.append(_face(view, scale_max, text.seen_alt(row.title, when, bool(own)), when, tip))
    return "".join(figures)


def _face(view: View, scale_max: float, alt: str, when: str, tip: str) -> str:
    bare = data_uri(view.seen, FACE_SIDE_PX)
    caption = f"<figcaption>{when}</figcaption>"
    if view.heatmap is None:
        return f'<figure class="face"><img src="{bare}" alt="{escape(alt)}">{caption}</figure>'
    heat = data_uri(draw_overlay(view.seen, view.heatmap, scale_max), FACE_SIDE_PX)
    return (
        f'<figure class="face" tabindex="0" title="{escape(tip)}">'
        f'<img src="{bare}" alt=""><img class="heat" src="{heat}" alt="{escape(alt)}">'
        f"{caption}</figure>"
    )


def _leakage(row: ModelComparison, noun: str) -> str:
    if row.leakage_share is None:
        return '<div class="leakage"></div>'
    share = percent(row.leakage_share)
    return (
        f'<div class="leakage" title="{escape(text.leakage_tip(noun))}"><b>{share}</b>'
        f"<span>{escape(text.leakage(noun))}</span>"
        f'<i class="meter"><i style="width:{100 * row.leakage_share:.1f}%"></i></i></div>'
    )


def _columns(covered: bool, heat: bool, attention: bool, roomy: bool) -> str:
    wide = covered and not (roomy or attention)
    answer = text.ANSWER_COLUMN if wide else text.SHORT_ANSWER_COLUMN
    legend = _bars_legend() if covered else ""
    heads = [text.CLEAN] + [text.COVERED] * covered + [text.LEAKAGE_COLUMN] * (covered and heat)
    heads += [text.ATTENTION_COLUMN] * attention
    pictures = "".join(f"<div>{head}</div>" for head in heads)
    return (
        f'<div class="columns"><div>{text.MODEL_COLUMN}</div>'
        f'<div><span class="head">{answer}</span>{legend}</div>{pictures}</div>'
    )


def _bars_legend() -> str:
    return (
        f'<span class="legend"><span><i class="key clean"></i>{text.LEGEND_CLEAN}</span>'
        f'<span><i class="key covered"></i>{text.LEGEND_COVERED}</span></span>'
    )


def _heat_legend() -> str:
    cold, hot = text.LEGEND_HEAT
    return (
        f'<p class="legend"><span title="{escape(text.LEGEND_HEAT_TIP)}">{cold}'
        f'<img class="heat-scale" src="{data_uri(colour_bar(96, 8))}" alt="to">{hot}</span></p>'
    )


def cover_noun(name: str) -> str:
    """Return "the sunglasses" for an occluder whose noun is "Sunglasses" or "A pair of ..."."""
    noun = kind(name).noun
    article, _, rest = noun.partition(" ")
    bare = rest if article in ("A", "An", "The") else noun
    return f"the {bare[:1].lower()}{bare[1:]}"
