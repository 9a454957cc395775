"""What an explainer is, what it returns, and the registry that names them all."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ferstudio.errors import UnknownNameError, UsageError
from ferstudio.models.attention import AttentionRecord
from ferstudio.models.loading import LoadedModel
from ferstudio.registry import Registry
from ferstudio.types import FaceCrop, Prediction


@dataclass(frozen=True, slots=True)
class Heatmap:
    """Where a model looked.

    Attributes:
        name: what the map shows, for example "layer4".
        values: (S, S) float32 in [0, 1] over the whole crop; 1 is the map's own maximum.
        native_size: (height, width) of the map before it was enlarged.
        raw_range: (minimum, maximum): what 0 and 1 stand for in the method's own unit; with it
            two maps are comparable: raw = values * (maximum - minimum) + minimum.
    """

    name: str
    values: NDArray[np.float32]
    native_size: tuple[int, int]
    raw_range: tuple[float, float]

    def __post_init__(self) -> None:
        """Refuse what can't be drawn over a face: a fault of the method that made it."""
        values, shape = self.values, self.values.shape
        if values.ndim != 2 or shape[0] != shape[1] or not values.size:
            raise ValueError(f"the map {self.name!r} must have the shape (S, S), not {shape}")
        if values.dtype != np.float32:
            raise ValueError(f"the map {self.name!r} must be float32, not {values.dtype}")
        lowest, highest = float(values.min()), float(values.max())
        if not 0 <= lowest <= highest <= 1:  # nor NaN
            raise ValueError(
                f"the map {self.name!r} must lie in [0, 1], not [{lowest:g}, {highest:g}]"
            )
        low, high = self.raw_range
        if not (math.isfinite(low) and math.isfinite(high) and low <= high):
            raise ValueError(
                f"the map {self.name!r} must have a rising raw_range, not {low}, {high}"
            )

    @property
    def empty(self) -> bool:
        """Whether it tells no place from another: nothing is above raw 0, or all is the same."""
        low, high = self.raw_range
        return high <= max(low, 0.0)

    def raw(self) -> NDArray[np.float32]:
        """Return (S, S) float32 in the method's own unit."""
        low, high = self.raw_range
        return (self.values * np.float32(high - low) + np.float32(low)).astype(np.float32)


def full_range(name: str, raw: NDArray[np.floating], native_size: tuple[int, int]) -> Heatmap:
    """Return a map (S, S) as the heatmap whose 0 and 1 are its own minimum and maximum.

    One that is the same everywhere is 0 everywhere.
    """
    low, high = float(raw.min()), float(raw.max())
    values = (raw - low) / (high - low) if high > low else np.zeros_like(raw)
    return Heatmap(name, values.astype(np.float32), native_size, (low, high))


def check_shapes(first: NDArray[np.generic], second: NDArray[np.generic]) -> None:
    """Refuse two maps, or a map and a mask, that don't lie over one another.

    Raises:
        UsageError: if the two differ in shape.
    """
    if first.shape != second.shape:
        raise UsageError(f"Both must have one shape, not {first.shape} and {second.shape}.")


def emotion_index(emotion: str, labels: Sequence[str]) -> int:
    """Return which of a model's logits, whose emotions are `labels`, an emotion is.

    Raises:
        UnknownNameError: if the model doesn't know the emotion.
    """
    if emotion not in labels:
        raise UnknownNameError("emotion", emotion, list(labels))
    return labels.index(emotion)


@dataclass(frozen=True, slots=True)
class Explanation:
    """A prediction and why.

    Attributes:
        method: registry name of the explainer.
        target: emotion that was explained.
        prediction: the model's answer, from the same forward pass as the heatmaps.
        heatmaps: the maps, the main one first.
        elapsed_s: seconds for prediction and maps together.
        features: (D,) float32 output of the entry's `feature_layer`, from the same forward pass;
            None where it wasn't asked for.
        attention: what the network's attention taps passed on in the same forward pass, in the
            order of use; empty where it wasn't asked for.
    """

    method: str
    target: str
    prediction: Prediction
    heatmaps: tuple[Heatmap, ...]
    elapsed_s: float
    features: NDArray[np.float32] | None = None
    attention: tuple[AttentionRecord, ...] = ()


class Explainer(Protocol):
    """A method that says where a model looked.

    Attributes:
        name: key in the registry.
        title: the name people read.
        summary: one sentence that says what it shows.
        needs: what a network must have for it, as a sentence says it: "a layer of feature maps".
        passes: pictures, at most, that a network is asked about for one map.
    """

    name: str
    title: str
    summary: str
    needs: str

    @property
    def passes(self) -> int:
        """See above: a constant will do."""
        ...

    def supports(self, model: LoadedModel) -> bool:
        """Return whether the method can explain this model."""
        ...

    def explain(self, model: LoadedModel, crop: FaceCrop, target: str | None = None) -> Explanation:
        """Return why `model` would answer `target` (None: its own answer) for `crop`."""
        ...


_explainers: Registry[Callable[[], Explainer]] = Registry("explainer")


def register_explainer(name: str) -> Callable[[Callable[[], Explainer]], Callable[[], Explainer]]:
    """Register the decorated class or factory under `name`.

    Raises:
        ValueError: if the name is taken.
    """

    def register(factory: Callable[[], Explainer]) -> Callable[[], Explainer]:
        return _explainers.add(name, factory)

    return register


def list_explainers() -> list[str]:
    """Return the names of all explainers, in the order they were registered."""
    return _explainers.names()


def explainer(name: str) -> Explainer:
    """Return the explainer called `name`.

    Raises:
        UnknownNameError: if there is none; the message lists the known names.
    """
    return _explainers[name]()
