"""A robustness study as HTML: verdict, matrix, curves and film. Pure functions."""

from collections.abc import Callable, Sequence
from html import escape

from ferstudio.occlusion.kinds import kind
from ferstudio.occlusion.occluder import Occluded
from ferstudio.sentences.robustness import (
    extent,
    hardest_occluder,
    robustness_verdict,
    spoken_name,
)
from ferstudio.studio.robustness import Robustness
from ferstudio.studio.sweep import Cell, Sweep
from ferstudio.types import FaceCrop
from ferstudio.ui.parts.bars import percent
from ferstudio.ui.parts.data_uri import data_uri
from ferstudio.ui.tabs.compare.cards import cover_noun
from ferstudio.ui.tabs.robustness import words
from ferstudio.ui.tabs.robustness.figures import COLOURS, curves, places

FILM_SIDE_PX = 200


def study(
    found: Robustness,
    titles: Sequence[str],
    chosen: str,
    amount: float,
    film: Callable[[str], Sequence[Occluded]],
) -> str:
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
    said = robustness_verdict(found, chosen, amount)
    tip = escape(words.CELL_NOTE_TIP)
    head = (
        f'<header class="verdict"><h1>{escape(said.lead)} <em>{escape(said.outcome)}</em></h1>'
        f'<p class="aside" title="{tip}">{words.CELL_NOTE}</p></header>'
    )
    busy = str(not found.done).lower()
    return (
        f'<section class="robust" aria-busy="{busy}">{head}{_progress(found)}'
        f"{_matrix(found, titles, chosen, amount)}{_below(found, chosen, film)}</section>"
    )


def _progress(found: Robustness) -> str:
    if found.done:
        return ""
    return (
        f'<div class="doing"><i class="meter"><i style="width:{100 * found.share_done:.0f}%"></i>'
        f"</i><span>{escape(found.doing)}</span></div>"
    )


def _matrix(found: Robustness, titles: Sequence[str], chosen: str, amount: float) -> str:
    names = found.plan.occluders
    heads = "".join(
        f'<th{" class=chosen" if name == chosen else ""} title="{escape(kind(name).summary)}">'
        f"{escape(kind(name).title)}</th>"
        for name in names
    )
    rows = ""
    for index, (title, cells) in enumerate(zip(titles, found.matrix(amount), strict=True)):
        body = "".join(_cell(title, name, cell) for name, cell in zip(names, cells, strict=True))
        rows += f'<tr><th scope="row">{_dot(index)}{escape(title)}</th>{body}</tr>'
    return (
        f'<div class="scroll"><table class="matrix"><thead><tr><td></td>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _cell(title: str, name: str, cell: Cell | None) -> str:
    if cell is None:
        return '<td><i class="empty"></i></td>'
    share = percent(cell.probability)
    tip = words.cell_tip(title, kind(name).title, cell.target, share, cell.answer)
    state = "flipped" if cell.flipped else "held"
    answer = f"<small>{escape(cell.answer[:3])}</small>" if cell.flipped else ""
    return (
        f'<td><button type="button" class="{state}" style="--p:{100 * cell.probability:.0f}%" '
        f'data-occluder="{escape(name)}" data-amount="{cell.amount:g}" title="{escape(tip)}">'
        f"{100 * cell.probability:.0f}{answer}</button></td>"
    )


def _below(found: Robustness, chosen: str, film: Callable[[str], Sequence[Occluded]]) -> str:
    sweeps = found.under(chosen)
    if not sweeps:
        return ""
    legend = "".join(_legend(sweep, sweeps, index) for index, sweep in enumerate(sweeps))
    noun = cover_noun(chosen)
    return (
        f'<div class="below"><article class="card"><h2 title="{escape(words.CURVES_TIP)}">'
        f'{escape(words.curves_heading(noun))}</h2><div class="plot">{curves(sweeps)}'
        f"<ul>{legend}</ul></div></article>"
        f"{_film(found.plan.crop, film(chosen), sweeps[0])}</div>"
    )


def _legend(sweep: Sweep, sweeps: Sequence[Sweep], index: int) -> str:
    held = words.HOLDS if sweep.flip is None else extent(sweep.flip)
    area = f"{100 * sweep.area:.0f}"
    return (
        f'<li title="{escape(words.AREA_TIP)}">{_dot(index)}<b>{escape(spoken_name(sweep, sweeps))}'
        f"</b> {escape(words.flip_words(held, area))}</li>"
    )


def _film(clean: FaceCrop, pictures: Sequence[Occluded], sweep: Sweep) -> str:
    crops = [clean, *(picture.crop for picture in pictures)]
    marks = sweep.covered if sweep.by_share else sweep.levels
    frames = "".join(
        f'<figure data-x="{x:.1f}"{"" if index == 0 else " hidden"}><img '
        f'src="{data_uri(crop.image, FILM_SIDE_PX)}" alt="{percent(float(mark))}"><figcaption>'
        f"{percent(float(mark))}</figcaption></figure>"
        for index, (crop, mark, x) in enumerate(zip(crops, marks, places(sweep), strict=True))
    )
    return (
        f'<article class="card film"><h2>{words.FILM_HEADING}</h2>{frames}<div class="reel">'
        f'<button type="button" data-play title="{words.PLAY_TIP}" aria-label="{words.PLAY_TIP}">'
        f'{words.PLAY}</button><input type="range" min="0" max="{len(crops) - 1}" value="0" '
        f'aria-label="{words.SCRUB}"></div></article>'
    )


def _dot(index: int) -> str:
    return f'<i class="dot" style="background:var(--model-{index % COLOURS})"></i>'
