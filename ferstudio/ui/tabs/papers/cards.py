"""A paper's view as HTML. Pure functions."""

from textwrap import wrap
from typing import Any

from markupsafe import Markup

from ferstudio.explain.structure import AttentionPlace, Part, network_structure
from ferstudio.models import model_entry
from ferstudio.reported import PAPERS
from ferstudio.ui.tabs.papers import tables, words
from ferstudio.ui.tabs.papers.exhibits import NETWORK, VIEWS, Exhibit
from ferstudio.ui.tabs.papers.facts import Facts
from ferstudio.ui.templates import render

BOX, GAP, HEIGHT, LINE = 100, 16, 58, 40
"""Of the drawing, in its own units: width of a part, what lies between two, height of a part and
of what stands below it."""

LEAST = 0.85
"""A drawing is made smaller to fit, but no smaller than this; from there on it scrolls."""

LETTERS = 16
"""At most so many letters of a name stand in one line of a drawing, where it has several words."""


def paper_view(network: str, facts: Facts) -> Markup:
    """Return the view of the paper whose last network is `network`.

    Args:
        network: its registry name.
        facts: what there is to show.
    """
    view = VIEWS[network]
    entry = model_entry(network)
    return render(
        "papers/view.html",
        words=words,
        network=network,
        reference=entry.paper,
        drawing=drawing(network, facts),
        trained=facts.weights(network) is not None,
        modules=view.modules,
        drawn=[", ".join(each.places) for each in view.exhibits if each.picture == NETWORK],
        exhibits=[_card(each, network, facts) for each in view.exhibits if each.picture != NETWORK],
    )


def drawing(network: str, facts: Facts) -> Markup:
    """Return a network as blocks, its attention below the part it sits in, as SVG."""
    parts = network_structure(network)
    model = facts.weights(network)
    most = max(len(part.attention) for part in parts)
    shown = [_part(part, place) for place, part in enumerate(parts)]
    return render(
        "papers/network.html",
        words=words,
        parts=shown,
        width=len(parts) * (BOX + GAP) - GAP + 2,
        height=HEIGHT + 10 + most * LINE,
        box=BOX,
        gap=GAP,
        box_height=HEIGHT,
        line=LINE,
        least=LEAST,
        model=model.name if model else "",
        title=model_entry(network).title,
    )


def _part(part: Part, place: int) -> dict[str, Any]:
    shape = part.shape[:1] if part.shape[1:] == (1,) else part.shape
    sizes = {2: "{} × {}²", 1: "{}"}.get(len(shape), "")
    return {
        "x": 1 + place * (BOX + GAP),
        "title": part.title,
        "blocks": f"×{part.blocks}" if part.blocks > 1 else "",
        "shape": sizes.format(*shape),
        "attention": [
            {
                "y": HEIGHT + 10 + number * LINE,
                "lines": _lines(each),
                "module": each.modules[0],
                "tip": words.open_tip(each.title, len(each.modules)),
            }
            for number, each in enumerate(part.attention)
        ],
    }


def _lines(attention: AttentionPlace) -> list[str]:
    """Return what attention is called, and how often it is there, in one or two lines."""
    count = len(attention.modules)
    name = f"{attention.title} ×{count}" if count > 1 else attention.title
    return wrap(name, max(LETTERS, -(-len(name) // 2) + 3))[:2]


def _card(exhibit: Exhibit, network: str, facts: Facts) -> dict[str, Any]:
    paper = PAPERS[network]
    printed = paper.tables.get(exhibit.printed)
    picture = facts.pictures.get(exhibit.picture) if exhibit.picture else None
    return {
        "anchor": f"{network}-{exhibit.anchor}",
        "places": ", ".join(exhibit.places),
        "title": exhibit.title,
        "source": "" if printed is None else printed.source,
        "printed": None if printed is None else tables.printed_table(printed),
        "here": exhibit.here(facts) if exhibit.here else picture,
        "wanted": exhibit.shown,
        "wide": bool(exhibit.picture),
        "note": exhibit.note,
    }
