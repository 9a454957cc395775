"""What models say about a face, as plain values: mappings, arrays, JSON, a table, a figure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ferstudio.errors import UsageError
from ferstudio.explain.attention_maps import AttentionMap, AttentionView, ChannelBars
from ferstudio.plots.comparison import comparison_plot
from ferstudio.plots.frame import write_figure
from ferstudio.studio.results import Comparison, ModelComparison, View
from ferstudio.types import FaceCrop

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One model on one face.

    Attributes:
        top: the most probable emotion.
        confidence: its probability in [0, 1].
        probabilities: of every emotion that the model knows, in [0, 1], in logit order.
        heatmap: (S, S) float32 in [0, 1] over the crop, 1 being its own maximum; None where none
            was asked, or the method can't show the model.
        attention: what the model's own attention weighed, by role ("gate", "scale", "map"), then by
            the block's qualified name: (H, W) float32 for places, (C,) for channels, the largest
            first, (B,) for branches. Empty where it has none.
    """

    top: str
    confidence: float
    probabilities: Mapping[str, float]
    heatmap: NDArray[np.float32] | None
    attention: Mapping[str, Mapping[str, NDArray[np.float32]]]

    def to_json(self) -> dict[str, Any]:
        """Return the answer as JSON values; maps stay out."""
        return {
            "top": self.top,
            "confidence": self.confidence,
            "probabilities": dict(self.probabilities),
        }


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """One model on the clean face, and on the covered one where a cover was asked.

    Attributes:
        model: name of the weights.
        title: the network's title.
        clean: its look at the clean face.
        covered: its look at the covered one; None without a cover.
        flipped: whether the cover changed the most probable emotion.
        leakage: share in [0, 1] of the covered heatmap's heat that lies on the cover; None where
            there is no such map, or no heat.
        share: share of the face's oval that is covered before this model, in [0, 1]; of a cover
            that a heatmap guides each model has its own.
    """

    model: str
    title: str
    clean: Look
    covered: Look | None
    flipped: bool
    leakage: float | None
    share: float = 0.0

    @property
    def probabilities(self) -> Mapping[str, float]:
        """The last look's: of the covered face where there is one."""
        return (self.covered or self.clean).probabilities

    @property
    def top(self) -> str:
        """The last look's most probable emotion."""
        return (self.covered or self.clean).top

    @property
    def heatmap(self) -> NDArray[np.float32] | None:
        """The last look's heatmap."""
        return (self.covered or self.clean).heatmap

    @property
    def attention(self) -> Mapping[str, Mapping[str, NDArray[np.float32]]]:
        """The last look's attention."""
        return (self.covered or self.clean).attention

    def to_json(self) -> dict[str, Any]:
        """Return the answer as JSON values; maps stay out."""
        return {
            "model": self.model,
            "title": self.title,
            "clean": self.clean.to_json(),
            "covered": None if self.covered is None else self.covered.to_json(),
            "flipped": self.flipped,
            "leakage": self.leakage,
            "share": self.share,
        }


class Answers(Mapping[str, Answer]):
    """Answers by the names of the weights, in the order asked."""

    def __init__(self, comparison: Comparison) -> None:
        """Take over what the studio found."""
        self._comparison = comparison
        bare = comparison.selection.cover.bare
        self._answers = {row.name: _answer(row, bare=bare) for row in comparison.rows}

    def __getitem__(self, model: str) -> Answer:
        """Return one model's answer; a network's bare name will do where one answer has it."""
        if model in self._answers:
            return self._answers[model]
        named = [name for name in self._answers if name.partition(".")[0] == model]
        if len(named) != 1:
            raise KeyError(model)
        return self._answers[named[0]]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names of the weights."""
        return iter(self._answers)

    def __len__(self) -> int:
        """Return the number of models."""
        return len(self._answers)

    def __repr__(self) -> str:
        """Return who said what, in one line."""
        said = ", ".join(f"{name}: {answer.top}" for name, answer in self._answers.items())
        return f"Answers({said})"

    @property
    def face(self) -> FaceCrop:
        """The clean face."""
        return self._comparison.selection.crop

    @property
    def covered_face(self) -> FaceCrop:
        """The covered face; the clean one without a cover."""
        return self._comparison.covered

    @property
    def share(self) -> float:
        """Share of the face's oval that is covered, in [0, 1]; before the first model."""
        return self._comparison.share

    def to_json(self) -> dict[str, Any]:
        """Return all answers and what was asked as JSON values; maps stay out."""
        asked = self._comparison.selection
        return {
            "cover": asked.cover.name,
            "amount": asked.cover.amount,
            "seed": asked.cover.seed,
            "share": self.share,
            "explainer": asked.explainer,
            "answers": [answer.to_json() for answer in self._answers.values()],
        }

    def to_frame(self) -> "DataFrame":
        """Return one row per model, face and emotion: model, title, face, emotion, probability.

        Raises:
            UsageError: if pandas isn't installed.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise UsageError("A table needs pandas: python -m pip install pandas.") from error
        rows = [
            (answer.model, answer.title, face, emotion, probability)
            for answer in self._answers.values()
            for face, look in (("clean", answer.clean), ("covered", answer.covered))
            if look is not None
            for emotion, probability in look.probabilities.items()
        ]
        return pd.DataFrame(rows, columns=["model", "title", "face", "emotion", "probability"])

    def plot(self, file: str | Path) -> Path:
        """Draw faces, heatmaps and probabilities, a row per model, and return the file.

        Args:
            file: ends in .png, .svg or .pdf.

        Raises:
            UsageError: if it has another ending or can't be written.
        """
        return write_figure(comparison_plot(self._comparison), Path(file))


def _answer(row: ModelComparison, *, bare: bool) -> Answer:
    return Answer(
        model=row.name,
        title=row.title,
        clean=_look(row.clean),
        covered=None if bare else _look(row.covered),
        flipped=row.flipped,
        leakage=row.leakage_share,
        share=row.share,
    )


def _look(view: View) -> Look:
    said = view.prediction
    by_role: dict[str, dict[str, NDArray[np.float32]]] = {}
    for each in view.attention:
        by_role.setdefault(each.block.role.value, {})[each.block.module] = _weights(each)
    return Look(
        top=said.top,
        confidence=said.confidence,
        probabilities=MappingProxyType(
            dict(zip(said.labels, said.probabilities.tolist(), strict=True))
        ),
        heatmap=None if view.heatmap is None else view.heatmap.values,
        attention=MappingProxyType(by_role),
    )


def _weights(view: AttentionView) -> NDArray[np.float32]:
    if isinstance(view, AttentionMap):
        return view.heatmap.raw()
    return view.weights if isinstance(view, ChannelBars) else view.shares
