"""The files that a visitor takes away, made in memory: nothing of them touches the disk."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from ferstudio import __version__
from ferstudio.keep.numbers import csv_text
from ferstudio.keep.recipe import recipe_of
from ferstudio.plots.frame import figure_content, signed
from ferstudio.studio.selection import Selection
from ferstudio.studio.studio import Studio
from ferstudio.ui.keep.keeping import Keeping
from ferstudio.ui.keep.report import report
from ferstudio.ui.parts.data_uri import FIGURE_MEDIA


@dataclass(frozen=True, slots=True)
class KeptFile:
    """One file.

    Attributes:
        name: for the browser's downloads.
        kind: its media type.
        content: all of it.
    """

    name: str
    kind: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Shown:
    """What is in view.

    Attributes:
        studio: is asked again; it remembers.
        title: of the tab.
        selection: the sidebar's choices.
        keeping: gives what the tab shows.
        day: the date that stands on it.
        study: whether a report studies robustness.
    """

    studio: Studio
    title: str
    selection: Selection
    keeping: Callable[[], Keeping]
    day: date
    study: bool = True

    def name(self, ending: str) -> str:
        """Return a name for a file of it."""
        cover = self.selection.cover
        what = "" if cover.bare else f"-{cover.name}-{cover.amount:g}"
        return f"ferstudio-{self.title.split()[0].lower()}{what}-{self.day}.{ending}"

    def signature(self) -> str:
        """Return what stands under a picture: face, cover, seed, models, method, date."""
        asked, cover = self.selection, self.selection.cover
        over = "no cover" if cover.bare else f"{cover.name} {cover.amount:g}, seed {cover.seed}"
        face = f"sample face “{asked.label}”" if asked.label else "a visitor's own face"
        return (
            f"ferstudio {__version__}, {self.title}, {self.day} · {face} · {over} · "
            f"{asked.explainer} · {', '.join(asked.models)}"
        )


def picture_file(shown: Shown, ending: str) -> KeptFile:
    """Return what is shown as a PNG or SVG file, signed."""
    figure = signed(shown.keeping().figure, shown.signature())
    return KeptFile(shown.name(ending), FIGURE_MEDIA[ending], figure_content(figure, ending))


def csv_file(shown: Shown) -> KeptFile:
    """Return the numbers that are shown as a CSV."""
    return KeptFile(shown.name("csv"), "text/csv", csv_text(shown.keeping().rows).encode())


def json_file(shown: Shown) -> KeptFile:
    """Return the numbers that are shown as JSON, with the recipe that repeats the answers."""
    found = shown.studio.compare(shown.selection) if shown.selection.models else None
    told = {
        "tab": shown.title,
        "date": str(shown.day),
        "version": __version__,
        "recipe": None if found is None else recipe_of(shown.studio, found).content(),
        "rows": list(shown.keeping().rows),
    }
    content = json.dumps(told, indent=1, ensure_ascii=False).encode()
    return KeptFile(shown.name("json"), "application/json", content)


def report_file(shown: Shown) -> KeptFile:
    """Return the report on the face, whatever tab is in view."""
    html = report(shown.studio, shown.selection, shown.day, study=shown.study)
    name = shown.name("html").replace(shown.title.split()[0].lower(), "report", 1)
    return KeptFile(name, "text/html", html.encode())


MAKERS: dict[str, Callable[[Shown], KeptFile]] = {
    "png": lambda shown: picture_file(shown, "png"),
    "svg": lambda shown: picture_file(shown, "svg"),
    "csv": csv_file,
    "json": json_file,
    "report": report_file,
}
"""What makes a file of each kind."""
