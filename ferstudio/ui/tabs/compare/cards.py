"""A comparison as HTML: the verdict, its legend and one card per model. Pure functions."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from ferstudio.explain.attention_maps import main_map
from ferstudio.explain.overlay import colour_bar, draw_overlay, shared_scale
from ferstudio.labels import EMOTION_COLOURS
from ferstudio.sentences.attention import EVEN_CONTRAST, attention_summary
from ferstudio.sentences.compare import heat_place, heat_sentence, no_map_sentences, verdict
from ferstudio.sentences.sentence import cover_noun, short_percent
from ferstudio.studio.results import Comparison, ModelComparison, View
from ferstudio.types import FaceCrop
from ferstudio.ui import words as shared
from ferstudio.ui.parts.bars import paired_bars
from ferstudio.ui.parts.face_note import FaceNote, face_note
from ferstudio.ui.parts.figures import guidance_pictures, limits, plate
from ferstudio.ui.tabs.compare import words
from ferstudio.ui.templates import render
from ferstudio.ui.words import CLEAN, COVERED

FACE_SIDE_PX = 224
"""Side of the faces in a card, more than is shown, so that they stay sharp when enlarged."""

ATTENTION_SIDE_PX = 160
"""Side of the small attention map at the end of a row."""

ROOMY_ROWS = 3
"""Up to so many cards are drawn larger; more than that fill a projector's height as they are."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Which places all cards have, whether or not a network has something to put there."""

    leakage: bool = False
    attention: bool = False


@dataclass(frozen=True, slots=True)
class SeenFace:
    """A face as a model saw it.

    Attributes:
        seen: (S, S, 3) uint8 RGB.
        heat: the same with its heat; None without a map.
        alt: the alternative text.
        when: "clean" or "covered".
    """

    seen: NDArray[np.uint8]
    heat: NDArray[np.uint8] | None
    alt: str
    when: str


def results(comparison: Comparison, one_scale: bool) -> Markup:
    """Return the whole answer of the Compare tab.

    Args:
        comparison: what the studio found.
        one_scale: whether the two maps of a row share one colour scale.
    """
    selection = comparison.selection
    covered, face = not selection.cover.bare, face_note(selection)
    heat = any(row.clean.heatmap is not None for row in comparison.rows)
    noun = cover_noun(selection.cover.name) if covered else ""
    roomy = len(comparison.rows) <= ROOMY_ROWS
    attention = any(row.clean.attention for row in comparison.rows)
    kinds = "results" + " with-cover" * covered + " with-heat" * heat + " roomy" * roomy
    kinds += " with-attention" * attention
    columns = Columns(covered and heat, attention)
    heads = [CLEAN, *[COVERED] * covered, *[words.LEAKAGE_COLUMN] * columns.leakage]
    return render(
        "compare/results.html",
        words=words,
        kinds=kinds,
        shared=shared,
        said=verdict(comparison),
        face=face,
        no_maps=no_map_sentences(comparison.rows),
        heat=heat,
        colour_bar=colour_bar(96, 8),
        covered=covered,
        answer_head=words.ANSWER_COLUMN if covered else words.SHORT_ANSWER_COLUMN,
        picture_heads=[*heads, *[words.ATTENTION_COLUMN] * attention],
        cards=[
            card(row, noun, one_scale, columns, face=face, crop=selection.crop)
            for row in comparison.rows
        ],
    )


def card(
    row: ModelComparison,
    noun: str,
    one_scale: bool,
    columns: Columns = Columns(),
    *,
    face: FaceNote | None = None,
    crop: FaceCrop | None = None,
) -> Markup:
    """Return one model's card.

    Args:
        row: the model's answers.
        noun: name of the cover, "" where there is none.
        one_scale: whether the two maps share one colour scale.
        columns: the places beside the faces.
        face: what is known of the face.
        crop: the clean face, by whose landmarks the alternative texts tell where heat lies.
    """
    covered = row.covered if noun else None
    after = None if covered is None else covered.prediction
    return render(
        "compare/card.html",
        words=words,
        shared=shared,
        colours=EMOTION_COLOURS,
        side_px=FACE_SIDE_PX,
        row=row,
        face=face,
        noun=noun,
        whys=_whys(row) if noun else (),
        heat_kept=heat_sentence(row) if noun else "",
        columns=columns,
        covered=covered,
        state="" if covered is None else " flipped" if row.flipped else " held",
        tips=_tips(row, one_scale),
        bars=paired_bars(row.title, row.clean.prediction, after),
        faces=_faces(row, covered, one_scale, crop),
        guidance_pictures=guidance_pictures(row.guidance) if row.guidance else (),
        attention=own_attention(row.title, row.covered) if columns.attention else "",
    )


def own_attention(title: str, view: View) -> Markup:
    """Return what a network's own attention did, small enough for the end of a row."""
    main = main_map(view.attention)
    if main is None:
        sentence, tip = attention_summary(view.attention), words.OWN_ATTENTION_TIP
        return render(
            "compare/own_attention.html",
            plate=None,
            sentence=sentence or words.NO_OWN_ATTENTION,
            tip=tip,
        )
    return render(
        "compare/own_attention.html",
        shared=shared,
        plate=plate(view.seen, main, title, ATTENTION_SIDE_PX),
        nearly_even=main.contrast < EVEN_CONTRAST,
        tip=words.own_attention_tip(main.block.place, limits(*main.heatmap.raw_range)),
    )


def _whys(row: ModelComparison) -> list[dict[str, Any]]:
    """Return the emotions that a row's maps can explain; () where there is but one."""
    if row.clean.heatmap is None or not row.flipped:
        return []
    answers = {"clean": row.clean.prediction.top, "covered": row.covered.prediction.top}
    return [
        {"which": which, "title": words.why(emotion), "shown": emotion == row.explained}
        for which, emotion in answers.items()
    ]


def _tips(row: ModelComparison, one_scale: bool) -> dict[str, str]:
    clean, covered = row.clean.prediction, row.covered.prediction
    return {
        "clean": shared.answer_tip(CLEAN.lower(), clean.top, short_percent(clean.confidence)),
        "covered": shared.answer_tip(
            COVERED.lower(), covered.top, short_percent(covered.confidence)
        ),
        "heat": words.heat_tip(row.explained, one_scale),
    }


def _faces(
    row: ModelComparison, covered: View | None, one_scale: bool, crop: FaceCrop | None
) -> list[SeenFace]:
    views = [view for view in (row.clean, covered) if view is not None]
    maps = [view.heatmap for view in views if view.heatmap is not None]
    faces = []
    for view, when in zip(views, (CLEAN.lower(), COVERED.lower()), strict=False):
        heat = None
        if view.heatmap is not None:
            scale_max = shared_scale(maps if one_scale else [view.heatmap])
            heat = draw_overlay(view.seen, view.heatmap, scale_max)
        where = heat_place(view.heatmap, crop) if view.heatmap is not None and crop else ""
        alt = shared.seen_alt(row.title, when, heat is not None, where)
        faces.append(SeenFace(view.seen, heat, alt, when))
    return faces
