"""A studio without networks, detector or files: quick, and its answers are known."""

import os
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ferstudio.errors import ImageError
from ferstudio.explain.explainer import Heatmap
from ferstudio.faces.pictures import read_picture
from ferstudio.faces.search import FaceSearch
from ferstudio.labels import FERPLUS
from ferstudio.occlusion.occluder import Occluded
from ferstudio.studio.covers import covered
from ferstudio.studio.menus import occluder_menu
from ferstudio.studio.results import (
    Comparison,
    MenuEntry,
    ModelComparison,
    ModelSummary,
    Progress,
    View,
    silent,
)
from ferstudio.studio.selection import Cover, Selection
from ferstudio.studio.studio import Studio
from ferstudio.studio.works import Standing, Watch, unwatched
from ferstudio.types import Face, FaceCrop, Prediction

SIZE = 64
MODELS = ("steady.fake", "fickle.fake")


def crop(value: int = 128) -> FaceCrop:
    """Return a plain grey crop."""
    image = np.full((SIZE, SIZE, 3), value, np.uint8)
    return FaceCrop(image, None, np.eye(2, 3))


def prediction(top: str, confidence: float = 0.9) -> Prediction:
    """Return an answer that gives `confidence` to `top` and shares out the rest."""
    rest = (1 - confidence) / (len(FERPLUS) - 1)
    shares = [confidence if label == top else rest for label in FERPLUS]
    probabilities = np.array(shares, np.float32)
    return Prediction(FERPLUS, probabilities, np.log(probabilities))


def heatmap(peak: float) -> Heatmap:
    """Return a map that is hot in its upper left quarter."""
    values = np.zeros((SIZE, SIZE), np.float32)
    values[: SIZE // 2, : SIZE // 2] = 1
    return Heatmap("last stage", values, (7, 7), (0.0, peak))


def row(name: str, before: str, after: str, /, **changes: object) -> ModelComparison:
    """Return one model's row that answers `before` and `after` it is covered."""
    seen = crop().image
    values: dict[str, object] = {
        "name": name,
        "title": name.partition(".")[0].title(),
        "summary": "a made-up network",
        "params": 11_200_000,
        "clean": View(prediction(before, 0.96), heatmap(2.0), seen),
        "covered": View(prediction(after, 0.57), heatmap(1.0), seen),
        "leakage_share": 0.41,
        "elapsed_s": 0.0314,
    }
    return ModelComparison(**{**values, **changes})  # type: ignore[arg-type]


def comparison(cover: str = "sunglasses", *rows: ModelComparison) -> Comparison:
    """Return a comparison in which the first model held and the second changed its mind."""
    selection = Selection(crop(), Cover(cover), MODELS)
    mask = np.zeros((SIZE, SIZE), bool)
    both = (row(MODELS[0], "happiness", "happiness"), row(MODELS[1], "happiness", "neutral"))
    return Comparison(selection, crop(64), mask, 0.21, rows or both)


class FakeStudio(Studio):
    """Answers everything the page asks, and remembers the requests."""

    def __init__(self, faces: int = 1, error: Exception | None = None) -> None:
        """Find `faces` faces in every picture; raise `error` whenever asked to compare."""
        self.faces = faces
        self.error = error
        self.requests: list[Selection] = []
        self.forgotten: list[FaceCrop] = []

    def model(self, name: str) -> ModelSummary:
        """Return one of the networks."""
        return next(model for model in self.models() if model.name == name)

    def damaged(self) -> tuple[str, ...]:
        return ()

    def models(self) -> tuple[ModelSummary, ...]:
        """Return two networks."""
        return tuple(
            ModelSummary(
                name, name, name.partition(".")[0].title(), "made up", "", 1, FERPLUS, (), 1
            )
            for name in MODELS
        )

    def occluders(self) -> tuple[MenuEntry, ...]:
        """Return the real ones."""
        return occluder_menu()

    def explainers(self) -> tuple[MenuEntry, ...]:
        """Return one method."""
        return (MenuEntry("grad-cam", "Grad-CAM", "made up"),)

    def samples(self) -> tuple[str, ...]:
        """Return the eight emotions."""
        return FERPLUS

    def sample(self, emotion: str) -> FaceCrop:
        """Return a crop whose grey tells the emotion."""
        return crop(20 * (1 + FERPLUS.index(emotion)))

    def find_faces_in(self, source: str | os.PathLike[str] | bytes) -> FaceSearch:
        """Return as many faces as were ordered."""
        image = read_picture(source)
        if image.max() == 0:
            raise ImageError("The picture is black; take another one.")
        faces = tuple(Face((n, n, n + 9, n + 9), None, 1.0) for n in range(self.faces))
        note = "" if self.faces == 1 else f"{self.faces} faces found."
        return FaceSearch(faces, "fake", note, image)

    def crop(self, image: NDArray[np.uint8], face: Face | None) -> FaceCrop:
        """Return a crop whose grey tells the face."""
        if face is None:
            return replace(crop(200), shows_face=False)
        return replace(crop(int(face.box_xyxy_px[0])), notes=face.notes)

    def forget(self, crop: FaceCrop) -> None:
        """Remember what was to be forgotten."""
        self.forgotten.append(crop)

    def cover(
        self, selection: Selection, model: str | None = None, watch: Watch = unwatched
    ) -> Occluded:
        """Return the crop under the real cover; all models' heat is in the upper left."""
        return covered(selection.crop, selection.cover, lambda: heatmap(1.0).values)

    def load(self, names: Iterable[str], progress: Progress = silent) -> None:
        """Load nothing."""

    def foreseen_s(self, selection: Selection) -> float | None:
        """Return ten seconds for each model."""
        return 10.0 * len(selection.models)

    def compare(self, selection: Selection, watch: Watch = unwatched) -> Comparison:
        """Return the known comparison, or raise the ordered error."""
        self.requests.append(selection)
        watch(Standing(0.5, "Asking Steady", 1.0, 1.0, 0))
        if self.error is not None:
            raise self.error
        return comparison(selection.cover.name)
