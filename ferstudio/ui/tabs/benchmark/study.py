"""A study's `study.json` on the page: a table of networks by covers, and who differs from whom."""

from collections.abc import Iterable

from markupsafe import Markup

from ferstudio.occlusion.kinds import kind, list_kinds
from ferstudio.study.findings import Findings, PairRow, StudyRow
from ferstudio.ui.tabs.benchmark import words
from ferstudio.ui.templates import render

MOST_BYTES = 16 * 2**20
"""Of a study's file that is opened."""

SURE = 0.05
"""Two networks differ where `PairRow.p_holm` is below this."""


def study_table(found: Findings) -> Markup:
    """Return what a study found under all of each cover, as HTML.

    Accuracies where faces have labels, else the shares of faces whose answer changed.
    """
    labelled = bool(found.labelled)
    titles = {model.name: model.title for model in found.models}
    tested = {each.model: each for each in found.maps}
    rows = [
        {
            "model": name,
            "title": title,
            "cells": [_cell(row, labelled) for row in _whole(found, name, labelled)],
            "maps": words.maps(tested[name].win_share, tested[name].n),
        }
        for name, title in titles.items()
    ]
    first = [(words.NETWORK, "")] + ([(words.CLEAN_HEAD, words.ACCURACY_TIP)] if labelled else [])
    covers = [(_title(name), words.study_tip(name, labelled)) for name in found.occluders]
    return render(
        "benchmark/study.html",
        words=words,
        said=words.study(found.faces, found.source, labelled),
        heads=[*first, *covers, (words.MAPS, words.MAPS_TIP)],
        rows=rows,
        between=[words.differ(each, titles) for each in _different(found, labelled)],
    )


def _whole(found: Findings, model: str, labelled: bool) -> Iterable[StudyRow]:
    """Return a model's rows under all of each cover, the clean face's first where it counts."""
    return (
        row
        for row in found.rows
        if row.model == model and (row.amount == 1 or (labelled and row.amount == 0))
    )


def _cell(row: StudyRow, labelled: bool) -> dict[str, float]:
    share, ci95 = (row.accuracy or 0.0, row.ci95) if labelled else (row.flip_share, row.flip_ci95)
    return {"share": share, "low": ci95[0], "high": ci95[1]}


def _different(found: Findings, labelled: bool) -> Iterable[PairRow]:
    """Return the tests between networks that tell them apart, at amount 0 and 1."""
    of = "right" if labelled else "held"
    return (
        row for row in found.between if row.of == of and row.amount in {0, 1} and row.p_holm < SURE
    )


def _title(name: str) -> str:
    return kind(name).title if name in list_kinds() else name
