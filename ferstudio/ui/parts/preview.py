"""The big face in the sidebar, under its cover."""

from markupsafe import Markup

from ferstudio.errors import UsageError
from ferstudio.occlusion.kinds import kind
from ferstudio.occlusion.occluder import Need
from ferstudio.sentences.sentence import short_percent
from ferstudio.studio.selection import Cover, Selection
from ferstudio.studio.studio import Studio
from ferstudio.studio.works import Watch, unwatched
from ferstudio.ui import words
from ferstudio.ui.templates import render

FACE_SIDE_PX = 512


def preview(
    studio: Studio, selection: Selection, alt: str, watch: Watch = unwatched
) -> tuple[Markup, Markup]:
    """Return the big face and the label beside the slider, both as HTML.

    Args:
        studio: covers the face.
        selection: the face and its cover.
        alt: the alternative text of the face.
        watch: is told how the work stands, where heat places the cover.
    """
    try:
        occluded = studio.cover(selection, watch=watch)
    except UsageError:  # nothing painted yet, no model whose heatmap could guide it
        selection = selection.covered_by(Cover())
        occluded = studio.cover(selection)
    extent = _extent(selection.cover, occluded.share)
    return (
        render("parts/preview.html", picture=occluded.crop.image, side_px=FACE_SIDE_PX, alt=alt),
        render("parts/extent.html", words=words, extent=extent),
    )


def _extent(cover: Cover, share: float) -> str:
    """Return how much is covered: a share of the face, or of the picture."""
    needs = None if cover.bare else kind(cover.name).needs
    if needs is Need.PICTURE:
        return words.WHOLE_PICTURE
    if needs is Need.HEAT:
        return words.picture_share(short_percent(cover.amount))
    return words.covered_share(short_percent(share))
