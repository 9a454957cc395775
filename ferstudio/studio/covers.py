"""From the name of a cover to the thing that draws it: of the registry, one's own, or by heat."""

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ferstudio.errors import UsageError
from ferstudio.explain.explainer import Explainer, explainer
from ferstudio.models import LoadedModel
from ferstudio.occlusion.guided import HEAT, heat_occluder
from ferstudio.occlusion.occluder import Occluder, occluder
from ferstudio.occlusion.painted import OWN, PAINTED, STICKER, Layer, layer_occluder
from ferstudio.studio.results import NONE
from ferstudio.types import FaceCrop

USUAL_GUIDES = ("grad-cam", "occlusion-sensitivity")
"""Methods that guide a cover where none is asked for, or it can't show the model; the last one can
show any."""

MISSING = {
    PAINTED: "Nothing is painted yet; paint over the face with the mouse or a finger.",
    STICKER: "There is no sticker yet; choose a PNG or WebP picture with a transparent background.",
}
"""What to do where a person's own layer is asked for and isn't there, by its name."""


class Asked(Protocol):
    """What covering a face needs of a request."""

    @property
    def crop(self) -> FaceCrop:
        """The clean face."""
        ...

    @property
    def layers(self) -> tuple[Layer, ...]:
        """What a person painted or brought."""
        ...

    @property
    def explainer(self) -> str:
        """Registry name of the heatmap method, or "none"."""
        ...


def cover_of(name: str, asked: Asked, heat: Callable[[], NDArray[np.float32]]) -> Occluder:
    """Return the thing that `name` means in a request.

    Args:
        name: one of `ferstudio.occlusion.kinds.list_kinds`.
        asked: the request.
        heat: gives the (H, W) heatmap that guides it; called for covers by heat only.

    Raises:
        UnknownNameError: if there is no such thing.
        UsageError: if it is a layer that the request doesn't have.
    """
    return heat_occluder(name, heat()) if name in HEAT else fixed_cover(name, asked)


def fixed_cover(name: str, asked: Asked) -> Occluder:
    """Return the thing that `name` means in a request, where no heatmap guides it.

    Raises:
        UnknownNameError: if there is no such thing.
        UsageError: if it is a layer that the request doesn't have.
    """
    if name not in OWN:
        return occluder(name)
    layer = next((each for each in asked.layers if each.name == name), None)
    if layer is None:
        raise UsageError(MISSING[name])
    return layer_occluder(layer)


def guiding_heat(model: LoadedModel, asked: Asked) -> NDArray[np.float32]:
    """Return where a network looked on the clean face, for its own answer, as (S, S) heat."""
    names = [name for name in (asked.explainer, *USUAL_GUIDES) if name != NONE]
    method = next(method for method in map(explainer, names) if method.supports(model))
    return method.explain(model, asked.crop).heatmaps[0].values


def method_named(name: str) -> Explainer | None:
    """Return the heatmap method called `name`; None for "none".

    Raises:
        UnknownNameError: if there is no such method.
    """
    return None if name == NONE else explainer(name)
