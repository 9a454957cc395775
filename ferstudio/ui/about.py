"""What a visitor should know about the studio: limits, bias, privacy, law, licences."""

from markupsafe import Markup

from ferstudio.studio.studio import Studio
from ferstudio.ui.templates import render


def about(studio: Studio) -> Markup:
    """Return the page's account of itself, as HTML; its networks are those of `studio`."""
    return render("about.html", models=studio.models())
