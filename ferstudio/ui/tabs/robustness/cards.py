"""A robustness study as HTML: verdict, matrix, curves and film. Pure functions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from ferstudio.occlusion.kinds import kind
from ferstudio.occlusion.occluder import Occluded
from ferstudio.sentences.robustness import (
    extent,
    hardest_occluder,
    robustness_verdict,
    spoken_name,
)
from ferstudio.sentences.sentence import cover_noun, short_percent
from ferstudio.studio.robustness import Robustness, RobustnessPlan
from ferstudio.studio.sweep import Cell, Sweep
from ferstudio.types import FaceCrop
from ferstudio.ui import words as shared
from ferstudio.ui.parts.amounts import amount_group
from ferstudio.ui.parts.face_note import FaceNote
from ferstudio.ui.tabs.robustness import words
from ferstudio.ui.tabs.robustness.figures import COLOURS, curves, places
from ferstudio.ui.templates import render

FILM_SIDE_PX = 200


@dataclass(frozen=True, slots=True)
class Shown:
    """What of a study is shown.

    Attributes:
        amounts: how much of each cover the matrix shows, in [0, 1], by the cover's name.
        chosen: the cover whose curves are shown; "" for the one that breaks most.
        among: the covers of the study that were asked for, without the one of the sidebar.
        face: what is known of the face.
    """

    amounts: Mapping[str, float]
    chosen: str
    among: tuple[str, ...]
    face: FaceNote


def study(
    found: Robustness,
    titles: Sequence[str],
    shown: Shown,
    film: Callable[[str], Sequence[Occluded]],
) -> Markup:
    """Return all that is known of a study.

    Args:
        found: what is known.
        titles: the models' titles, in the order of the plan.
        shown: what of it is shown.
        film: gives the face under each amount of an occluder.
    """
    names, amounts, among = found.plan.occluders, shown.amounts, shown.among
    chosen = shown.chosen
    if chosen not in names:
        known = any(found.under(name) for name in names)
        chosen = hardest_occluder(found, amounts, among=among) if known else names[0]
    matrix = found.matrix(amounts)
    return render(
        "robustness/study.html",
        words=words,
        shared=shared,
        colours=COLOURS,
        film_side_px=FILM_SIDE_PX,
        found=found,
        face=shown.face,
        said=robustness_verdict(found, chosen, amounts, among=among),
        nothing_known=not any(map(found.under, names)),
        note=words.cell_note(_amounts(found.plan, amounts)),
        heads=[_head(name, name == chosen) for name in names],
        rows=[
            (title, [_cell(title, name, cell) for name, cell in zip(names, cells, strict=True)])
            for title, cells in zip(titles, matrix, strict=True)
        ],
        below=_below(found, chosen, film),
    )


def _amounts(plan: RobustnessPlan, amounts: Mapping[str, float]) -> list[str]:
    """Return how much of the covers is shown, in words: once for all to which it means the same."""
    levels = (0.0, *plan.amounts)
    told = {}
    for name in plan.occluders:
        tried = min(levels, key=lambda level: abs(level - amounts[name]))
        told[amount_group(name)] = short_percent(tried)
    return [words.amount_of(group, share) for group, share in told.items()]


def _head(name: str, chosen: bool) -> dict[str, Any]:
    tip = f"{kind(name).summary} {words.COLUMN_TIP}"
    return {"name": name, "title": kind(name).title, "tip": tip, "chosen": chosen}


def _cell(title: str, name: str, cell: Cell | None) -> dict[str, Any] | None:
    if cell is None:
        return None
    share = short_percent(cell.probability)
    return {
        "occluder": name,
        "amount": cell.amount,
        "probability": cell.probability,
        "flipped": cell.flipped,
        "answer": cell.answer,
        "tip": words.cell_tip(title, kind(name).title, cell.target, share, cell.answer),
    }


def _below(
    found: Robustness, chosen: str, film: Callable[[str], Sequence[Occluded]]
) -> dict[str, Any] | None:
    """Return curves and film of one cover; None while no model's curve is known."""
    sweeps = found.under(chosen)
    if not sweeps:
        return None
    return {
        "heading": words.curves_heading(cover_noun(chosen)),
        "chart": curves(sweeps),
        "legend": [(spoken_name(sweep, sweeps), _flip(sweep)) for sweep in sweeps],
        "film": _film(found.plan.crop, film(chosen), sweeps[0]),
    }


def _flip(sweep: Sweep) -> str:
    held = words.HOLDS if sweep.flip is None else extent(sweep.flip)
    return words.flip_words(held, f"{100 * sweep.area:.0f}")


def _film(clean: FaceCrop, pictures: Sequence[Occluded], sweep: Sweep) -> list[dict[str, Any]]:
    crops = [clean, *(picture.crop for picture in pictures)]
    marks = sweep.covered if sweep.by_share else sweep.levels
    return [
        {"image": crop.image, "mark": float(mark), "x": x}
        for crop, mark, x in zip(crops, marks, places(sweep), strict=True)
    ]
