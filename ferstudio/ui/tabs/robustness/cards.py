"""A robustness study as HTML: verdict, matrix, curves and film. Pure functions."""

from collections.abc import Callable, Sequence
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
from ferstudio.studio.robustness import Robustness
from ferstudio.studio.sweep import Cell, Sweep
from ferstudio.types import FaceCrop
from ferstudio.ui.tabs.robustness import words
from ferstudio.ui.tabs.robustness.figures import COLOURS, curves, places
from ferstudio.ui.templates import render

FILM_SIDE_PX = 200


def study(
    found: Robustness,
    titles: Sequence[str],
    chosen: str,
    amount: float,
    film: Callable[[str], Sequence[Occluded]],
) -> Markup:
    """Return all that is known of a study.

    Args:
        found: what is known.
        titles: the models' titles, in the order of the plan.
        chosen: registry name of the occluder whose curves are shown, where the study has it.
        amount: the amount at which the matrix is shown, in [0, 1].
        film: gives the face under each amount of an occluder.
    """
    names = found.plan.occluders
    known = [name for name in names if found.under(name)]
    if chosen not in names:
        chosen = hardest_occluder(found, amount) if known else names[0]
    matrix = found.matrix(amount)
    return render(
        "robustness/study.html",
        words=words,
        colours=COLOURS,
        film_side_px=FILM_SIDE_PX,
        found=found,
        said=robustness_verdict(found, chosen, amount),
        heads=[_head(name, name == chosen) for name in names],
        rows=[
            (title, [_cell(title, name, cell) for name, cell in zip(names, cells, strict=True)])
            for title, cells in zip(titles, matrix, strict=True)
        ],
        below=_below(found, chosen, film),
    )


def _head(name: str, chosen: bool) -> dict[str, Any]:
    return {"title": kind(name).title, "tip": kind(name).summary, "chosen": chosen}


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
