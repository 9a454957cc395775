"""Occlusion sensitivity: what hiding a patch, or a named part of the face, does to the answer.

Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014, section 4.2:
a grey square slides over the picture, and the probability of the class is watched. It needs no
gradient, no layer and no look inside, so it explains every model, and what it says is a fact about
the answer and no approximation of one. It costs one forward pass per place of the square.

Readings: the map shows the *fall* of the probability, clean minus hidden, so that heat speaks for
the emotion as it does in a CAM; where hiding raises the probability it is negative. A probability
hardly moves where a network is all but certain: a faint map of a sure answer is meant to be faint.
The picture is covered as the network sees it, grey and reduced, so nothing of what is hidden
reaches the pixels around it. The square is given as a share of the picture, for networks see
pictures of different sizes, and is cut off at the edge.
"""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from ferstudio.errors import UsageError
from ferstudio.explain.cam import enlarged
from ferstudio.explain.explainer import Explanation, Heatmap, emotion_index, register_explainer
from ferstudio.explain.face_parts import HALVES, part_masks
from ferstudio.explain.perturbation import CHUNK, Fill, answered, filled
from ferstudio.models import LoadedModel, prediction_from_logits
from ferstudio.preprocess import as_seen
from ferstudio.regions import points_of
from ferstudio.types import FaceCrop, Prediction

CELLS, FINE_CELLS = 8, 16
"""Places a side at which the square is tried. Beside 20 a side, ranks of the map of 8 correlate by
0.70 to 0.86, of 10 by 0.75 to 0.90 for half as much again (`benchmarks.slow_methods`)."""

MARGIN_SHARE = 0.03
"""What is hidden around a part's mesh points, as a share of the side: a mouth that is hidden along
its very outline could still be seen to smile."""


@dataclass(frozen=True, slots=True)
class PartEffect:
    """What hiding one part of the face did.

    Attributes:
        part: name of the part.
        share: share of the picture that was hidden, in [0, 1].
        probability: of the target with the part hidden, in [0, 1].
        fall: how far that is below the clean picture's, in [-1, 1]; below 0 where it rose.
        answer: the most probable emotion with the part hidden.
        flipped: whether that is another one than for the clean picture.
    """

    part: str
    share: float
    probability: float
    fall: float
    answer: str
    flipped: bool


@dataclass(frozen=True, slots=True)
class PartSensitivity:
    """How much an answer rests on each part of the face.

    Attributes:
        target: emotion whose probability was watched.
        prediction: the model's answer to the clean picture.
        effects: one per part, in the order of `part_masks`.
        heatmap: each part filled with its fall, 0 between them; the halves, which hold all other
            parts, aren't drawn.
        elapsed_s: seconds for everything.
    """

    target: str
    prediction: Prediction
    effects: tuple[PartEffect, ...]
    heatmap: Heatmap
    elapsed_s: float


@register_explainer("occlusion-sensitivity")
class OcclusionSensitivity:
    """The fall of one emotion's probability under a square that slides over the picture."""

    name = "occlusion-sensitivity"
    title = "Occlusion sensitivity"
    summary = (
        "How far the probability of the emotion falls when a square hides that place; "
        "tried at 8 × 8 places."
    )
    needs = "nothing but an answer"
    cells = CELLS
    passes = CELLS**2 + 2

    def supports(self, model: LoadedModel) -> bool:  # noqa: ARG002 - it looks at answers alone
        """Return True: any model can be shown a covered picture."""
        return True

    def explain(
        self,
        model: LoadedModel,
        crop: FaceCrop,
        target: str | None = None,
        *,
        patch_share: float = 0.2,
        stride_share: float | None = None,
        fill: Fill = "mean",
    ) -> Explanation:
        """Return how far `target` (None: the model's own answer) falls at each place.

        The places' centres are those of the cells of an even grid, one forward pass for each.

        Args:
            model: any model.
            crop: the face, in the framing of the training images.
            target: emotion to explain.
            patch_share: side of the square as a share of the picture's.
            stride_share: step between two squares likewise, at most `patch_share`; None takes the
                method's own.
            fill: what the square is filled with.

        Returns:
            One heatmap (S, S) over the whole crop; raw values are falls of probability in [-1, 1].

        Raises:
            UnknownNameError: if the model doesn't know the emotion.
            UsageError: if a share is out of range.
        """
        started = time.perf_counter()
        stride_share = 1 / self.cells if stride_share is None else stride_share
        if not 0 < stride_share <= patch_share <= 1:
            raise UsageError(
                "A patch and its stride are shares of the picture's side, in (0, 1], and the "
                f"stride no more than the patch, not {patch_share:g} and {stride_share:g}."
            )
        cells = math.ceil(1 / stride_share - 1e-9)
        masks = patch_masks(model.card.input.size, patch_share, cells)
        hidden = _hide(model, crop, masks, target, fill, roughly=True)
        falls = hidden.falls.reshape(cells, cells)
        heatmap = enlarged("patch", falls, crop.size)
        elapsed_s = time.perf_counter() - started
        return Explanation(self.name, hidden.target, hidden.prediction, (heatmap,), elapsed_s)


@register_explainer("occlusion-sensitivity-fine")
class FineOcclusionSensitivity(OcclusionSensitivity):
    """The same, at four times as many places."""

    name = "occlusion-sensitivity-fine"
    title = "Occlusion sensitivity, fine"
    summary = (
        "How far the probability of the emotion falls when a square hides that place; "
        "tried at 16 × 16 places, which takes four times as long."
    )
    cells = FINE_CELLS
    passes = FINE_CELLS**2 + 2


@register_explainer("face-parts")
class FaceParts:
    """The fall of one emotion's probability when a part of the face is hidden, as a map."""

    name = "face-parts"
    title = "Parts of the face"
    summary = "How far the probability of the emotion falls when that part of the face is hidden."
    needs = "nothing but an answer"
    passes = 8

    def supports(self, model: LoadedModel) -> bool:  # noqa: ARG002 - it looks at answers alone
        """Return True: any model can be shown a covered picture."""
        return True

    def explain(self, model: LoadedModel, crop: FaceCrop, target: str | None = None) -> Explanation:
        """Return the map of `part_sensitivity`."""
        found = part_sensitivity(model, crop, target)
        return Explanation(
            self.name, found.target, found.prediction, (found.heatmap,), found.elapsed_s
        )


def part_sensitivity(
    model: LoadedModel, crop: FaceCrop, target: str | None = None, *, fill: Fill = "blur"
) -> PartSensitivity:
    """Return how far `target` (None: the model's own answer) falls without each part of the face.

    All parts are tried in one batch. The usual fill is the blurred picture: a flat one would leave
    the part's outline, which is an expression of its own.

    Args:
        model: any model.
        crop: the face; without landmarks the mean face says where the parts are.
        target: emotion whose probability is watched.
        fill: what hides a part.

    Raises:
        UnknownNameError: if the model doesn't know the emotion.
    """
    started = time.perf_counter()
    size_px = model.card.input.size
    points = points_of(crop) * np.float32(size_px / crop.size)
    masks = part_masks(points, size_px, margin_share=MARGIN_SHARE)
    hidden = _hide(model, crop, np.stack(list(masks.values())), target, fill)
    labels, clean = model.card.label_names, hidden.prediction
    effects = []
    for (part, mask), row, fall in zip(
        masks.items(), hidden.probabilities, hidden.falls, strict=True
    ):
        answer = labels[int(row.argmax())]
        probability = float(row[labels.index(hidden.target)])
        effects.append(
            PartEffect(
                part, float(mask.mean()), probability, float(fall), answer, answer != clean.top
            )
        )
    heatmap = enlarged("parts", _painted(masks, hidden.falls), crop.size)
    elapsed_s = time.perf_counter() - started
    return PartSensitivity(hidden.target, clean, tuple(effects), heatmap, elapsed_s)


def patch_masks(size_px: int, patch_share: float, cells: int) -> NDArray[np.bool_]:
    """Return (cells², size, size) bool: a square around the centre of each cell, row by row."""
    centres_px = (np.arange(cells) + 0.5) * size_px / cells
    pixels_px = np.arange(size_px) + 0.5
    away_px = np.abs(pixels_px[None] - centres_px[:, None])  # (cells, S)
    near = away_px < max(patch_share * size_px / 2, 0.51)  # (cells, S), one pixel at least
    squares = near[:, None, :, None] & near[None, :, None, :]  # (cells, cells, S, S)
    return squares.reshape(cells * cells, size_px, size_px)


@dataclass(frozen=True, slots=True)
class _Hidden:
    """Answers under N masks: (N, K) probabilities and (N,) falls of the target's, float64."""

    target: str
    prediction: Prediction
    probabilities: NDArray[np.float64]
    falls: NDArray[np.float64]


def _hide(
    model: LoadedModel,
    crop: FaceCrop,
    masks: NDArray[np.bool_],
    target: str | None,
    fill: Fill,
    *,
    roughly: bool = False,
) -> _Hidden:
    spec = model.card.input
    seen = as_seen(crop, spec)
    cover = filled(seen, fill, spec)
    nothing = np.zeros_like(masks[:1])
    rows = torch.from_numpy(np.concatenate([nothing, masks])).unsqueeze(1)  # (1 + N, 1, S, S)
    hidden = (torch.where(part, cover, seen) for part in rows.split(CHUNK))
    logits = answered(model, hidden, len(rows), roughly=roughly)
    shown = answered(model, [seen])[0] if roughly else logits[0]
    prediction = prediction_from_logits(shown, model.card.label_names)
    index = emotion_index(prediction.top if target is None else target, prediction.labels)
    probabilities = logits.double().softmax(dim=1).numpy()
    falls = probabilities[0, index] - probabilities[1:, index]
    return _Hidden(prediction.labels[index], prediction, probabilities[1:], falls)


def _painted(
    masks: Mapping[str, NDArray[np.bool_]], falls: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return (S, S): the fall of the part that covers a pixel, the mean where two do."""
    drawn = [
        (mask, fall)
        for (name, mask), fall in zip(masks.items(), falls, strict=True)
        if name not in HALVES
    ]
    count = np.sum([mask for mask, _ in drawn], axis=0)
    total = np.sum([mask * fall for mask, fall in drawn], axis=0)
    return total / np.maximum(count, 1)
