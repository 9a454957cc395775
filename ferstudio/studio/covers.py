"""From a cover to the face under it: by a thing of the registry, a layer of one's own, or heat."""

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ferstudio.errors import UsageError
from ferstudio.explain.explainer import Explainer, Heatmap, explainer
from ferstudio.models import LoadedModel
from ferstudio.occlusion.by_heat import heat_occluder
from ferstudio.occlusion.occluder import Need, Occluded, Occluder, occluder
from ferstudio.occlusion.painted import PAINTED, STICKER, layer_occluder
from ferstudio.studio.memory import ResultKey, ResultMemory, cover_value, face_digest
from ferstudio.studio.results import NoMap
from ferstudio.studio.selection import NONE, Cover, Selection
from ferstudio.types import FaceCrop

USUAL_METHODS = ("grad-cam", "occlusion-sensitivity")
"""Methods whose heat places a cover where none is asked for, or it can't show the model; the last
one can show any."""

MISSING = {
    PAINTED: "Nothing is painted yet; paint over the face with the mouse or a finger.",
    STICKER: "There is no sticker yet; choose a PNG or WebP picture with a transparent background.",
}
"""What to do where a person's own layer is asked for and isn't there, by its name."""


COVERED = "covered face"
"""The kind of result that a covered face is."""

NO_MODEL = "Choose a model whose heatmap guides the cover."

COVER_BYTES = 32 * 2**20
"""Of all covered faces, and of the heat that places some; a covered face takes 0.25 MB."""


class Covers:
    """Faces under their covers: each is drawn once, and the heat that places it made once."""

    def __init__(self, load: Callable[[str], LoadedModel]) -> None:
        """Begin without any.

        Args:
            load: gives a network by its full name.
        """
        self._load = load
        self._memory = ResultMemory(COVER_BYTES)

    def of(
        self, selection: Selection, model: str | None = None, clean: Heatmap | None = None
    ) -> Occluded:
        """Return the face of a selection under its cover; the very crop where nothing covers it.

        Args:
            selection: face, cover and heatmap method.
            model: full name of the weights whose heat places the cover, where heat does; None takes
                the first of the selection.
            clean: that model's map of the clean face where it is known; else the model is asked.

        Raises:
            UnknownNameError: if the cover doesn't exist.
            UsageError: if it needs a layer or a model that isn't there.
        """
        crop, cover = selection.crop, selection.cover
        if cover.bare:
            return covered(crop, cover)
        name = model or next(iter(selection.models), None)
        placed_by = (name, selection.explainer) if cover.needs is Need.HEAT else ()
        return self._memory.once(
            ResultKey(face_digest(crop), COVERED, (cover_value(cover), placed_by)),
            lambda: covered(crop, cover, lambda: self.heat(selection, name, clean)),
        )

    def way(
        self, selection: Selection, amounts: Iterable[float], model: str | None = None
    ) -> tuple[Occluded, ...]:
        """Return the face of a selection under so much and so much of its cover (see `of`)."""
        cover = selection.cover
        return tuple(
            self.of(selection.covered_by(replace(cover, amount=amount)), model)
            for amount in amounts
        )

    def heat(
        self, selection: Selection, model: str | None, clean: Heatmap | None = None
    ) -> NDArray[np.float32]:
        """Return where a model looked on the clean face, for its own answer, as (S, S) heat.

        Args:
            selection: face and heatmap method.
            model: full name of the weights.
            clean: the model's map of the face where it is known; else the model is asked.

        Raises:
            UsageError: if there is no model.
        """
        if model is None:
            return no_heat()
        if clean is not None:
            return clean.values
        crop, method = selection.crop, selection.explainer
        return self._memory.once(
            ResultKey(face_digest(crop), "heat", (model, method)),
            lambda: cover_heat(self._load(model), crop, method),
        )

    def forget(self, crop: FaceCrop) -> list[FaceCrop]:
        """Drop what is kept of a face; return the covered crops of it that were kept."""
        hidden = [each.crop for each in self._memory.known(crop, COVERED)]
        self._memory.forget(crop)
        return hidden


def no_heat() -> NDArray[np.float32]:
    """Refuse: there is no model whose heat could place a cover.

    Raises:
        UsageError: always.
    """
    raise UsageError(NO_MODEL)


def covered(
    crop: FaceCrop, cover: Cover, heat: Callable[[], NDArray[np.float32]] = no_heat
) -> Occluded:
    """Return a face under a cover; the very crop where nothing covers it.

    Args:
        crop: the clean face.
        cover: what lies over it.
        heat: gives the (H, W) heatmap that says where; called for covers by heat only.

    Raises:
        UnknownNameError: if there is no such cover.
        UsageError: if it is a layer that `cover` doesn't have.
    """
    if cover.bare:
        return Occluded(crop, np.zeros((crop.size, crop.size), dtype=bool), 0.0)
    return lay(occluder_of(cover, heat), crop, cover)


def lay(thing: Occluder, crop: FaceCrop, cover: Cover) -> Occluded:
    """Return a face under `thing`, as much of it and with the seed that `cover` says."""
    return thing.occlude(crop, cover.amount, np.random.default_rng(cover.seed))


def occluder_of(cover: Cover, heat: Callable[[], NDArray[np.float32]]) -> Occluder:
    """Return the thing that draws a cover.

    Args:
        cover: anything but "none".
        heat: gives the (H, W) heatmap that says where; called for covers by heat only.

    Raises:
        UnknownNameError: if there is no such cover.
        UsageError: if it is a layer that `cover` doesn't have.
    """
    return heat_occluder(cover.name, heat()) if cover.needs is Need.HEAT else fixed_occluder(cover)


def fixed_occluder(cover: Cover) -> Occluder:
    """Return the thing that draws a cover which is the same for all models.

    Raises:
        UnknownNameError: if there is no such cover.
        UsageError: if it is a layer that `cover` doesn't have.
    """
    if cover.needs is not Need.LAYER:
        return occluder(cover.name)
    layer = next((each for each in cover.layers if each.name == cover.name), None)
    if layer is None:
        raise UsageError(MISSING[cover.name])
    return layer_occluder(layer)


def cover_heat(model: LoadedModel, crop: FaceCrop, method: str) -> NDArray[np.float32]:
    """Return where a network looked on the clean face, for its own answer, as (S, S) heat.

    Args:
        model: the network.
        crop: the clean face.
        method: registry name of the heatmap method, or "none" for the first usual one that can
            show the network.
    """
    names = [name for name in (method, *USUAL_METHODS) if name != NONE]
    first = next(each for each in map(explainer, names) if each.supports(model))
    return first.explain(model, crop).heatmaps[0].values


def no_map(model: LoadedModel, method: Explainer | None) -> NoMap | None:
    """Return why a heatmap method shows nothing of a network; None where it can, or none is."""
    if method is None or method.supports(model):
        return None
    others = [each.title for each in map(explainer, USUAL_METHODS) if each.supports(model)]
    return NoMap(method.title, method.needs, tuple(others))


def method_named(name: str) -> Explainer | None:
    """Return the heatmap method called `name`; None for "none".

    Raises:
        UnknownNameError: if there is no such method.
    """
    return None if name == NONE else explainer(name)
