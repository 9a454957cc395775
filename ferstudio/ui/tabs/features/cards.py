"""What stands beside the maps of the Feature space tab, as HTML. Pure functions."""

from collections.abc import Sequence

from markupsafe import Markup

from ferstudio.sentences import face
from ferstudio.sentences.features import far_sentence, feature_verdict
from ferstudio.studio.feature_space import FeatureSpace
from ferstudio.studio.selection import Selection
from ferstudio.ui import words as shared
from ferstudio.ui.parts.face_note import face_note
from ferstudio.ui.tabs.features import words
from ferstudio.ui.templates import render


def headline(spaces: Sequence[FeatureSpace], selection: Selection) -> Markup:
    """Return the sentence above the maps of a selection's face, "" where there are none."""
    if not spaces:
        return Markup()
    return render(
        "features/headline.html",
        words=words,
        shared=shared,
        said=face.headline(feature_verdict(list(spaces)), selection.crop),
        face=face_note(selection),
    )


def notes(space: FeatureSpace, *, shows_face: bool = True) -> Markup:
    """Return a map's numbers, and whether the face, where there is one, is far from all of it."""
    numbers = (
        (f"{space.silhouette:.2f}", words.SILHOUETTE, words.SILHOUETTE_TIP),
        (f"{space.purity:.2f}", words.PURITY, words.PURITY_TIP),
        ("", words.faces(len(space.places)), words.FACES_TIP),
    )
    far = far_sentence(space) if shows_face else ""
    return render("features/notes.html", numbers=numbers, far=far)
