"""What stands beside the maps of the Feature space tab, as HTML. Pure functions."""

from collections.abc import Sequence

from markupsafe import Markup

from ferstudio.sentences.features import feature_verdict
from ferstudio.studio.feature_space import FeatureSpace
from ferstudio.ui.tabs.features import words
from ferstudio.ui.templates import render


def headline(spaces: Sequence[FeatureSpace]) -> Markup:
    """Return the sentence above the maps, "" where there are none."""
    if not spaces:
        return Markup()
    return render("features/headline.html", words=words, said=feature_verdict(list(spaces)))


def notes(space: FeatureSpace) -> Markup:
    """Return a map's numbers."""
    numbers = (
        (f"{space.silhouette:.2f}", words.SILHOUETTE, words.SILHOUETTE_TIP),
        (f"{space.purity:.2f}", words.PURITY, words.PURITY_TIP),
        ("", words.faces(len(space.places)), words.FACES_TIP),
    )
    return render("features/notes.html", numbers=numbers)
