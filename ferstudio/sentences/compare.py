"""The sentence above a comparison: what happened, in words a class can read aloud."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from ferstudio.explain.explainer import Heatmap
from ferstudio.explain.face_parts import region_shares
from ferstudio.occlusion.kinds import kind
from ferstudio.occlusion.occluder import Need
from ferstudio.sentences.attention import favours
from ferstudio.sentences.explain import no_map_sentence
from ferstudio.sentences.face import NO_FACE, labelled
from ferstudio.sentences.sentence import Verdict, everyone, joined, percent
from ferstudio.studio.results import Comparison, ModelComparison, NoMap
from ferstudio.types import FaceCrop


def verdict(comparison: Comparison) -> Verdict:
    """Return the sentence for a comparison of at least one model.

    With an occluder it counts the models that changed their mind; without one it says what they
    answer. Where there is no face to judge, it says that.
    """
    if not comparison.selection.crop.shows_face:
        return NO_FACE
    if comparison.selection.cover.bare:
        lead = labelled(comparison.selection) or "On the uncovered face:"
        return Verdict(lead, _answers(comparison))
    return Verdict(_covering(comparison), _changes(comparison))


def heat_sentence(row: ModelComparison) -> str:
    """Return how much heat a cover left of a map: "6 % of the clean heat"; "" without maps."""
    clean, covered = row.clean.heatmap, row.covered.heatmap
    if clean is None or covered is None:
        return ""
    if clean.empty:
        return "both maps are empty" if covered.empty else "the clean map is empty"
    if covered.empty or row.heat_kept is None:
        return "no heat is left"
    return f"heat: {percent(row.heat_kept)} of clean"


def heat_place(heatmap: Heatmap, crop: FaceCrop) -> str:
    """Return where the heat of a map lies: "its heat favours the mouth (...)"."""
    if heatmap.empty:
        return "the map is empty"
    points, size_px = crop.landmarks_xy_px, heatmap.values.shape[0]
    small = None if points is None else points * np.float32(size_px / crop.size)
    return f"its heat {favours(region_shares(heatmap, small, size_px))}"


def no_map_sentences(rows: Sequence[ModelComparison]) -> list[str]:
    """Return why some rows have no heatmap though one was asked for, and what to choose instead."""
    named: dict[NoMap, list[str]] = {}
    for row in rows:
        if row.no_map is not None:
            named.setdefault(row.no_map, []).append(row.title)
    return [no_map_sentence(joined(titles), why) for why, titles in named.items()]


def _covering(comparison: Comparison) -> str:
    thing = kind(comparison.selection.cover.name)
    if thing.needs is Need.PICTURE:
        return f"{thing.noun}, at {percent(comparison.selection.cover.amount)}:"
    if thing.needs is Need.HEAT:
        return f"{thing.noun}, {percent(comparison.selection.cover.amount)} of the picture:"
    verb = "hide" if thing.plural else "hides"
    return f"{thing.noun} {verb} {percent(comparison.share)} of the face:"


def _changes(comparison: Comparison) -> str:
    flips, count = comparison.flips, len(comparison.rows)
    if flips == 0:
        return f"{everyone(count)} kept {_their(count)} answer."
    if flips == count:
        return f"{everyone(count)} changed {_their(count)} mind."
    return f"{flips} of {count} models changed {_their(flips)} mind."


def _answers(comparison: Comparison) -> str:
    tops = Counter(row.clean.prediction.top for row in comparison.rows)
    count = len(comparison.rows)
    (label, votes), *others = tops.most_common()
    if not others:
        return f"{everyone(count)} {'says' if count == 1 else 'say'} {label}."
    if votes > others[0][1]:
        return f"{votes} of {count} models say {label}."
    return f"the {count} models give {len(tops)} different answers."


def _their(count: int) -> str:
    return "its" if count == 1 else "their"
