"""What the page says when something can't be done, in words and as HTML."""

import logging

from markupsafe import Markup

from ferstudio.errors import FerStudioError
from ferstudio.ui import words
from ferstudio.ui.templates import render
from ferstudio.ui.uploads import given_names

_log = logging.getLogger(__name__)


def friendly(error: Exception) -> str:
    """Return one sentence for a person; anything but a `FerStudioError` is logged as a defect."""
    if isinstance(error, FerStudioError):
        return given_names(str(error))
    _log.error("the page met a defect", exc_info=error)
    return words.UNEXPECTED


def message(sentence: str) -> Markup:
    """Return a sentence in the place of a tab's answer, as HTML."""
    return render("message.html", sentence=sentence)


def warning(sentence: str) -> Markup:
    """Return a sentence in the sidebar that has to be seen, as HTML."""
    return render("warning.html", sentence=sentence)
