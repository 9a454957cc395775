"""What the studio answers: plain frozen values, no gradio, no plotly."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferstudio.explain.attention_maps import AttentionView
from ferstudio.explain.explainer import Heatmap
from ferstudio.explain.leakage import heat_kept
from ferstudio.studio.map_truth import MapTruth
from ferstudio.studio.selection import Selection
from ferstudio.types import FaceCrop, Prediction

Progress = Callable[[float, str], object]
"""Called as `progress(share_done, message)`, the share in [0, 1]; its result is ignored."""


def silent(share_done: float, message: str) -> None:
    """Report no progress."""


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """One entry of a menu.

    Attributes:
        name: key in its registry.
        title: the name people read.
        summary: one sentence for the tooltip.
        group: what kind of thing it is, "" in a menu of one kind.
        passes: of a heatmap method, pictures that it asks a network about for one map.
    """

    name: str
    title: str
    summary: str
    group: str = ""
    passes: int = 1


@dataclass(frozen=True, slots=True)
class CamLayer:
    """A layer that a CAM can show.

    Attributes:
        name: name of the module.
        cells: rows, and columns, of its map.
        usual: whether it is the one shown where none is chosen.
    """

    name: str
    cells: int
    usual: bool


@dataclass(frozen=True, slots=True)
class ModelSummary:
    """A trained network, told from its card and registry entry alone.

    Attributes:
        name: name of the weights, `model.tag`.
        model: registry name of the network.
        title: the network's title.
        summary: what is special about the network.
        paper: where the network was published.
        params: number of trainable parameters; 0 where a black box doesn't tell.
        labels: emotion names in logit order.
        metrics: what was measured from these very weights, one mapping per protocol.
        size_bytes: size of the weights' files on disk; None where they aren't fetched yet.
        attention: what `training.attention_worth` measured; empty where it wasn't asked.
        recipe: settings of its last training, as its card has them, unchecked.
        digest: of its weights (`models.card.weights_digest`); "" for an ensemble.
    """

    name: str
    model: str
    title: str
    summary: str
    paper: str
    params: int
    labels: tuple[str, ...]
    metrics: tuple[dict[str, Any], ...]
    size_bytes: int | None
    attention: Mapping[str, Any] = field(default_factory=dict)
    recipe: Mapping[str, Any] = field(default_factory=dict)
    digest: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """One model on one picture.

    Attributes:
        prediction: its answer.
        heatmap: where it looked, for the emotion that is explained; None if not asked.
        seen: (size, size, 3) uint8 RGB, the picture as the network was given it.
        attention: what its own attention weighed, in the order of use; () where it has none.
    """

    prediction: Prediction
    heatmap: Heatmap | None
    seen: NDArray[np.uint8]
    attention: tuple[AttentionView, ...] = ()


@dataclass(frozen=True, slots=True)
class NoMap:
    """Why a heatmap method shows nothing of a network.

    Attributes:
        method: the method's title.
        needs: what it needs of a network, and this one hasn't.
        others: titles of usual methods that can show the network.
    """

    method: str
    needs: str
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Guidance:
    """What a network was shown in training whose paper guides it (see `ferstudio.guidance`).

    Attributes:
        mask: (S, S) bool, True on brows, eyes and mouth.
        picture: (S, S, 3) uint8 RGB, the face under the mask.
        alpha: weight of what lies outside the mask, in [0, 1].
    """

    mask: NDArray[np.bool_]
    picture: NDArray[np.uint8]
    alpha: float


@dataclass(frozen=True, slots=True)
class ModelComparison:
    """One row of a comparison: a model on the clean and on the covered face.

    Attributes:
        name: name of the weights.
        title: the network's title.
        summary: what is special about the network.
        params: number of its parameters.
        clean: the model on the clean face.
        covered: the model on the covered face; equal to `clean` without occluder.
        leakage_share: share in [0, 1] of the covered heatmap's mass that lies on the occluder;
            None without heatmap or occluder, or where the map is empty.
        elapsed_s: seconds for one picture's prediction and heatmap (mean of the two).
        guidance: what the network would be shown of the clean face in training, where its paper
            guides it; None elsewhere.
        truth: whether such heatmaps of this network beat random ones; None where there is none
            or it wasn't measured.
        target: the emotion that both heatmaps explain; "" for the answer to the clean face.
        no_map: why there are no heatmaps though they were asked for; None elsewhere.
        share: share of the face's oval that is covered before this model, in [0, 1]: of a cover
            that a heatmap guides each model has its own.
    """

    name: str
    title: str
    summary: str
    params: int
    clean: View
    covered: View
    leakage_share: float | None
    elapsed_s: float
    guidance: Guidance | None = None
    truth: MapTruth | None = None
    target: str = ""
    no_map: NoMap | None = None
    share: float = 0.0

    @property
    def explained(self) -> str:
        """The emotion that both heatmaps explain."""
        return self.target or self.clean.prediction.top

    @property
    def heat_kept(self) -> float | None:
        """Heat of the covered face over that of the clean one; None without heat on that."""
        if self.clean.heatmap is None or self.covered.heatmap is None:
            return None
        return heat_kept(self.covered.heatmap, self.clean.heatmap)

    @property
    def flipped(self) -> bool:
        """Whether the occluder changed the most probable emotion."""
        return self.clean.prediction.top != self.covered.prediction.top


@dataclass(frozen=True, slots=True)
class Comparison:
    """What each model of a selection says and where it looks.

    Attributes:
        selection: what was asked.
        covered: the crop with the occluder on it; where a heatmap guides it, and each model has
            its own, this, the mask and the share are the first model's.
        mask: (S, S) bool, True where the occluder is.
        share: share of the face's oval that is covered, in [0, 1].
        rows: one per model, in the order asked.
    """

    selection: Selection
    covered: FaceCrop
    mask: NDArray[np.bool_]
    share: float
    rows: tuple[ModelComparison, ...]

    @property
    def flips(self) -> int:
        """Number of models whose most probable emotion changed."""
        return sum(row.flipped for row in self.rows)
