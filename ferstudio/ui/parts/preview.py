"""The big face in the sidebar, under its cover."""

from html import escape
from typing import Any

from ferstudio.errors import UsageError
from ferstudio.occlusion.kinds import kind
from ferstudio.occlusion.occluder import Need
from ferstudio.studio.selection import Cover
from ferstudio.studio.studio import Studio
from ferstudio.ui import words as text
from ferstudio.ui.parts.bars import percent
from ferstudio.ui.parts.data_uri import data_uri
from ferstudio.ui.parts.faces import ChosenFace
from ferstudio.ui.selection import selection_of

FACE_SIDE_PX = 512


class Preview:
    """The big face with the cover on it, quick enough to follow the slider."""

    def __init__(self, studio: Studio) -> None:
        """Cover faces with `studio`."""
        self._studio = studio

    def show(self, face: ChosenFace | None, *choices: Any) -> tuple[str, str]:
        """Return the big face and the label beside the slider, both as HTML."""
        if face is None:
            return "", ""
        selection = selection_of(face, *choices)
        try:
            occluded = self._studio.cover(selection)
        except UsageError:  # nothing painted yet, no model whose heatmap could guide it
            selection = selection.covered_by(Cover())
            occluded = self._studio.cover(selection)
        image = data_uri(occluded.crop.image, FACE_SIDE_PX)
        extent = _extent(selection.cover, occluded.share)
        return (
            f'<img src="{image}" alt="{escape(face.alt)}">',
            f'<output title="{escape(text.SHARE_TIP)}">{extent}</output>',
        )


def _extent(cover: Cover, share: float) -> str:
    """Return how much is covered: a share of the face, or of the picture."""
    needs = None if cover.bare else kind(cover.name).needs
    if needs is Need.PICTURE:
        return text.WHOLE_PICTURE
    if needs is Need.HEAT:
        return text.picture_share(percent(cover.amount))
    return text.covered_share(percent(share))
