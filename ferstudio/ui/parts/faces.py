"""How a face gets onto the page: from a sample, a file, the clipboard or the webcam."""

from dataclasses import dataclass
from html import escape

import gradio as gr

from ferstudio.faces.pictures import read_picture
from ferstudio.studio.studio import Studio
from ferstudio.types import FaceCrop
from ferstudio.ui import words as text
from ferstudio.ui.messages import friendly
from ferstudio.ui.parts.data_uri import data_uri

THUMB_SIDE_PX = 96


@dataclass(frozen=True, slots=True, eq=False)
class ChosenFace:
    """What the visitor is looking at, kept in memory for the visit only.

    Compared by identity: choosing the same face again counts as a change.

    Attributes:
        crop: the aligned face.
        sample: the emotion of the sample face, "" for a picture of the visitor's.
        others: the crops of all faces of that picture, in order.
        note: what has to be said about how it was found, "" for nothing.
    """

    crop: FaceCrop
    sample: str = ""
    others: tuple[FaceCrop, ...] = ()
    note: str = ""

    @property
    def alt(self) -> str:
        """The alternative text of its picture."""
        return text.face_alt(self.sample) if self.sample else text.CURRENT_FACE


FaceUpdate = tuple[ChosenFace | None, str, str]
"""The chosen face, the chosen sample's name and the HTML below the face."""


class FaceHandlers:
    """The page's events about faces; each returns a `FaceUpdate`."""

    def __init__(self, studio: Studio) -> None:
        """Serve faces from `studio`."""
        self._studio = studio

    def sample(self, emotion: str) -> FaceUpdate:
        """Use a sample face."""
        return _shown(ChosenFace(self._studio.sample(emotion), sample=emotion))

    def picture(self, path: str | None, now: ChosenFace | None) -> FaceUpdate:
        """Use the largest face of an uploaded file; keep the face `now` where that fails."""
        if path is None:
            return _shown(now)
        try:
            return _shown(self._found(path))
        except Exception as error:  # noqa: BLE001  the visitor reads a sentence, no traceback
            return now, now.sample if now else "", warning(friendly(error))

    def pick(self, now: ChosenFace | None, event: gr.EventData) -> FaceUpdate:
        """Use another face of the same picture."""
        index = event._data.get("index") if now else None
        if now is None or not isinstance(index, int) or not 0 <= index < len(now.others):
            return _shown(now)
        return _shown(ChosenFace(now.others[index], others=now.others, note=now.note))

    def _found(self, path: str) -> ChosenFace:
        image = read_picture(path)
        search = self._studio.find_faces(image)
        crops = tuple(self._studio.crop(image, face) for face in search.faces)
        if not crops:
            return ChosenFace(self._studio.crop(image, None), note=search.note)
        return ChosenFace(crops[0], others=crops, note=search.note)


def _shown(face: ChosenFace | None) -> FaceUpdate:
    if face is None:
        return None, "", warning(text.NO_FACE_YET)
    return face, face.sample, (warning(face.note) if face.note else "") + _numbered(face)


def warning(words: str) -> str:
    """Return a sentence that has to be seen, as HTML."""
    return f'<p class="note" role="status">{escape(words)}</p>'


def _numbered(face: ChosenFace) -> str:
    if len(face.others) < 2:
        return ""
    thumbs = "".join(
        f'<button type="button" class="thumb" data-index="{index}" title="{name}" '
        f'aria-pressed="{str(crop is face.crop).lower()}">'
        f'<img src="{data_uri(crop.image, THUMB_SIDE_PX)}" alt="{name}"><b>{index + 1}</b></button>'
        for index, crop in enumerate(face.others)
        for name in [escape(text.face_number(index + 1))]
    )
    return (
        f'<div class="choice numbered" role="group" aria-label="{text.FACES_LABEL}">{thumbs}</div>'
    )
