"""An examination as HTML: parts, change, curves, focus and randomised weights. Pure functions."""

from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from ferstudio.explain.explainer import Heatmap
from ferstudio.explain.face_parts import HALVES
from ferstudio.explain.faithfulness import AgainstRandom, Curve, PartFocus
from ferstudio.explain.overlay import draw_difference, draw_overlay, shared_scale
from ferstudio.explain.sensitivity import PartEffect, PartSensitivity
from ferstudio.sentences.explain import (
    curves_sentence,
    empty_map_sentence,
    examination_verdict,
    no_map_sentence,
    stages_sentence,
    truth_sentence,
)
from ferstudio.sentences.face import headline
from ferstudio.sentences.sentence import cover_noun, short_percent
from ferstudio.studio.examination import Change, Examination
from ferstudio.studio.selection import Selection
from ferstudio.ui import words as shared
from ferstudio.ui.parts.face_note import face_note
from ferstudio.ui.parts.figures import heat_picture
from ferstudio.ui.tabs.explain import words
from ferstudio.ui.tabs.explain.figures import curve_points, swing
from ferstudio.ui.templates import render
from ferstudio.ui.words import CLEAN, COVERED

SIDE_PX = 224
THUMB_SIDE_PX = 128
"""Sides of the pictures, more than is shown, so that they stay sharp when enlarged."""


def examination(found: Examination, selection: Selection, covered: bool = False) -> Markup:
    """Return the whole answer of the Explain tab.

    Args:
        found: what the studio knows so far.
        selection: what was asked.
        covered: whether the parts of the covered face are hidden, where there is one.
    """
    noun = "" if selection.cover.bare else cover_noun(selection.cover.name)
    about: dict[str, Any] = {}
    if found.heatmap is not None:
        about = {
            "change": _change(found, found.heatmap, noun, selection.one_scale),
            "empty": empty_map_sentence(found) if found.heatmap.empty else "",
            "curves": None if found.curves is None else _curves(found.curves),
            "truth": "" if found.truth is None else truth_sentence(found.method, found.truth),
            "focus": [_focus(part) for part in found.focus],
            "stages": _stages(found, found.heatmap),
        }
    no_map = no_map_sentence(found.title, found.no_map) if found.no_map else words.NO_MAP
    return render(
        "explain/examination.html",
        words=words,
        shared=shared,
        side_px=SIDE_PX,
        said=headline(examination_verdict(found, covered), selection.crop),
        face=face_note(selection),
        found=found,
        parts=_parts(found, covered),
        no_map=no_map,
        **about,
    )


def _parts(found: Examination, covered: bool) -> dict[str, Any]:
    """Return what hiding parts does, and which faces there are to choose from."""
    hidden = found.covered if covered else None
    seen, parts = (found.seen, found.parts) if hidden is None else (hidden.seen, hidden.parts)
    effects = sorted(parts.effects, key=lambda effect: (effect.part in HALVES, -effect.fall))
    faces = (("clean", CLEAN, hidden is None), ("covered", COVERED, hidden is not None))
    return {
        "faces": () if found.covered is None else faces,
        "picture": draw_overlay(seen, parts.heatmap, shared_scale([parts.heatmap])),
        "rows": [_part(effect, parts) for effect in effects],
    }


def _part(effect: PartEffect, parts: PartSensitivity) -> dict[str, Any]:
    target = parts.target
    clean = short_percent(parts.prediction.probability_of(target))
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


def _change(found: Examination, heatmap: Heatmap, noun: str, one_scale: bool) -> dict[str, Any]:
    change, target = found.change, found.parts.target
    maps = [heatmap] if change is None else [heatmap, change.heatmap]
    own, other = (shared_scale(maps if one_scale else [each]) for each in (maps[0], maps[-1]))
    figures = [_heat(found, found.seen, heatmap, CLEAN.lower(), own)]
    if change is None:
        return {"figures": figures, "numbers": (), "note": words.one_explains(target)}
    difference = {
        "picture": draw_difference(change.seen, change.difference),
        "alt": words.DIFFERENCE_TIP,
        "caption": words.DIFFERENCE,
        "tip": words.DIFFERENCE_TIP,
    }
    covered = _heat(found, change.seen, change.heatmap, COVERED.lower(), other)
    empty = change.heatmap.empty or heatmap.empty
    note = words.COVERED_MAP_EMPTY if change.heatmap.empty and not heatmap.empty else ""
    return {
        "figures": [*figures, covered, difference],
        "numbers": () if empty else _likeness(change, noun),
        "note": note or words.both_explain(target),
    }


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
    kept = short_percent(change.heat_kept or 0.0)
    leakage = [
        (short_percent(share), shared.leakage(noun), shared.leakage_tip(noun))
        for share in (change.leakage_share,)
        if share is not None
    ]
    return [
        (kept, shared.HEAT_KEPT, shared.HEAT_KEPT_TIP),
        (f"{change.similarity.spearman:.2f}", words.RANK, words.RANK_TIP),
        (f"{change.similarity.ssim:.2f}", words.SSIM, words.SSIM_TIP),
        *leakage,
    ]


def _curves(curves: AgainstRandom) -> dict[str, Any]:
    deletion = (curves.deletion, curves.random_deletion)
    insertion = (curves.insertion, curves.random_insertion)
    return {
        "charts": [
            _chart(words.DELETION, words.DELETION_TIP, words.DELETION_AXIS, deletion),
            _chart(words.INSERTION, words.INSERTION_TIP, words.INSERTION_AXIS, insertion),
        ],
        "here": curves_sentence(curves),
    }


def _chart(name: str, tip: str, axis: str, curves: tuple[Curve, Curve]) -> dict[str, str]:
    own, random = curves
    return {
        "axis": axis,
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
        alike = f"{stage.similarity.spearman:.2f}"
        number = words.NO_HEAT_LEFT if stage.heatmap.empty else alike
        alt = words.stage_alt(stage.layers)
        figures.append(_thumb(found, stage.heatmap, alt, str(stage.layers), number))
    return {"figures": figures, "here": stages_sentence(found.stages)}


def _thumb(
    found: Examination, heatmap: Heatmap, alt: str, caption: str, number: str
) -> dict[str, Any]:
    picture = heat_picture(found.seen, heatmap, THUMB_SIDE_PX)
    return {"picture": picture, "alt": alt, "caption": caption, "number": number}
