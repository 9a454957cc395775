"""The studio as a script asks it: pictures of any kind in, plain values out."""

import io
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ferstudio.api.answers import Answers
from ferstudio.errors import ImageError, UsageError
from ferstudio.occlusion.occluder import list_occluders
from ferstudio.plots.frame import write_picture
from ferstudio.plots.sweep import matrix_plot, sweep_plot
from ferstudio.report.sweep import SweepReport, SweepRow
from ferstudio.studio import studio as facade
from ferstudio.studio.robustness import Robustness, RobustnessPlan, even_amounts
from ferstudio.studio.selection import NONE, Cover, Selection
from ferstudio.types import FaceCrop

ALL = "all"

Source = str | os.PathLike[str] | bytes | NDArray[np.uint8] | Image.Image
"""A picture: a file's path or content, an (H, W, 3) or (H, W) uint8 array, or Pillow's."""


@dataclass(frozen=True, slots=True, eq=False)
class Photograph:
    """A picture that was opened.

    Attributes:
        image: (H, W, 3) uint8 RGB.
        faces: its faces in the training images' framing, the largest first; () where none was
            found.
        note: what a person should know about the search, in whole sentences; "" for nothing.
    """

    image: NDArray[np.uint8]
    faces: tuple[FaceCrop, ...]
    note: str


class Study:
    """How models bear more and more of some covers."""

    def __init__(self, found: Robustness, studio: facade.Studio) -> None:
        """Take over what the studio found."""
        self._found = found
        self._studio = studio

    @property
    def rows(self) -> tuple[SweepRow, ...]:
        """One row per model and cover: its curve, and where it changes its mind."""
        return tuple(SweepReport("", "", self._found, ()).rows())

    def to_json(self) -> list[dict[str, Any]]:
        """Return the rows as JSON values."""
        rows = [asdict(row) for row in self.rows]
        return [{key: value for key, value in row.items() if key != "image"} for row in rows]

    def plot(self, file: str | Path, cover: str | None = None) -> Path:
        """Draw all models' curves under one cover, or without one the matrix; return the file.

        Args:
            file: ends in .png.
            cover: name of one of the covers.

        Raises:
            UsageError: if there is no such cover, or the file can't be written.
        """
        names = self._found.plan.occluders
        if cover is None:
            return write_picture(matrix_plot(self._found), Path(file))
        if cover not in names:
            raise UsageError(f"{cover!r} was not studied, but {', '.join(names)}.")
        film = self._studio.film(self._found.plan, cover)
        return write_picture(sweep_plot(self._found, cover, film), Path(file))


class Studio(facade.Studio):
    """Faces, covers, networks and explanations behind one door; see `ferstudio.studio.studio`."""

    def open(self, source: Source) -> Photograph:
        """Return a picture and the faces in it.

        Raises:
            ImageError: if it is no picture, or an address instead of one.
        """
        search = self.find_faces_in(_content(source))
        crops = tuple(self.crop(search.image, face) for face in search.faces)
        return Photograph(search.image, crops, search.note)

    def ask(
        self,
        face: FaceCrop,
        models: str | Iterable[str] = ALL,
        cover: Cover | str | None = None,
        *,
        explainer: str = "grad-cam",
        target: str = "",
    ) -> Answers:
        """Return what models say about a face, clean and covered, and where they look.

        Args:
            face: one of a photograph's faces, or a sample.
            models: names of weights, a single one, or "all".
            cover: what lies over the face, or its name; None for nothing.
            explainer: registry name of the heatmap method, or "none".
            target: the emotion that heatmaps explain; "" for each model's own answer to the clean
                face.

        Raises:
            UnknownNameError: if a model, the cover or the explainer doesn't exist, or a model
                doesn't know the target.
            UsageError: if `face` is none, or no model is named.
        """
        _check_face(face)
        asked = Selection(
            crop=face,
            cover=_cover(cover),
            models=self._names(models),
            explainer=explainer,
            target=target,
        )
        found = self.compare(asked)
        if target:
            rows = tuple(self.explain_row(row, found.selection, target) for row in found.rows)
            found = replace(found, rows=rows)
        return Answers(found)

    def study(
        self,
        face: FaceCrop,
        models: str | Iterable[str] = ALL,
        covers: str | Iterable[str] = ALL,
        *,
        steps: int = 8,
        seed: int = 7,
    ) -> Study:
        """Return how models bear more and more of some covers.

        Args:
            face: one of a photograph's faces, or a sample.
            models: names of weights, a single one, or "all".
            covers: names of covers, a single one, or "all".
            steps: so many amounts of each, evenly up to 1.
            seed: of everything random in them.

        Raises:
            UnknownNameError: if a model or a cover doesn't exist.
            UsageError: if `face` is none, or no model or cover is named.
        """
        _check_face(face)
        names = tuple(list_occluders()) if covers == ALL else _listed(covers, "cover")
        selection = Selection(face, Cover(seed=seed), self._names(models))
        *_, found = self.robustness(RobustnessPlan(selection, names, even_amounts(steps)))
        return Study(found, self)

    def _names(self, models: str | Iterable[str]) -> tuple[str, ...]:
        if isinstance(models, str) and models == ALL:
            return tuple(model.name for model in self.models())
        return _listed(models, "model")


def _listed(names: str | Iterable[str], what: str) -> tuple[str, ...]:
    """Return names as a tuple; a single one is one name, not a row of letters."""
    listed = (names,) if isinstance(names, str) else tuple(names)
    wrong = [name for name in listed if not isinstance(name, str)]
    if wrong or not listed:
        given = type(wrong[0]).__name__ if wrong else "none"
        raise UsageError(f"Name each {what} by a text, or give a list of such texts, not {given}.")
    return listed


def _cover(cover: Cover | str | None) -> Cover:
    if cover is None:
        return Cover(NONE, 0.0)
    if isinstance(cover, str):
        return Cover(cover)
    if not isinstance(cover, Cover):
        raise UsageError(f"A cover is a Cover, the name of one, or None, not {_kind(cover)}.")
    return cover


def _check_face(face: object) -> None:
    if not isinstance(face, FaceCrop):
        raise UsageError(
            f"A face is one of studio.open(...).faces or studio.sample(...), not {_kind(face)}."
        )


def _content(source: Source) -> str | os.PathLike[str] | bytes:
    """Return what the reader of files takes: a path or a file's content."""
    if isinstance(source, str) and "://" in source:
        raise ImageError(f"{source} is an address; nothing is fetched, so give the file itself.")
    if isinstance(source, np.ndarray):
        whole = source.ndim == 2 or (source.ndim == 3 and source.shape[2] in {3, 4})
        if source.dtype != np.uint8 or not whole or not source.size:
            raise ImageError(
                f"A picture's array is uint8 of shape (H, W, 3) or (H, W), not {_kind(source)}."
            )
        source = Image.fromarray(source)
    if isinstance(source, Image.Image):
        stream = io.BytesIO()
        source.save(stream, "PNG")
        return stream.getvalue()
    if not isinstance(source, str | os.PathLike | bytes):
        raise ImageError(
            f"A picture is a path, a file's content, an array or Pillow's, not {_kind(source)}."
        )
    return source


def _kind(value: object) -> str:
    """Return what a value is, for a sentence."""
    if isinstance(value, np.ndarray):
        return f"an array of {value.dtype} of shape {value.shape}"
    return f"a {type(value).__name__}"
