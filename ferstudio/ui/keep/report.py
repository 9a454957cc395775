"""The report: one HTML file about one face, which needs no network and no other file."""

import inspect
import json
import platform
from collections.abc import Sequence
from datetime import date
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from ferstudio import __version__
from ferstudio.errors import UsageError
from ferstudio.explain.explainer import explainer
from ferstudio.explain.overlay import draw_overlay, shared_scale
from ferstudio.keep.recipe import recipe_of
from ferstudio.labels import DISPLAY_ORDER, EMOTION_COLOURS
from ferstudio.occlusion.occluder import Need
from ferstudio.plots.frame import figure_content
from ferstudio.plots.sheet import attention_sheet
from ferstudio.plots.sweep import sweep_figure
from ferstudio.sentences.compare import verdict
from ferstudio.studio.results import Comparison, ModelComparison, View
from ferstudio.studio.robustness import RobustnessPlan
from ferstudio.studio.selection import NONE, Selection
from ferstudio.studio.studio import Studio
from ferstudio.ui import words as shared
from ferstudio.ui.endpoints.pictures import png
from ferstudio.ui.glossary import GLOSSARY
from ferstudio.ui.scripts import static
from ferstudio.ui.templates import render

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TERMS = ("probability", "label", "cover", "amount", "seed", "heat", "cam", "scale")
"""Of the glossary, those that a report explains."""

LIBRARIES = ("torch", "numpy", "gradio", "grad-cam", "mediapipe")


def report(studio: Studio, selection: Selection, day: date, *, study: bool = True) -> str:
    """Return the report on the face of a selection as the content of an HTML file.

    Args:
        studio: is asked.
        selection: the face, its cover and the networks.
        day: the date that stands on it.
        study: whether robustness is studied for it, where the face is covered.

    Raises:
        UsageError: if no model is ticked.
    """
    if not selection.models:
        raise UsageError(shared.NO_MODEL_CHOSEN)
    found = studio.compare(selection)
    recipe = recipe_of(studio, found)
    checksums = {each.name: each.sha256 for each in recipe.models}
    cover = selection.cover
    html = render(
        "keep/report.html",
        css=Markup(static("report.css")),  # noqa: S704  our own
        day=day,
        version=__version__,
        verdict=verdict(found),
        cover=cover,
        face=png(selection.crop.image),
        covered=None if cover.bare or cover.needs is Need.HEAT else png(found.covered.image),
        label=selection.label,
        notes=[note.sentence for note in selection.crop.notes],
        share=found.share,
        method=_method(selection),
        models=[_model(studio, row, found, checksums[row.name]) for row in found.rows],
        attention=_attention(studio, found),
        robustness=_robustness(studio, selection) if study and not cover.bare else None,
        terms=[term for term in GLOSSARY if term.key in TERMS],
        versions=_versions(),
        recipe=_inside_a_script(recipe.content()),
    )
    return f"<!doctype html>\n{html}\n"


def _model(
    studio: Studio, row: ModelComparison, found: Comparison, checksums: Sequence[str]
) -> dict[str, Any]:
    bare = found.selection.cover.bare
    views = {"clean": row.clean} if bare else {"clean": row.clean, "covered": row.covered}
    scale = shared_scale(view.heatmap for view in views.values() if view.heatmap is not None)
    summary = studio.model(row.name)
    return {
        "name": row.name,
        "title": row.title,
        "paper": summary.paper,
        "checksums": checksums,
        "flipped": row.flipped,
        "leakage": row.leakage_share,
        "explained": row.explained,
        "maps": [(face, _drawn(view, scale)) for face, view in views.items() if view.heatmap],
        "no_map": row.no_map,
        "heads": list(views),
        "emotions": [
            {
                "name": name,
                "colour": EMOTION_COLOURS.get(name, "#888888"),
                "values": [view.prediction.probability_of(name) for view in views.values()],
                "tops": [view.prediction.top == name for view in views.values()],
            }
            for name in _ordered(row.clean.prediction.labels)
        ],
    }


def _ordered(labels: Sequence[str]) -> list[str]:
    return sorted(
        labels, key=lambda n: DISPLAY_ORDER.index(n) if n in DISPLAY_ORDER else len(DISPLAY_ORDER)
    )


def _drawn(view: View, scale: float) -> str:
    assert view.heatmap is not None
    return png(draw_overlay(view.seen, view.heatmap, scale))


def _attention(studio: Studio, found: Comparison) -> list[Markup]:
    """Return a sheet of each model that has attention, on the covered face where there is one."""
    faces = [studio.cover(found.selection, row.name).crop for row in found.rows]
    told = [studio.attention(r.name, face) for r, face in zip(found.rows, faces, strict=True)]
    return [
        _svg(attention_sheet(each, face.image))
        for each, face in zip(told, faces, strict=True)
        if each.views
    ]


def _robustness(studio: Studio, selection: Selection) -> Markup:
    """Return the curves of all models under the cover."""
    plan = RobustnessPlan(selection, (selection.cover.name,))
    *_, found = studio.robustness(plan)
    name = found.plan.occluders[0]
    return _svg(sweep_figure(found, name, studio.film(found.plan, name)))


def _svg(figure: "Figure") -> Markup:
    """Return a sheet as an SVG element."""
    text = figure_content(figure, "svg").decode()
    return Markup(text[text.index("<svg") :])  # noqa: S704  matplotlib's own


def _method(selection: Selection) -> dict[str, str] | None:
    """Return the heatmap method's title, what it shows, and its source."""
    if selection.explainer == NONE:
        return None
    method = explainer(selection.explainer)
    paragraphs = (inspect.getdoc(type(method)) or "").split("\n\n")
    source = " ".join(paragraphs[1].split()) if len(paragraphs) > 1 else ""
    return {"title": method.title, "summary": method.summary, "source": source}


def _versions() -> dict[str, str]:
    own = {"ferstudio": __version__, "Python": platform.python_version()}
    return own | {name: version(name) for name in LIBRARIES}


def _inside_a_script(value: dict[str, Any]) -> Markup:
    """Return JSON that can't end the script element in which it stands."""
    return Markup(json.dumps(value).replace("<", "\\u003c"))  # noqa: S704  escaped here
