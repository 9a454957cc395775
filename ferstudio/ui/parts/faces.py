"""How a face gets onto the page: from a sample, a file, the clipboard or the webcam."""

import io
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import gradio as gr
import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray
from PIL import Image

from ferstudio.errors import FerStudioError
from ferstudio.studio.studio import Studio
from ferstudio.types import FaceCrop, Note
from ferstudio.ui import words
from ferstudio.ui.events import told
from ferstudio.ui.messages import friendly, warning
from ferstudio.ui.parts.data_uri import data_uri
from ferstudio.ui.templates import render
from ferstudio.ui.uploads import taken

THUMB_SIDE_PX = 96

KEPT_BYTES = 256_000
"""Of a photograph with several faces, so much is kept of the others to pick from."""


@dataclass(frozen=True, slots=True)
class PackedFace:
    """A crop as it is kept for a visit: its pixels without loss, in a tenth of the place.

    Attributes:
        webp: the picture as a lossless WebP file.
        thumb: the picture as a small `data:` address.
        landmarks_xy_px: as `FaceCrop` has them.
        to_source: as `FaceCrop` has it.
        notes: as `FaceCrop` has them.
    """

    webp: bytes
    thumb: str
    landmarks_xy_px: NDArray[np.float32] | None
    to_source: NDArray[np.float64]
    notes: tuple[Note, ...]

    def unpacked(self) -> FaceCrop:
        """Return the crop, pixel by pixel."""
        pixels = np.asarray(Image.open(io.BytesIO(self.webp)).convert("RGB"), np.uint8)
        return FaceCrop(pixels, self.landmarks_xy_px, self.to_source, self.notes)


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """A visitor's own picture, kept in memory for the visit only.

    Compared by identity: choosing the same face again counts as a change.

    Attributes:
        crop: the aligned face.
        faces: the faces of that picture to pick from, in order; () where there is one or none.
        picked: which of them it is.
        note: what has to be said about how it was found, "" for nothing.
    """

    crop: FaceCrop
    faces: tuple[PackedFace, ...] = ()
    picked: int = 0
    note: str = ""

    @property
    def crops(self) -> tuple[FaceCrop, ...]:
        """All faces of the picture that can be asked about."""
        return tuple(face.unpacked() for face in self.faces) or (self.crop,)


class ForgottenError(FerStudioError):
    """Raised where a visitor asks about a photograph that was forgotten meanwhile."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__(words.FORGOTTEN)


PhotoUpdate = tuple[Any, str, str]
"""The photograph, the chosen sample's name and the HTML below the face."""


class Faces:
    """The sample faces, which all visitors share, and the page's events about photographs."""

    def __init__(self, studio: Studio) -> None:
        """Serve faces from `studio`."""
        self._studio = studio

    @cached_property
    def samples(self) -> dict[str, FaceCrop]:
        """The sample faces by emotion, in menu order."""
        return {emotion: self._studio.sample(emotion) for emotion in self._studio.samples()}

    def crop(self, sample: str, photo: Photo | None) -> FaceCrop:
        """Return the face that is looked at: a sample, or else the photograph's.

        Raises:
            ForgottenError: if the photograph is no longer there (`ferstudio.ui.visits`).
        """
        if sample:
            return self.samples[sample]
        if photo is None:
            raise ForgottenError
        return photo.crop

    def upload(self, path: str | None, now: Photo | None, sample: str) -> PhotoUpdate:
        """Use the largest face of an uploaded file; keep what there is where that fails.

        Of the picture before it nothing is known any more.
        """
        try:
            photo = None if path is None else self._found(path)
        except Exception as error:  # noqa: BLE001  the visitor reads a sentence, no traceback
            return gr.skip(), sample, warning(friendly(error))
        if photo is None:
            return gr.skip(), sample, note(now, sample)
        self.forget(now)
        return photo, "", note(photo, "")

    def pick(self, now: Photo | None, event: gr.EventData) -> Any:
        """Return the photograph with another of its faces picked."""
        index = told(event, "index", str) or ""
        if now is None or not index.isdecimal() or int(index) >= len(now.faces):
            return gr.skip()
        picked = int(index)
        return Photo(now.faces[picked].unpacked(), now.faces, picked, now.note)

    def forget(self, photo: Photo | None) -> None:
        """Have the studio forget all that it found about a visitor's picture."""
        for crop in () if photo is None else photo.crops:
            self._studio.forget(crop)

    def _found(self, path: str) -> Photo:
        with taken(path) as file:
            search = self._studio.find_faces_in(file)
        if not search.faces:
            return Photo(self._studio.crop(search.image, None), note=search.note)
        first, *others = (self._studio.crop(search.image, face) for face in search.faces)
        faces, kept = [packed(first)] if others else [], 0
        for crop in others:
            face = packed(crop)
            kept += len(face.webp)
            if kept > KEPT_BYTES:
                break
            faces.append(face)
        return Photo(first, tuple(faces), note=search.note)


def packed(crop: FaceCrop) -> PackedFace:
    """Return a crop made small, without loss."""
    stream = io.BytesIO()
    Image.fromarray(crop.image).save(stream, "WEBP", lossless=True, quality=50)
    thumb = data_uri(crop.image, THUMB_SIDE_PX)
    points, to_source = crop.landmarks_xy_px, crop.to_source
    return PackedFace(stream.getvalue(), thumb, points, to_source, crop.notes)


def note(photo: Photo | None, sample: str) -> Markup:
    """Return what stands below the face, as HTML: what was found, and other faces to pick.

    What decides how far the answers can be trusted stands there in chips.
    """
    if photo is None or sample:
        return Markup()
    said = warning(photo.note) if photo.note else Markup()
    if photo.crop.shows_face and photo.crop.notes:
        said += render("parts/conditions.html", words=words, notes=photo.crop.notes)
    if len(photo.faces) < 2:
        return said
    thumbs = [face.thumb for face in photo.faces]
    return said + render(
        "parts/numbered_faces.html", words=words, thumbs=thumbs, chosen=photo.picked
    )
