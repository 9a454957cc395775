"""What the page says when something can't be done."""

import logging

from ferstudio.errors import FerStudioError
from ferstudio.ui import words as text

_log = logging.getLogger(__name__)


def friendly(error: Exception) -> str:
    """Return one sentence for a person; anything but a `FerStudioError` is logged as a defect."""
    if isinstance(error, FerStudioError):
        return str(error)
    _log.error("the page met a defect", exc_info=error)
    return text.UNEXPECTED
