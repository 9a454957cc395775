"""What programs ask the page's server: named, typed endpoints beside the page's own events.

Each function is one endpoint of Gradio's API, and one tool where the server speaks MCP. JSON comes
in and goes out; a picture is a sample's name, base64 text, or a file that was uploaded before. They
ask the studio as the page does, so they wait for their turns as its visitors do; who hangs up ends
the work, and what is known of a picture is forgotten as soon as it is answered.
"""

import base64
import binascii
import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from inspect import signature
from typing import Annotated, Any, TypeVar, cast

import gradio as gr
from gradio.events import api
from pydantic import Field, ValidationError, validate_call

from ferstudio.api.answers import Answers
from ferstudio.api.studio import Study
from ferstudio.errors import ImageError, UnknownNameError, UsageError
from ferstudio.faces.search import FaceSearch
from ferstudio.occlusion.kinds import list_drawable
from ferstudio.studio.robustness import STEPS, RobustnessPlan, even_amounts
from ferstudio.studio.selection import NONE, Cover, Selection
from ferstudio.studio.studio import Studio
from ferstudio.types import FaceCrop
from ferstudio.ui.endpoints.hanging_up import until_it_hangs_up
from ferstudio.ui.endpoints.pictures import DIGITS, Form, block, explained, png, rounded
from ferstudio.ui.endpoints.shapes import (
    Attention,
    Compared,
    Curve,
    Embedding,
    Explained,
    FacesFound,
    ModelInfo,
    OccluderInfo,
)
from ferstudio.ui.events import WAITING
from ferstudio.ui.messages import friendly
from ferstudio.ui.parts.data_uri import picture_bytes
from ferstudio.ui.uploads import taken

Picture = str | dict[str, Any]
"""The name of a sample ("happiness"), base64 of a picture file, or an uploaded file's data."""

Amount = Annotated[float, Field(ge=0, le=1)]
Seed = Annotated[int, Field(ge=0)]
Number = Annotated[int, Field(ge=1)]
Steps = Annotated[int, Field(ge=1, le=STEPS)]


Answered = TypeVar("Answered")


def endpoint(function: Callable[..., Answered]) -> Callable[..., Answered]:
    """Return an endpoint that checks what comes in, and ends in one sentence where it is wrong."""
    checked, names = validate_call(function), list(signature(function).parameters)

    @functools.wraps(function)
    def answer(*given: Any, **named: Any) -> Answered:
        try:
            return checked(*given, **named)
        except ValidationError as error:
            sentence = _sentence(error, names)
        except Exception as error:  # noqa: BLE001  who asks reads a sentence, no traceback
            sentence = friendly(error)
        raise gr.Error(sentence, print_exception=False)

    return answer


class Endpoints:
    """The endpoints of one studio, each by the name it has in the API."""

    def __init__(self, studio: Studio) -> None:
        """Ask `studio`."""
        self._studio = studio

    def publish(self) -> None:
        """Add all of them to the page that is being built."""
        for name in NAMES:
            api(getattr(self, name), api_name=name, **WAITING)

    @endpoint
    def models(self) -> list[ModelInfo]:
        """List the trained networks that can be asked."""
        return [
            {
                "name": each.name,
                "title": each.title,
                "summary": each.summary,
                "paper": each.paper,
                "parameters": each.params,
                "labels": list(each.labels),
            }
            for each in self._studio.models()
        ]

    @endpoint
    def occluders(self) -> list[OccluderInfo]:
        """List what can hide part of a face; "none" hides nothing."""
        known = set(list_drawable())
        return [
            {"name": each.name, "title": each.title, "summary": each.summary, "group": each.group}
            for each in self._studio.occluders()
            if each.name in known
        ]

    @endpoint
    def faces(self, image: Picture) -> FacesFound:
        """Find the faces of a picture, the largest first.

        Args:
            image: base64 of a picture file, as text, or an uploaded file.
        """
        if isinstance(image, str) and image in self._studio.samples():
            raise UsageError(
                f"{image} is a sample, and so a face already: ask about it by its name."
            )
        search = self._found(image)
        crops = [self._studio.crop(search.image, face) for face in search.faces]
        return {
            "note": search.note,
            "faces": [
                {
                    "number": number,
                    "box_xyxy_px": [round(edge, 2) for edge in face.box_xyxy_px],
                    "score": round(face.score, DIGITS),
                    "notes": [note.sentence for note in face.notes],
                    "png": png(crop.image),
                }
                for number, (face, crop) in enumerate(zip(search.faces, crops, strict=True), 1)
            ],
        }

    @endpoint
    def compare(
        self,
        image: Picture,
        models: list[str],
        cover: str = NONE,
        amount: Amount = 0.7,
        seed: Seed = 7,
        face: Number = 1,
    ) -> Compared:
        """Ask networks about a face, clean and covered.

        Args:
            image: a sample's name, base64 of a picture file, or an uploaded file.
            models: names of networks, as the endpoint models lists them.
            cover: name of an occluder, or none.
            amount: how much of it, from 0 to 1.
            seed: of all that is random in it.
            face: which face of the picture, 1 for the largest.
        """
        with self._face(image, face) as crop:
            asked = Selection(crop, _cover(cover, amount, seed), tuple(models), explainer=NONE)
            return cast(
                Compared, Answers(self._studio.compare(asked, until_it_hangs_up())).to_json()
            )

    @endpoint
    def explain(
        self,
        image: Picture,
        model: str,
        explainer: str = "grad-cam",
        cover: str = NONE,
        amount: Amount = 0.7,
        seed: Seed = 7,
        target: str = "",
        form: Form = "array",
        face: Number = 1,
    ) -> Explained:
        """Show where a network looks, on the clean and on the covered face.

        Args:
            image: a sample's name, base64 of a picture file, or an uploaded file.
            model: name of a network, as the endpoint models lists them.
            explainer: name of the heatmap method, such as grad-cam.
            cover: name of an occluder, or none.
            amount: how much of it, from 0 to 1.
            seed: of all that is random in it.
            target: the emotion that is explained; empty for the network's answer to the clean face.
            form: array for the values of the maps, png for pictures of the face under them.
            face: which face of the picture, 1 for the largest.
        """
        with self._face(image, face) as crop:
            asked = Selection(
                crop, _cover(cover, amount, seed), (model,), explainer=explainer, target=target
            )
            watch = until_it_hangs_up()
            found = self._studio.compare(asked, watch)
            row = found.rows[0]
            if target and target != row.explained:
                row = self._studio.explain_row(row, asked, target, watch)
            return explained(row, asked, form)

    @endpoint
    def attention(
        self, image: Picture, model: str, form: Form = "array", face: Number = 1
    ) -> Attention:
        """Show what a network's own attention weighs on a face.

        Args:
            image: a sample's name, base64 of a picture file, or an uploaded file.
            model: name of a network, as the endpoint models lists them.
            form: array for the values of the maps, png for pictures of the face under them.
            face: which face of the picture, 1 for the largest.
        """
        with self._face(image, face) as crop:
            found = self._studio.attention(model, crop, until_it_hangs_up())
            return {
                "model": found.name,
                "top": found.prediction.top,
                "confidence": found.prediction.confidence,
                "blocks": [block(view, crop, form) for view in found.views],
            }

    @endpoint
    def robustness(
        self,
        image: Picture,
        models: list[str],
        occluders: list[str],
        steps: Steps = STEPS,
        seed: Seed = 7,
        face: Number = 1,
    ) -> list[Curve]:
        """Cover a face more and more, and follow what networks answer.

        Args:
            image: a sample's name, base64 of a picture file, or an uploaded file.
            models: names of networks, as the endpoint models lists them.
            occluders: names of occluders, as the endpoint occluders lists them.
            steps: so many amounts of each, evenly up to 1; at most 8.
            seed: of all that is random in them.
            face: which face of the picture, 1 for the largest.
        """
        with self._face(image, face) as crop:
            asked = Selection(crop, Cover(seed=seed), tuple(models))
            plan = RobustnessPlan(asked, tuple(map(_drawable, occluders)), even_amounts(steps))
            *_, found = self._studio.robustness(plan, until_it_hangs_up())
            return cast(list[Curve], Study(found, self._studio).to_json())

    @endpoint
    def embed(
        self,
        image: Picture,
        model: str,
        cover: str = NONE,
        amount: Amount = 0.7,
        seed: Seed = 7,
        face: Number = 1,
    ) -> Embedding:
        """Return a network's feature vector of a face, what its last layer decides on.

        Args:
            image: a sample's name, base64 of a picture file, or an uploaded file.
            model: name of a network, as the endpoint models lists them.
            cover: name of an occluder, or none.
            amount: how much of it, from 0 to 1.
            seed: of all that is random in it.
            face: which face of the picture, 1 for the largest.
        """
        with self._face(image, face) as crop:
            asked = Selection(crop, _cover(cover, amount, seed), (model,))
            layer, features = self._studio.features(model, asked)
            return {
                "model": self._studio.resolve(model),
                "layer": layer,
                "features": rounded(features),
            }

    @contextmanager
    def _face(self, image: Picture, number: int) -> Iterator[FaceCrop]:
        """Give one face of a picture, of which nothing is known any more as the block ends."""
        if isinstance(image, str) and image in self._studio.samples():
            if number > 1:
                raise UsageError(f"A sample is 1 face, so there is no face {number}.")
            yield self._studio.sample(image)
            return
        search = self._found(image)
        if not search.faces:
            raise ImageError("No face was found in the picture, so there is nothing to ask about.")
        if number > len(search.faces):
            count = len(search.faces)
            faces = "1 face" if count == 1 else f"{count} faces"
            raise UsageError(f"The picture shows {faces}, so there is no face {number}.")
        crop = self._studio.crop(search.image, search.faces[number - 1])
        try:
            yield crop
        finally:
            self._studio.forget(crop)

    def _found(self, image: Picture) -> FaceSearch:
        if isinstance(image, dict):
            if not isinstance(image.get("path"), str):
                raise ImageError("An uploaded file is named by its path.")
            with taken(image["path"]) as file:
                return self._studio.find_faces_in(file)
        return self._studio.find_faces_in(_content(image, self._studio.samples()))


NAMES = (
    "models", "occluders", "faces", "compare", "explain", "attention", "robustness", "embed",
)  # fmt: skip
"""The endpoints, as programs name them."""


def _content(text: str, samples: tuple[str, ...]) -> bytes:
    if text.startswith("data:"):
        return picture_bytes(text)
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ImageError(
            "A picture is base64 of its file, an uploaded file, or one of the samples: "
            f"{', '.join(samples)}."
        ) from None


def _cover(name: str, amount: float, seed: int) -> Cover:
    return Cover(NONE, 0.0, seed) if name == NONE else Cover(_drawable(name), amount, seed)


def _drawable(name: str) -> str:
    """Return the name of a cover that needs nothing of a person's own.

    Raises:
        UnknownNameError: if there is none.
    """
    if name not in list_drawable():
        raise UnknownNameError("occluder", name, [NONE, *list_drawable()])
    return name


def _sentence(error: ValidationError, names: Sequence[str]) -> str:
    """Return what is wrong first; of what came without a name, `names` says which it is."""
    first = error.errors(include_url=False, include_input=False)[0]
    where = first["loc"][0]
    return f"{names[where] if isinstance(where, int) else where}: {first['msg']}."
