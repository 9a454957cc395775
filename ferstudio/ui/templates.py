"""The page's HTML: Jinja2 templates in `templates/`, everything escaped that isn't HTML already.

Line breaks of a template mean nothing beside a tag or a brace, and one space inside of words and
tags, so that a template can be laid out for its reader.
"""

import re
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.ext import Extension
from markupsafe import Markup

from ferstudio.sentences.sentence import short_percent
from ferstudio.ui.parts.data_uri import data_uri

_BESIDE_A_TAG = re.compile(r"(?<=[>}])\s*\n\s*|\s*\n\s*(?=[<{])")
_BREAK = re.compile(r"\s*\n\s*")
_PER_CENT = re.compile(r"(?<=\d) (?=%)")


def render(name: str, /, **values: Any) -> Markup:
    """Return the HTML of one template.

    Args:
        name: its file, from `templates/` on.
        values: what it shows; a missing one is an error.
    """
    html = _environment().get_template(name).render(values)
    return Markup(html.strip())  # noqa: S704  autoescaped


def in_percent(share: float, digits: int = 0) -> str:
    """Return a share in [0, 1] times a hundred, for a style or a number without its sign."""
    return f"{100 * share:.{digits}f}"


def _unbroken(value: object) -> object:
    """Return what a template shows, no line of it breaking between a number and its per cent."""
    if not isinstance(value, str):
        return value
    text = _PER_CENT.sub("\N{NO-BREAK SPACE}", value)
    return Markup(text) if isinstance(value, Markup) else text  # noqa: S704  as safe as before


class _Laid(Extension):
    """Takes the line breaks out of a template's source."""

    def preprocess(
        self,
        source: str,
        name: str | None,  # noqa: ARG002  Jinja2's signature
        filename: str | None = None,  # noqa: ARG002
    ) -> str:
        """Return the source in one line."""
        return _BREAK.sub(" ", _BESIDE_A_TAG.sub("", source))


@cache
def _environment() -> Environment:
    found = Environment(
        loader=PackageLoader("ferstudio.ui"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_unbroken,
        extensions=[_Laid],
    )
    found.filters |= {
        "short_percent": short_percent,
        "in_percent": in_percent,
        "data_uri": data_uri,
    }
    return found
