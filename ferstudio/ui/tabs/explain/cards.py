"""An examination as HTML: parts, change, curves, focus and randomised weights. Pure functions."""

from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from ferstudio.explain.explainer import Heatmap
from ferstudio.explain.face_parts import HALVES
from ferstudio.explain.faithfulness import AgainstRandom, Curve, PartFocus
from ferstudio.explain.overlay import draw_difference, draw_overlay, shared_scale
from ferstudio.explain.sensitivity import PartEffect
from ferstudio.sentences.explain import (
    curves_sentence,
    examination_verdict,
    stages_sentence,
    truth_sentence,
)
from ferstudio.sentences.sentence import short_percent
from ferstudio.studio.examination import Change, Examination
from ferstudio.ui import words as shared
from ferstudio.ui.parts.figures import heat_picture
from ferstudio.ui.tabs.explain import words
from ferstudio.ui.tabs.explain.figures import curve_points, swing
from ferstudio.ui.templates import render
from ferstudio.ui.words import CLEAN, COVERED

SIDE_PX = 224
THUMB_SIDE_PX = 128
"""Sides of the pictures, more than is shown, so that they stay sharp when enlarged."""


def examination(found: Examination, noun: str) -> Markup:
    """Return the whole answer of the Explain tab.

    Args:
        found: what the studio knows so far.
        noun: name of the cover, "" where there is none.
    """
    about: dict[str, Any] = {}
    if found.heatmap is not None:
        about = {
            "change": _change(found, found.heatmap, noun),
            "curves": None if found.curves is None else _curves(found.curves),
            "truth": "" if found.truth is None else truth_sentence(found.method, found.truth),
            "focus": [_focus(part) for part in found.focus],
            "stages": _stages(found, found.heatmap),
        }
    return render(
        "explain/examination.html",
        words=words,
        shared=shared,
        side_px=SIDE_PX,
        said=examination_verdict(found),
        found=found,
        parts=_parts(found),
        **about,
    )


def _parts(found: Examination) -> dict[str, Any]:
    heatmap = found.parts.heatmap
    effects = sorted(found.parts.effects, key=lambda effect: (effect.part in HALVES, -effect.fall))
    return {
        "picture": draw_overlay(found.seen, heatmap, max(heatmap.raw_range[1], 0)),
        "rows": [_part(effect, found) for effect in effects],
    }


def _part(effect: PartEffect, found: Examination) -> dict[str, Any]:
    target = found.parts.target
    clean = short_percent(found.prediction.probability_of(target))
    hidden = short_percent(effect.probability)
    return {
        "name": effect.part,
        "half": effect.part in HALVES,
        "tip": words.part_tip(effect.part, target, clean, hidden, short_percent(effect.share)),
        "swing": swing(effect.fall),
        "clean": clean,
        "hidden": hidden,
        "answer": effect.answer if effect.flipped else "",
    }


def _change(found: Examination, heatmap: Heatmap, noun: str) -> dict[str, Any]:
    change = found.change
    scale = shared_scale([heatmap] if change is None else [heatmap, change.heatmap])
    figures = [_heat(found, found.seen, heatmap, CLEAN.lower(), scale)]
    if change is None:
        return {"figures": figures, "numbers": ()}
    difference = {
        "picture": draw_difference(change.seen, change.difference),
        "alt": words.DIFFERENCE_TIP,
        "caption": words.DIFFERENCE,
        "tip": words.DIFFERENCE_TIP,
    }
    covered = _heat(found, change.seen, change.heatmap, COVERED.lower(), scale)
    return {"figures": [*figures, covered, difference], "numbers": _likeness(change, noun)}


def _heat(
    found: Examination, seen: NDArray[np.uint8], heatmap: Heatmap, when: str, scale: float
) -> dict[str, Any]:
    return {
        "picture": draw_overlay(seen, heatmap, scale),
        "alt": words.heat_alt(found.title, when, found.parts.target),
        "caption": when,
        "tip": "",
    }


def _likeness(change: Change, noun: str) -> list[tuple[str, str, str]]:
    leakage = (shared.leakage(noun), shared.leakage_tip(noun))
    return [
        (f"{change.similarity.spearman:.2f}", words.RANK, words.RANK_TIP),
        (f"{change.similarity.ssim:.2f}", words.SSIM, words.SSIM_TIP),
        (short_percent(change.leakage_share), *leakage),
    ]


def _curves(curves: AgainstRandom) -> dict[str, Any]:
    deletion = (curves.deletion, curves.random_deletion)
    insertion = (curves.insertion, curves.random_insertion)
    return {
        "charts": [
            _chart(words.DELETION, words.DELETION_TIP, *deletion),
            _chart(words.INSERTION, words.INSERTION_TIP, *insertion),
        ],
        "here": curves_sentence(curves),
    }


def _chart(name: str, tip: str, own: Curve, random: Curve) -> dict[str, str]:
    return {
        "name": name,
        "tip": tip,
        "label": words.curve_label(name, own.area, random.area),
        "own": curve_points(own),
        "random": curve_points(random),
        "areas": words.areas(own.area, random.area),
    }


def _focus(part: PartFocus) -> dict[str, Any]:
    tip = words.focus_tip(
        part.part, short_percent(part.energy), short_percent(part.area), part.lift
    )
    return {
        "name": part.part,
        "hit": part.hit,
        "energy": part.energy,
        "lift": part.lift,
        "tip": tip,
    }


def _stages(found: Examination, heatmap: Heatmap) -> dict[str, Any] | None:
    """Return the strip of maps of shuffled networks; None where there are none yet."""
    if not found.stages:
        return None
    figures = [_thumb(found, heatmap, words.TRAINED, words.TRAINED, "")]
    for stage in found.stages:
        number = f"{stage.similarity.spearman:.2f}"
        alt = words.stage_alt(stage.layers)
        figures.append(_thumb(found, stage.heatmap, alt, str(stage.layers), number))
    return {"figures": figures, "here": stages_sentence(found.stages)}


def _thumb(
    found: Examination, heatmap: Heatmap, alt: str, caption: str, number: str
) -> dict[str, Any]:
    picture = heat_picture(found.seen, heatmap, THUMB_SIDE_PX)
    return {"picture": picture, "alt": alt, "caption": caption, "number": number}
