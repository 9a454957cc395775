"""What an occluder is, what it returns, and the registry that names them all."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from enum import Enum
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from ferstudio.errors import UsageError
from ferstudio.regions import face_mask
from ferstudio.registry import Registry
from ferstudio.types import FaceCrop


@dataclass(frozen=True, slots=True)
class Overlay:
    """Something drawn over a square crop.

    Attributes:
        colour: (S, S, 3) uint8 RGB of the covering thing; only counts where `opacity` > 0.
        opacity: (S, S) float32 in [0, 1]; 0 leaves the picture untouched.
    """

    colour: NDArray[np.uint8]
    opacity: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Occluded:
    """A crop with something over it.

    Attributes:
        crop: the covered crop; its landmarks are those of the clean one.
        mask: (S, S) bool, True wherever a pixel may have changed.
        share: share of the face's oval under `mask`, in [0, 1].
    """

    crop: FaceCrop
    mask: NDArray[np.bool_]
    share: float


class Group(Enum):
    """What kind of thing hides the face: how menus are divided."""

    OBJECTS = "objects"
    """Things of daily life, drawn where the face's landmarks are."""
    BARS = "bars"
    """Flat bars, blocks and squares."""
    TEXTURES = "textures"
    """Patterns and half-transparent spots."""
    QUALITY = "quality"
    """Nothing in front of the face: a worse picture of it."""
    OWN = "own"
    """What a person painted or brought."""
    HEAT = "heat"
    """What a network's heatmap calls important, or doesn't."""


class Need(Enum):
    """What is needed to draw a cover, beside the face's landmarks and an amount."""

    NOTHING = "nothing"
    """Nothing: it is the same on any face with these landmarks in the same light."""
    PICTURE = "picture"
    """The face's own pixels: what it draws is made of them and can't cover another face."""
    LAYER = "layer"
    """A picture of a person's own."""
    HEAT = "heat"
    """A network's heatmap of the clean face, so that it is another one for each network."""


class Draw(Protocol):
    """The part that differs between occluders: draw on a crop."""

    def __call__(self, crop: FaceCrop, amount: float, rng: np.random.Generator) -> Overlay:
        """Return the overlay for `crop`. `amount` is in (0, 1]; all randomness comes from `rng`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What can hide part of a face, in words.

    Attributes:
        name: key in the registry.
        title: the name people read.
        summary: one sentence for the tooltip.
        noun: how a sentence names it, with a capital: "Sunglasses", "A surgical mask".
        plural: whether that noun takes a plural verb.
        group: what kind of thing it is.
        needs: what is needed to draw it.
    """

    name: str
    title: str
    summary: str
    noun: str
    plural: bool = False
    group: Group = Group.OBJECTS
    needs: Need = Need.NOTHING

    def drawn_by(self, draw: Draw) -> "Occluder":
        """Return the occluder of this kind that `draw` draws."""
        return Occluder(**{each.name: getattr(self, each.name) for each in fields(Kind)}, draw=draw)


@dataclass(frozen=True, slots=True, kw_only=True)
class Occluder(Kind):
    """A way to hide part of a face.

    Attributes:
        draw: draws the overlay.
    """

    draw: Draw

    def occlude(self, crop: FaceCrop, amount: float, rng: np.random.Generator) -> Occluded:
        """Return `crop` covered to `amount` in [0, 1]; 0 covers nothing.

        The same crop, amount and generator state give the same result, and for the same generator
        state the covered share never falls as `amount` grows. The input isn't changed.

        Raises:
            UsageError: if `amount` isn't in [0, 1].
        """
        if not 0 <= amount <= 1:
            raise UsageError(f"The amount of occlusion must lie in [0, 1], not {amount}.")
        if amount == 0:
            return Occluded(crop, np.zeros((crop.size, crop.size), dtype=bool), 0.0)
        return lay_over(crop, self.draw(crop, amount, rng))


def lay_over(crop: FaceCrop, overlay: Overlay) -> Occluded:
    """Return `crop` under `overlay`; the input isn't changed."""
    image = composite(crop.image, overlay)
    mask = overlay.opacity > 0
    covered = replace(crop, image=image)
    return Occluded(covered, mask, covered_share(mask, crop))


def composite(image: NDArray[np.uint8], overlay: Overlay) -> NDArray[np.uint8]:
    """Return (S, S, 3) uint8 `image` under `overlay`; pixels of opacity 0 are bit-identical."""
    opacity = cv2.merge([overlay.opacity] * 3)  # (S, S, 3), for broadcasting is four times slower
    mixed = image * (1 - opacity) + overlay.colour * opacity
    return np.rint(mixed).astype(np.uint8)


def covered_share(mask: NDArray[np.bool_], crop: FaceCrop) -> float:
    """Return the share of the face's oval under `mask`, in [0, 1]."""
    face = face_mask(crop.landmarks_xy_px, crop.size)
    return float((mask & face).sum() / max(1, face.sum()))


_occluders: Registry[Occluder] = Registry("occluder")


def register_occluder(
    name: str,
    *,
    title: str,
    summary: str,
    noun: str,
    plural: bool = False,
    group: Group = Group.OBJECTS,
    needs: Need = Need.NOTHING,
) -> Callable[[Draw], Draw]:
    """Register the decorated drawing function as an occluder called `name`; see `Occluder`.

    Raises:
        ValueError: if the name is taken.
    """

    def register(draw: Draw) -> Draw:
        occluder = Occluder(
            name=name,
            title=title,
            summary=summary,
            noun=noun,
            plural=plural,
            group=group,
            needs=needs,
            draw=draw,
        )
        _occluders.add(name, occluder)
        return draw

    return register


def list_occluders() -> list[str]:
    """Return the names of all occluders, in the order they were registered."""
    return _occluders.names()


def occluder(name: str) -> Occluder:
    """Return the occluder called `name`.

    Raises:
        UnknownNameError: if there is none; the message lists the known names.
    """
    return _occluders[name]
