"""A recipe: all that an answer depends on, as JSON, so that the shell gives the same numbers again.

The face is in it: a sample by its name, a person's own with its pixels and points. So a recipe is
as private as the photograph; a link never holds one.
"""

import base64
import io
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    ValidationError,
    model_validator,
)

from ferstudio import __version__
from ferstudio.errors import DataError
from ferstudio.faces.pictures import read_picture
from ferstudio.occlusion.painted import Layer, read_painting
from ferstudio.sentences.sentence import percent
from ferstudio.studio.results import Comparison
from ferstudio.studio.selection import Cover, Selection
from ferstudio.studio.studio import Studio
from ferstudio.types import LANDMARK_COUNT, FaceCrop

FORM = 1

IN_REPORT = re.compile(rb'<script type="application/json" id="recipe">(.*?)</script>', re.DOTALL)
"""Where a report keeps its recipe."""

TOLERANCE = 1e-6
"""By so much a repeated probability may differ."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class RecipeFace(_Strict):
    """A face: a sample's name, or pixels as base64 of a PNG with landmarks."""

    sample: str = ""
    png: str = ""
    landmarks_xy_px: list[list[float] | None] | None = None


class RecipeLayer(_Strict):
    """Something painted or brought: its name, and base64 of a PNG with transparency."""

    name: str
    png: str


class RecipeCover(_Strict):
    """What lies over the face."""

    name: str
    amount: float
    seed: int
    layers: list[RecipeLayer] = Field(default_factory=list)


class RecipeModel(_Strict):
    """Weights by their name, and the checksums of their files."""

    name: str
    sha256: list[str]


class RecipeAnswer(_Strict):
    """What one model answered: probabilities by emotion."""

    model: str
    clean: dict[str, FiniteFloat] = Field(min_length=1)
    covered: dict[str, FiniteFloat] = Field(min_length=1)


class Recipe(_Strict):
    """All that an answer depends on, and the answer."""

    form: Literal[1] = 1
    version: str
    face: RecipeFace
    cover: RecipeCover
    models: list[RecipeModel]
    explainer: str
    answers: list[RecipeAnswer]

    @model_validator(mode="after")
    def _each_model_answers_once(self) -> "Recipe":
        names = [each.name for each in self.models]
        if len(set(names)) < len(names) or names != [each.model for each in self.answers]:
            raise ValueError("each model has one answer, in the order of the models")
        return self

    def content(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return self.model_dump(mode="json")


@dataclass(frozen=True, slots=True)
class RepeatedAnswer:
    """One model, asked again.

    Attributes:
        model: name of the weights.
        clean: probabilities by emotion.
        covered: the same of the covered face.
        difference: the largest difference of a probability from the recipe's.
        same_weights: whether the weights' checksums are those of the recipe.
    """

    model: str
    clean: dict[str, float]
    covered: dict[str, float]
    difference: float
    same_weights: bool

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values, keys named like the attributes."""
        return asdict(self)


def recipe_of(studio: Studio, found: Comparison) -> Recipe:
    """Return the recipe of a comparison."""
    asked = found.selection
    return Recipe(
        version=__version__,
        face=_face(studio, asked.crop),
        cover=_cover(asked.cover),
        models=[_weights(studio, row.name) for row in found.rows],
        explainer=asked.explainer,
        answers=[
            RecipeAnswer(
                model=row.name,
                clean=_named(row.clean.prediction.labels, row.clean.prediction.probabilities),
                covered=_named(row.covered.prediction.labels, row.covered.prediction.probabilities),
            )
            for row in found.rows
        ],
    )


def read_recipe(content: bytes) -> Recipe:
    """Return the recipe in a file: its own, one of numbers, or a report.

    Raises:
        DataError: if there is none.
    """
    inside = IN_REPORT.search(content)
    try:
        value = json.loads(inside[1] if inside else content)
        return Recipe.model_validate(value.get("recipe", value))
    except (ValueError, AttributeError, RecursionError, ValidationError) as error:
        raise DataError(
            "This holds no recipe; give numbers.json or a report that the page saved."
        ) from error


def selection_of(studio: Studio, recipe: Recipe) -> Selection:
    """Return what a recipe asks.

    Raises:
        DataError: if its face or a layer can't be read.
        UnknownNameError: if its sample doesn't exist.
    """
    cover = recipe.cover
    layers = tuple(_layer(each) for each in cover.layers)
    return Selection(
        crop=_crop(studio, recipe.face),
        cover=Cover(cover.name, cover.amount, cover.seed, layers),
        models=tuple(each.name for each in recipe.models),
        explainer=recipe.explainer,
    )


def repeated(studio: Studio, recipe: Recipe) -> tuple[RepeatedAnswer, ...]:
    """Return what the models of a recipe answer now.

    Raises:
        UnknownNameError: if a model, the cover or the method doesn't exist here.
    """
    found = recipe_of(studio, studio.compare(selection_of(studio, recipe)))
    return tuple(
        RepeatedAnswer(
            new.model,
            new.clean,
            new.covered,
            max(_apart(old.clean, new.clean), _apart(old.covered, new.covered)),
            old_weights.sha256 == new_weights.sha256,
        )
        for old, new, old_weights, new_weights in zip(
            recipe.answers, found.answers, recipe.models, found.models, strict=True
        )
    )


def repeated_table(answers: Sequence[RepeatedAnswer]) -> str:
    """Return repeated answers as text: a line per model, and whether they are the same."""
    lines = [f"{each.model:28} {_top(each.clean):>18} {_top(each.covered):>18}" for each in answers]
    most = max((each.difference for each in answers), default=0.0)
    other = [each.model for each in answers if not each.same_weights]
    said = "The same probabilities" if most <= TOLERANCE else "Other probabilities"
    lines.append(f"{said}: the largest difference from the recipe is {most:.1e}.")
    if other:
        lines.append(f"Other weights than the recipe's are here: {', '.join(other)}.")
    return "\n".join(lines)


def _top(probabilities: dict[str, float]) -> str:
    name = max(probabilities, key=probabilities.__getitem__)
    return f"{name} {percent(probabilities[name])}"


def _apart(old: dict[str, float], new: dict[str, float]) -> float:
    names = old.keys() | new.keys()
    return max(abs(old.get(name, 0.0) - new.get(name, 0.0)) for name in names)


def _face(studio: Studio, crop: FaceCrop) -> RecipeFace:
    for emotion in studio.samples():
        if studio.sample(emotion) is crop:
            return RecipeFace(sample=emotion)
    points = crop.landmarks_xy_px
    listed = (
        None
        if points is None
        else [
            None if np.isnan(point).any() else [float(each) for each in point] for point in points
        ]
    )
    return RecipeFace(png=_png(crop.image), landmarks_xy_px=listed)


def _crop(studio: Studio, face: RecipeFace) -> FaceCrop:
    if face.sample:
        return studio.sample(face.sample)
    points = None
    if face.landmarks_xy_px is not None:
        filled = [point or [np.nan, np.nan] for point in face.landmarks_xy_px]
        if len(filled) != LANDMARK_COUNT or any(len(point) != 2 for point in filled):
            raise DataError(f"A recipe's face needs {LANDMARK_COUNT} landmarks of two numbers.")
        points = np.array(filled, np.float32)
    return FaceCrop(read_picture(_bytes(face.png)), points, np.eye(2, 3))


def _layer(layer: RecipeLayer) -> Layer:
    pixels = read_painting(_bytes(layer.png))
    if pixels is None:
        raise DataError("A layer of the recipe shows nothing; save it again.")
    return Layer(layer.name, pixels)


def _cover(cover: Cover) -> RecipeCover:
    own = [layer for layer in cover.layers if layer.name == cover.name]
    return RecipeCover(
        name=cover.name,
        amount=cover.amount,
        seed=cover.seed,
        layers=[RecipeLayer(name=layer.name, png=_png(layer.pixels)) for layer in own],
    )


def _weights(studio: Studio, name: str) -> RecipeModel:
    return RecipeModel(name=name, sha256=list(studio.checksums(name)))


def _named(labels: tuple[str, ...], values: NDArray[np.float32]) -> dict[str, float]:
    return dict(zip(labels, values.tolist(), strict=True))


def _png(pixels: NDArray[np.uint8]) -> str:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG", optimize=True)
    return base64.b64encode(stream.getvalue()).decode("ascii")


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise DataError("A picture of the recipe is damaged; save it again.") from error
