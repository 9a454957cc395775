"""An examination as HTML: parts, change, curves, focus and randomised weights. Pure functions."""

from collections.abc import Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from ferstudio.explain.explainer import Heatmap
from ferstudio.explain.faithfulness import Comparison, Curve, PartFocus
from ferstudio.explain.overlay import draw_difference, draw_overlay, shared_scale
from ferstudio.explain.randomisation import RandomisedStage
from ferstudio.explain.sensitivity import HALVES, PartEffect
from ferstudio.sentences.explain import examination_verdict
from ferstudio.studio.examination import Change, Examination
from ferstudio.studio.truth import MapTruth
from ferstudio.ui import words as text
from ferstudio.ui.parts.bars import percent
from ferstudio.ui.parts.data_uri import data_uri
from ferstudio.ui.parts.figures import heat_picture
from ferstudio.ui.tabs.explain import words as text_explain
from ferstudio.ui.tabs.explain.figures import curve_chart, fall_bar

SIDE_PX = 224
THUMB_SIDE_PX = 128
"""Sides of the pictures, more than is shown, so that they stay sharp when enlarged."""

STAYS_ALIKE = 0.5
"""From this rank correlation on, a map of shuffled weights is called alike."""


def examination(found: Examination, noun: str) -> str:
    """Return the whole answer of the Explain tab.

    Args:
        found: what the studio knows so far.
        noun: name of the cover, "" where there is none.
    """
    said = examination_verdict(found)
    aside = f'<p class="aside" title="{escape(text_explain.ASIDE_TIP)}">{escape(found.method)}</p>'
    head = (
        f'<header class="verdict"><h1>{escape(said.lead)} <em>{escape(said.outcome)}</em></h1>'
        f"{aside if found.method else ''}</header>"
    )
    busy = "false" if found.done else "true"
    body = _parts(found)
    if found.heatmap is None:
        words = f'<p class="what">{escape(text_explain.NO_MAP)}</p>'
        body += _card("change", text_explain.CURVES_HEADING, "", words)
    else:
        body += _change(found, found.heatmap, noun) + _curves(found) + _focus(found.focus)
        body += _stages(found, found.heatmap)
    return f'<section class="inside why" aria-busy="{busy}">{head}<div>{body}</div></section>'


def truth_note(method: str, truth: MapTruth) -> str:
    """Return how often a method's maps beat random ones, as a sentence."""
    numbers = [percent(share) for share in (truth.share, *truth.ci95)]
    words = text_explain.truth if truth.beats_chance else text_explain.untrue
    return words(method, truth.n, *numbers)


def _card(name: str, heading: str, tip: str, body: str) -> str:
    return (
        f'<article class="card {name}"><h2 title="{escape(tip)}">{escape(heading)}</h2>'
        f"{body}</article>"
    )


def _parts(found: Examination) -> str:
    picture = draw_overlay(
        found.seen, found.parts.heatmap, max(found.parts.heatmap.raw_range[1], 0)
    )
    rows = sorted(found.parts.effects, key=lambda effect: (effect.part in HALVES, -effect.fall))
    lines = "".join(_part(effect, found) for effect in rows)
    return _card(
        "parts",
        text_explain.PARTS_HEADING,
        text_explain.PARTS_TIP,
        f'<p class="what">{text_explain.PARTS_NOTE}</p><div class="pictured">'
        f'<img src="{data_uri(picture, SIDE_PX)}" alt="{text_explain.PARTS_ALT}">'
        f"<table><tbody>{lines}</tbody></table></div>",
    )


def _part(effect: PartEffect, found: Examination) -> str:
    target = found.parts.target
    clean = percent(found.prediction.probability_of(target))
    hidden = percent(effect.probability)
    tip = text_explain.part_tip(effect.part, target, clean, hidden, percent(effect.share))
    answer = f"<b>{escape(effect.answer)}</b>" if effect.flipped else ""
    kind = ' class="half"' if effect.part in HALVES else ""
    return (
        f'<tr{kind} title="{escape(tip)}"><th scope="row">{escape(effect.part)}</th>'
        f"<td>{fall_bar(effect.fall)}</td><td>{clean} → {hidden}</td><td>{answer}</td></tr>"
    )


def _change(found: Examination, heatmap: Heatmap, noun: str) -> str:
    change = found.change
    scale = shared_scale([heatmap] if change is None else [heatmap, change.heatmap])
    emotion = found.parts.target
    clean = _figure(
        draw_overlay(found.seen, heatmap, scale),
        text_explain.heat_alt(found.title, text.CLEAN.lower(), emotion),
        text.CLEAN.lower(),
    )
    if change is None:
        body = f'<div class="trio">{clean}</div><p class="what">{text_explain.NO_COVER}</p>'
    else:
        covered = _figure(
            draw_overlay(change.seen, change.heatmap, scale),
            text_explain.heat_alt(found.title, text.COVERED.lower(), emotion),
            text.COVERED.lower(),
        )
        shown = _figure(
            draw_difference(change.seen, change.difference),
            text_explain.DIFFERENCE_TIP,
            text_explain.DIFFERENCE,
            text_explain.DIFFERENCE_TIP,
        )
        body = f'<div class="trio">{clean}{covered}{shown}</div>{_likeness(change, noun)}'
    return _card("change", text_explain.CHANGE_HEADING, text.ONE_SCALE_TIP, body)


def _figure(image: NDArray[np.uint8], alt: str, caption: str, tip: str = "") -> str:
    return (
        f'<figure title="{escape(tip)}"><img src="{data_uri(image, SIDE_PX)}" '
        f'alt="{escape(alt)}"><figcaption>{escape(caption)}</figcaption></figure>'
    )


def _likeness(change: Change, noun: str) -> str:
    numbers = (
        (f"{change.similarity.spearman:.2f}", text_explain.RANK, text_explain.RANK_TIP),
        (f"{change.similarity.ssim:.2f}", text_explain.SSIM, text_explain.SSIM_TIP),
        (percent(change.leakage_share), text.leakage(noun), text.leakage_tip(noun)),
    )
    items = "".join(
        f'<span title="{escape(tip)}"><b>{number}</b> {escape(words)}</span>'
        for number, words, tip in numbers
    )
    return f'<p class="numbers">{items}</p>'


def _curves(found: Examination) -> str:
    if found.curves is None:
        body = f'<p class="what">{text_explain.WORKING}</p>'
    else:
        body = _both_curves(found.curves, found.method)
    return _card("true", text_explain.CURVES_HEADING, text_explain.RANDOM_TIP, body + _truth(found))


def _truth(found: Examination) -> str:
    if found.truth is None:
        return f'<p class="what">{escape(text_explain.not_measured(found.method))}</p>'
    kind = "truth" if found.truth.beats_chance else "truth untrue"
    words = truth_note(found.method, found.truth)
    return f'<p class="{kind}" title="{escape(text_explain.TRUTH_TIP)}">{escape(words)}</p>'


def _both_curves(curves: Comparison, method: str) -> str:
    deletion = _chart(
        text_explain.DELETION,
        text_explain.DELETION_TIP,
        curves.deletion,
        curves.random_deletion,
    )
    insertion = _chart(
        text_explain.INSERTION,
        text_explain.INSERTION_TIP,
        curves.insertion,
        curves.random_insertion,
    )
    keys = (
        f'<p class="keys"><span><i class="line own"></i>{escape(method)}</span>'
        f'<span title="{escape(text_explain.RANDOM_TIP)}"><i class="line random"></i>'
        f"{text_explain.RANDOM_MAP}</span></p>"
    )
    return (
        f'<div class="charts">{deletion}{insertion}</div>{keys}<p class="here">{_here(curves)}</p>'
    )


def _chart(name: str, tip: str, own: Curve, random: Curve) -> str:
    label = text_explain.curve_label(name, own.area, random.area)
    return (
        f'<figure title="{escape(tip)}">{curve_chart(own, random, label)}<figcaption><b>{name}</b> '
        f"{text_explain.areas(own.area, random.area)}</figcaption></figure>"
    )


def _here(curves: Comparison) -> str:
    """Return in words how this very map fared."""
    won = {
        text_explain.DELETION: curves.deletion_gain > 0,
        text_explain.INSERTION: curves.insertion_gain > 0,
    }
    if all(won.values()):
        return text_explain.BEATS
    if not any(won.values()):
        return text_explain.LOSES
    return text_explain.BEATS_ONE.format(next(name for name, better in won.items() if better))


def _focus(parts: Sequence[PartFocus]) -> str:
    rows = "".join(_one_focus(part) for part in parts)
    return _card(
        "focus",
        text_explain.FOCUS_HEADING,
        text_explain.FOCUS_TIP,
        f"<table><tbody>{rows}</tbody></table>",
    )


def _one_focus(part: PartFocus) -> str:
    lift = part.energy / part.area if part.area else 0.0
    tip = text_explain.focus_tip(part.part, percent(part.energy), percent(part.area), lift)
    dot = f'<i class="dot" role="img" aria-label="{text_explain.POINTS}"></i>' if part.hit else ""
    return (
        f'<tr title="{escape(tip)}"><th scope="row">{part.part}{dot}</th>'
        f'<td><i class="meter {part.part}"><i style="width:{100 * part.energy:.1f}%"></i></i></td>'
        f"<td><b>{percent(part.energy)}</b></td><td>×{lift:.1f}</td></tr>"
    )


def _stages(found: Examination, heatmap: Heatmap) -> str:
    if not found.stages:
        words = text_explain.STAGES_SLOW if found.done else text_explain.WORKING
        body = f'<p class="what">{words}</p>'
    else:
        body = _strip(found, heatmap, found.stages)
    return _card("stages", text_explain.STAGES_HEADING, text_explain.STAGES_TIP, body)


def _strip(found: Examination, heatmap: Heatmap, stages: Sequence[RandomisedStage]) -> str:
    figures = _thumb(found.seen, heatmap, text_explain.TRAINED, text_explain.TRAINED, "")
    for stage in stages:
        alt = text_explain.stage_alt(stage.layers)
        number = f"{stage.similarity.spearman:.2f}"
        figures += _thumb(found.seen, stage.heatmap, alt, str(stage.layers), number)
    alike = stages[-1].similarity.spearman >= STAYS_ALIKE
    words = text_explain.STAYS if alike else text_explain.CHANGES
    return (
        f'<p class="what">{text_explain.STAGES_NOTE}</p>'
        f'<div class="strip" style="--count:{1 + len(stages)}">{figures}</div>'
        f'<p class="here">{words}</p>'
    )


def _thumb(seen: NDArray[np.uint8], heatmap: Heatmap, alt: str, caption: str, number: str) -> str:
    picture = heat_picture(seen, heatmap, THUMB_SIDE_PX)
    return (
        f'<figure class="map"><img src="{data_uri(picture)}" alt="{escape(alt)}">'
        f"<b>{escape(caption)}</b><span>{number}</span></figure>"
    )
