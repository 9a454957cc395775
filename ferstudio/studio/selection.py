"""What is looked at: a face, what covers it, who is asked and how. Plain frozen values.

One `Selection` is all that travels from the page's sidebar to its tabs, and from a command line to
the studio.
"""

from dataclasses import dataclass, field, replace

from ferstudio.errors import UsageError
from ferstudio.occlusion.kinds import need
from ferstudio.occlusion.occluder import Need
from ferstudio.occlusion.painted import Layer
from ferstudio.types import FaceCrop

NONE = "none"
"""Stands where no occluder or no explainer is wanted."""


@dataclass(frozen=True, slots=True)
class Cover:
    """What lies over a face.

    Attributes:
        name: name of the occluder (see `ferstudio.occlusion.kinds`), or "none".
        amount: severity in [0, 1].
        seed: seed of everything random in it.
        layers: what a person painted or brought, for the covers of these names.
    """

    name: str = NONE
    amount: float = 0.7
    seed: int = 7
    layers: tuple[Layer, ...] = ()

    def __post_init__(self) -> None:
        """Refuse an amount out of range and a seed that no generator takes."""
        if not 0 <= self.amount <= 1:
            raise UsageError(f"The amount of {self.name} must lie in [0, 1], not {self.amount:g}.")
        if self.seed < 0:
            raise UsageError(f"The seed must be a whole number from 0 on, not {self.seed}.")

    @property
    def bare(self) -> bool:
        """Whether nothing covers the face."""
        return self.name == NONE

    @property
    def needs(self) -> Need:
        """What is needed to draw it.

        Raises:
            UnknownNameError: if there is no such cover.
        """
        return Need.NOTHING if self.bare else need(self.name)


@dataclass(frozen=True, slots=True)
class Selection:
    """One face, one cover, a set of models and a way to explain them.

    Two are equal where they ask the same of the very same crop: a `FaceCrop`, and each `Layer` of a
    cover, equals itself only.

    Attributes:
        crop: the clean, aligned face.
        cover: what lies over it.
        models: names of weights, each once, in the order of the answer; a network's bare name will
            do where there is one set of weights for it.
        explainer: registry name of the heatmap method, or "none".
        layer: name of the layer that a CAM shows; "" for the usual one.
        target: the emotion that is explained; "" for each model's own answer to the clean face.
        one_scale: whether all heatmaps are drawn on one scale.
        label: the emotion that the face is known to show; "" where nobody knows.
    """

    crop: FaceCrop
    cover: Cover = field(default_factory=Cover)
    models: tuple[str, ...] = ()
    explainer: str = "grad-cam"
    layer: str = ""
    target: str = ""
    one_scale: bool = False
    label: str = ""

    def __post_init__(self) -> None:
        """Leave out what is named twice."""
        object.__setattr__(self, "models", tuple(dict.fromkeys(self.models)))

    def covered_by(self, cover: Cover) -> "Selection":
        """Return the same selection under another cover."""
        return replace(self, cover=cover)
