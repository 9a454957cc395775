"""The values that travel through the studio: frozen, slotted, with shapes and units said once here.

Pixel coordinates are continuous everywhere: the top left pixel covers [0, 1) x [0, 1), so its
centre lies at (0.5, 0.5). "Left" and "right" are the person's own.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ferstudio.errors import UsageError

LANDMARK_COUNT = 478
"""Number of points of mediapipe's face mesh with irises; absent points are NaN."""


MAX_INPUT_PX = 1024
"""Side of the largest input, in pixels: four times that of the papers' largest."""

OptionValue = bool | int | float | str
"""Value of an option with which a network is built."""


@dataclass(frozen=True, slots=True)
class Note:
    """One condition that decides how far the answers about a face can be trusted.

    Attributes:
        name: its kind, for programs: one of `ferstudio.faces.conditions.NAMES`.
        chip: the same in a few words.
        sentence: the same in one sentence.
    """

    name: str
    chip: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Face:
    """One face found in a picture.

    Attributes:
        box_xyxy_px: left, top, right and bottom edge in pixels of the picture.
        landmarks_xy_px: (478, 2) float32 mesh points in pixels of the picture, or None when the
            detector gives a box only.
        score: the detector's confidence in [0, 1]; 1 where it gives none.
        notes: what decides how far answers about it can be trusted.
    """

    box_xyxy_px: tuple[float, float, float, float]
    landmarks_xy_px: NDArray[np.float32] | None
    score: float
    notes: tuple[Note, ...] = ()


class _WeaklyHeld:
    """Lets a slotted dataclass be referred to weakly, also before Python 3.11."""

    __slots__ = ("__weakref__",)


@dataclass(frozen=True, slots=True, eq=False)
class FaceCrop(_WeaklyHeld):
    """A square cut-out of one face in the framing of the training images; equal to itself only.

    Attributes:
        image: (S, S, 3) uint8 RGB.
        landmarks_xy_px: (478, 2) float32 in pixels of `image`, NaN where unknown; None when no
            landmarks were found and the crop is a plain square.
        to_source: (2, 3) float64 affine map from crop pixels to pixels of the picture it came from.
        notes: what decides how far answers about it can be trusted.
        shows_face: whether a face was found; False for the centred square of a picture without.
    """

    image: NDArray[np.uint8]
    landmarks_xy_px: NDArray[np.float32] | None
    to_source: NDArray[np.float64]
    notes: tuple[Note, ...] = ()
    shows_face: bool = True

    def __post_init__(self) -> None:
        """Refuse anything that is not a square RGB picture of bytes."""
        shape = self.image.shape
        if len(shape) != 3 or shape[2] != 3 or shape[0] != shape[1]:
            raise UsageError(f"A face crop needs an image of shape (S, S, 3), not {shape}.")
        if self.image.dtype != np.uint8:
            raise UsageError(f"A face crop needs uint8 pixels, not {self.image.dtype}.")

    @property
    def size(self) -> int:
        """Side of the square in pixels."""
        return int(self.image.shape[0])


@dataclass(frozen=True, slots=True)
class InputSpec:
    """How a network wants its input: everything between a face crop and its tensor.

    Attributes:
        size: side of the square input in pixels.
        mean: per-channel mean that is subtracted, in [0, 1] units, RGB.
        std: per-channel standard deviation that is divided by, in [0, 1] units, RGB.
        margin_ratio: extra picture around the framing of FER2013 on each side, as a share of the
            side; 0 is FER2013's own framing.
        grayscale: whether the three channels are all the luma of the picture.
        detail_px: side in pixels to which the crop is first reduced, so that a sharp photograph
            carries no more detail than the network's training images did; 0 leaves it as it is.
    """

    size: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    margin_ratio: float = 0.0
    grayscale: bool = True
    detail_px: int = 0

    def __post_init__(self) -> None:
        """Refuse values that no picture can be brought to."""
        if not 16 <= self.size <= MAX_INPUT_PX:
            raise UsageError(
                f"Input size must lie between 16 and {MAX_INPUT_PX} pixels, not {self.size}."
            )
        if len(self.mean) != 3 or len(self.std) != 3:
            raise UsageError("Input mean and std need three values each, one per channel.")
        if not all(map(math.isfinite, (*self.mean, *self.std))):
            raise UsageError(f"Input mean and std are finite numbers, not {self.mean}, {self.std}.")
        if min(self.std) <= 0:
            raise UsageError(f"Input std must be positive, not {self.std}.")
        if not 0 <= self.margin_ratio < 1:
            raise UsageError(f"Input margin_ratio must lie in [0, 1), not {self.margin_ratio}.")
        if self.detail_px < 0:
            raise UsageError(f"Input detail_px must not be negative, not {self.detail_px}.")


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a model answers for one face.

    Attributes:
        labels: emotion names in logit order.
        probabilities: (K,) float32 in [0, 1], summing to 1.
        logits: (K,) float32, unbounded.
    """

    labels: tuple[str, ...]
    probabilities: NDArray[np.float32]
    logits: NDArray[np.float32]

    @property
    def top(self) -> str:
        """Name of the most probable emotion."""
        return self.labels[int(np.argmax(self.probabilities))]

    @property
    def confidence(self) -> float:
        """Probability of the most probable emotion, in [0, 1]."""
        return float(np.max(self.probabilities))

    def probability_of(self, label: str) -> float:
        """Return the probability of `label`, 0 where the model doesn't know that emotion."""
        if label not in self.labels:
            return 0.0
        return float(self.probabilities[self.labels.index(label)])
