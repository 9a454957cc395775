"""What the page says when something can't be done, in words and as HTML."""

import logging
import re

from markupsafe import Markup

from ferstudio.errors import FerStudioError
from ferstudio.ui import words
from ferstudio.ui.templates import render
from ferstudio.ui.uploads import given_names

_log = logging.getLogger(__name__)

_ABSOLUTE = re.compile(r"(?<![\w.:/\\])(?:/|[A-Za-z]:[/\\])[^\s'\"]+")


def friendly(error: Exception) -> str:
    """Return one sentence for a person; anything but a `FerStudioError` is logged as a defect."""
    if isinstance(error, FerStudioError):
        return public(str(error))
    _log.error("the page met a defect", exc_info=error)
    return words.UNEXPECTED


def public(sentence: str) -> str:
    """Return a sentence as visitors may read it.

    Files that they brought have the names that they gave them, and of paths of this machine the
    last two parts are left: how it is laid out is nobody's business.
    """
    named = given_names(sentence)
    return _ABSOLUTE.sub(lambda path: "/".join(re.split(r"[/\\]", path[0])[-2:]), named)


def message(sentence: str) -> Markup:
    """Return a sentence in the place of a tab's answer, as HTML."""
    return render("message.html", sentence=sentence)


def warning(sentence: str) -> Markup:
    """Return a sentence in the sidebar that has to be seen, as HTML."""
    return render("warning.html", sentence=sentence)
