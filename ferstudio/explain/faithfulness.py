"""Is a heatmap true? Measures of it, each with its source, range and unit.

A heatmap always looks convincing, also where it says nothing about the network. So the pixels it
calls important are taken away or given back (`deletion`, `insertion`), beside those of a random map
that is as smooth (`against_random`), and the parts of the face that it lies on are named (`focus`).
The share of heat on an occluder is `leakage.leakage_share`, how alike two maps are says
`similarity`, and whether a map depends on what was learned, `randomisation`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ferstudio.errors import UsageError
from ferstudio.explain.explainer import Heatmap, check_shapes, emotion_index, full_range
from ferstudio.explain.face_parts import grown, part_masks
from ferstudio.explain.leakage import leakage_share
from ferstudio.explain.perturbation import CHUNK, Fill, answered, filled
from ferstudio.models import LoadedModel
from ferstudio.pixel_order import ranks, surrogate
from ferstudio.preprocess import as_seen
from ferstudio.types import FaceCrop

STEPS = 16
"""Steps of a curve unless asked otherwise: twice as many change its area by 0.004 on average."""

FOCUS_PARTS = ("brows", "eyes", "nose", "mouth")
"""Parts of the face in which heat is measured."""

TOLERANCE_SHARE = 0.03
"""How far beside a part a map may point, as a share of the side: the 15 pixels of Zhang et al. in
pictures of about 500."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A probability while pixels are exchanged, the hottest first.

    Attributes:
        shares: (N + 1,) float64, the share of pixels exchanged, from 0 to 1 in even steps.
        probabilities: (N + 1,) float64 in [0, 1], the target's probability at each.
    """

    shares: NDArray[np.float64]
    probabilities: NDArray[np.float64]

    @property
    def area(self) -> float:
        """Area under the curve by the trapezoid rule: the mean probability, in [0, 1]."""
        ends = (self.probabilities[0] + self.probabilities[-1]) / 2
        return float((self.probabilities.sum() - ends) / (len(self.probabilities) - 1))


@dataclass(frozen=True, slots=True)
class AgainstRandom:
    """A map's curves and those of a random map of the same smoothness.

    Attributes:
        target: emotion whose probability was watched.
        deletion: curve of the map; the lower its area, the better.
        insertion: curve of the map; the higher its area, the better.
        random_deletion: curve of the random map.
        random_insertion: curve of the random map.
    """

    target: str
    deletion: Curve
    insertion: Curve
    random_deletion: Curve
    random_insertion: Curve

    @property
    def deletion_gain(self) -> float:
        """By how much the map's deletion area is below the random map's, in [-1, 1]."""
        return self.random_deletion.area - self.deletion.area

    @property
    def insertion_gain(self) -> float:
        """By how much the map's insertion area is above the random map's, in [-1, 1]."""
        return self.insertion.area - self.random_insertion.area

    @property
    def gain(self) -> float:
        """Gain of insertion minus deletion area, in [-2, 2]; above 0 the map beats chance."""
        return self.deletion_gain + self.insertion_gain


@dataclass(frozen=True, slots=True)
class PartFocus:
    """How much of a map lies on one part of the face.

    Attributes:
        part: one of `FOCUS_PARTS`.
        hit: whether the map points at it (`pointing_hit`).
        energy: share of the positive heat inside it, in [0, 1] (`leakage_share`).
        area: share of the picture that it covers, in [0, 1]: the energy of an even map.
    """

    part: str
    hit: bool
    energy: float
    area: float

    @property
    def lift(self) -> float:
        """Energy over area: 1 is as much as an even map would give, 2 twice as much."""
        return self.energy / self.area if self.area > 0 else 0.0


def deletion(
    model: LoadedModel,
    crop: FaceCrop,
    heatmap: Heatmap,
    target: str,
    *,
    steps: int = STEPS,
    fill: Fill = "grey",
) -> Curve:
    """Return how the target's probability falls as the hottest pixels are taken away.

    Petsiuk, Das and Saenko, "RISE: Randomized Input Sampling for Explanation of Black-box Models",
    BMVC 2018: a sharp fall, so a small area, means a good map. As there, grey stands in for what is
    taken. Equal heat goes in reading order.

    Args:
        model: any model.
        crop: the face.
        heatmap: a map over the whole crop.
        target: emotion that the map explains.
        steps: exchanges from the whole picture to nothing; each costs a forward pass.
        fill: what stands in for pixels taken away.

    Raises:
        UnknownNameError: if the model doesn't know the emotion.
        UsageError: if `steps` is below 1.
    """
    seen = as_seen(crop, model.card.input)
    cover = filled(seen, fill, model.card.input)
    return _curves(model, [(heatmap.values, seen, cover)], target, steps)[0]


def insertion(
    model: LoadedModel,
    crop: FaceCrop,
    heatmap: Heatmap,
    target: str,
    *,
    steps: int = STEPS,
    fill: Fill = "blur",
) -> Curve:
    """Return how the target's probability rises as the hottest pixels are given back.

    Petsiuk et al. 2018: a sharp rise, so a large area, means a good map. As there, the start is the
    blurred picture, in which the pixels given back make no edges that could be mistaken for
    features. Their blur leaves expressions readable, so here it is `perturbation.BLUR_SHARE`.
    Arguments and errors are those of `deletion`.
    """
    seen = as_seen(crop, model.card.input)
    start = filled(seen, fill, model.card.input)
    return _curves(model, [(heatmap.values, start, seen)], target, steps)[0]


def against_random(
    model: LoadedModel,
    crop: FaceCrop,
    heatmap: Heatmap,
    target: str,
    *,
    rng: np.random.Generator,
    steps: int = STEPS,
) -> AgainstRandom:
    """Return both curves of a map and of `random_map`, from one run of 4 · (steps + 1) pictures.

    Args:
        model: any model.
        crop: the face.
        heatmap: a map over the whole crop.
        target: emotion that the map explains.
        rng: source of the random map.
        steps: of each curve.

    Raises:
        UnknownNameError: if the model doesn't know the emotion.
        UsageError: if `steps` is below 1.
    """
    seen = as_seen(crop, model.card.input)
    grey = filled(seen, "grey", model.card.input)
    blurred = filled(seen, "blur", model.card.input)
    maps = heatmap.values, random_map(heatmap, rng).values
    runs = [run for heat in maps for run in ((heat, seen, grey), (heat, blurred, seen))]
    return AgainstRandom(target, *_curves(model, runs, target, steps))


def random_map(heatmap: Heatmap, rng: np.random.Generator) -> Heatmap:
    """Return a map that says nothing, exactly as smooth as `heatmap` (`pixel_order.surrogate`).

    Args:
        heatmap: the map whose smoothness is kept.
        rng: source of what is random.
    """
    return full_range("random", surrogate(heatmap.values, rng), heatmap.native_size)


def pointing_hit(
    heatmap: Heatmap, mask: NDArray[np.bool_], *, tolerance_share: float = TOLERANCE_SHARE
) -> bool:
    """Return whether the hottest pixel lies in a region or close beside it: the pointing game.

    Zhang et al., "Top-Down Neural Attention by Excitation Backprop", ECCV 2016. The first
    of several hottest pixels counts; a map without positive heat points nowhere.

    Args:
        heatmap: a map over the whole crop, (S, S).
        mask: (S, S) bool, True in the region.
        tolerance_share: how far beside it still counts, as a share of the side.

    Raises:
        UsageError: if the two differ in shape.
    """
    check_shapes(mask, heatmap.values)
    if heatmap.raw_range[1] <= 0 or not heatmap.values.any():
        return False
    hottest = np.unravel_index(int(heatmap.values.argmax()), heatmap.values.shape)
    return bool(grown(mask, tolerance_share)[hottest])


def focus(heatmap: Heatmap, landmarks_xy_px: NDArray[np.float32] | None) -> tuple[PartFocus, ...]:
    """Return how much of a map lies on brows, eyes, nose and mouth.

    The energy inside is the energy-based pointing game of Wang et al., "Score-CAM", CVPR Workshops
    2020: the share of the positive heat that lies in the region. An even map has the region's area
    for energy, so only energy above `area` says that a map prefers the part.

    Args:
        heatmap: a map over the whole crop.
        landmarks_xy_px: (478, 2) in pixels of the crop; None takes the mean face.
    """
    masks = part_masks(landmarks_xy_px, heatmap.values.shape[0])
    return tuple(
        PartFocus(
            part,
            pointing_hit(heatmap, masks[part]),
            leakage_share(heatmap, masks[part]),
            float(masks[part].mean()),
        )
        for part in FOCUS_PARTS
    )


_Run = tuple[NDArray[np.float32], Tensor, Tensor]
"""A map, and the pictures (1, 3, S, S) that its exchange of pixels begins and ends with."""


def _curves(model: LoadedModel, runs: Sequence[_Run], target: str, steps: int) -> list[Curve]:
    index, size_px = emotion_index(target, model.card.label_names), model.card.input.size
    if steps < 1:
        raise UsageError(f"A curve needs at least one step, not {steps}.")
    shares = np.linspace(0, 1, steps + 1)
    counts = torch.from_numpy(np.rint(shares * size_px**2)).view(-1, 1, 1, 1)
    batches = (
        torch.where(torch.from_numpy(ranks(heat, size_px)) < part, end, start)  # (n, 3, S, S)
        for heat, start, end in runs
        for part in counts.split(CHUNK)
    )
    count = len(runs) * len(shares)
    probabilities = answered(model, batches, count).double().softmax(dim=1)[:, index]
    return [Curve(shares, values.numpy()) for values in probabilities.view(len(runs), -1)]
