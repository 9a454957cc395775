"""Many faces before many networks: a grid of heatmaps or attention maps on one scale."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ferstudio.errors import UsageError
from ferstudio.explain.attention_maps import main_map
from ferstudio.explain.explainer import Heatmap
from ferstudio.explain.overlay import draw_overlay
from ferstudio.models import LoadedModel
from ferstudio.studio.attention import predict_with_attention
from ferstudio.studio.covers import method_named
from ferstudio.studio.look import look
from ferstudio.studio.results import Progress
from ferstudio.types import FaceCrop, Prediction

HEAT, ATTENTION = "heat", "attention"
SHOWN = (HEAT, ATTENTION)
"""What the cells of a montage can show."""

ONE_SCALE, ROW_SCALE = "one", "row"
SCALES = (ONE_SCALE, ROW_SCALE)
"""Whether all cells share a scale, or those of one network."""

MAX_FACES = 16
"""Columns of a montage at most."""


@dataclass(frozen=True, slots=True)
class MontagePlan:
    """What a montage is made of.

    Attributes:
        models: names of weights, a row each.
        faces: the faces, a column each; their names.
        names: what stands above the columns.
        shows: "heat" or "attention", the network's own map that tells best where it looks.
        explainer: registry name of the heatmap method.
        scale: "one" for all cells, or "row" for those of a network; "" for one scale of heat and
            one of each network's attention, whose ranges differ by construction.
    """

    models: tuple[str, ...]
    faces: tuple[FaceCrop, ...]
    names: tuple[str, ...]
    shows: str = HEAT
    explainer: str = "grad-cam"
    scale: str = ""

    def __post_init__(self) -> None:
        """Refuse what can't be drawn."""
        if self.shows not in SHOWN:
            raise UsageError(f"A montage shows {' or '.join(SHOWN)}, not {self.shows!r}.")
        if self.scale not in {"", *SCALES}:
            raise UsageError(f"A montage's scale is {' or '.join(SCALES)}, not {self.scale!r}.")
        if not self.models or not self.faces:
            raise UsageError("A montage needs a network and a face at least.")
        if len(self.faces) > MAX_FACES:
            raise UsageError(f"A montage has {MAX_FACES} faces at most, not {len(self.faces)}.")
        if len(self.faces) != len(self.names):
            raise ValueError("each face has a name")

    @property
    def by_row(self) -> bool:
        """Whether each network's cells have a scale of their own."""
        return self.scale == ROW_SCALE or (not self.scale and self.shows == ATTENTION)


@dataclass(frozen=True, slots=True, eq=False)
class MontageCell:
    """One network on one face.

    Attributes:
        face: (S, S, 3) uint8 RGB.
        prediction: the answer.
        map: where it looks, by its own values; None where nothing can be shown.
    """

    face: NDArray[np.uint8]
    prediction: Prediction
    map: Heatmap | None


@dataclass(frozen=True, slots=True, eq=False)
class MontageRow:
    """One network on all faces.

    Attributes:
        name: name of the weights.
        title: the network's title.
        cells: one per face.
    """

    name: str
    title: str
    cells: tuple[MontageCell, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Montage:
    """A grid of maps.

    Attributes:
        plan: what was asked.
        rows: the networks answered so far, in the plan's order.
    """

    plan: MontagePlan
    rows: tuple[MontageRow, ...]

    @property
    def done(self) -> bool:
        """Whether all networks have answered."""
        return len(self.rows) == len(self.plan.models)

    @property
    def without_map(self) -> tuple[str, ...]:
        """Titles of the networks that have nothing to show but their answers."""
        return tuple(row.title for row in self.rows if not any(cell.map for cell in row.cells))

    def limits(self, row: MontageRow) -> tuple[float, float]:
        """Return the raw values of the coldest and the hottest colour in a row."""
        rows = (row,) if self.plan.by_row else self.rows
        ranges = [cell.map.raw_range for each in rows for cell in each.cells if cell.map]
        high = max((high for _, high in ranges), default=0.0)
        if self.plan.shows == HEAT:
            return 0.0, high  # no heat is no heat
        return min((low for low, _ in ranges), default=0.0), high

    def picture(self, row: MontageRow, cell: MontageCell) -> NDArray[np.uint8]:
        """Return one cell's face under its map on the montage's scale, (S, S, 3) uint8 RGB."""
        low, high = self.limits(row)
        if cell.map is None or high <= low:
            return draw_overlay(cell.face, _EMPTY, 0.0)
        shares = np.clip((cell.map.raw() - low) / (high - low), 0, 1).astype(np.float32)
        shared = replace(cell.map, values=shares, raw_range=(0.0, 1.0))
        return draw_overlay(cell.face, shared, 1.0)


_EMPTY = Heatmap("none", np.zeros((1, 1), np.float32), (1, 1), (0.0, 0.0))


def montage(
    plan: MontagePlan, get: Callable[[str], LoadedModel], progress: Progress
) -> Iterator[Montage]:
    """Yield a montage as it grows, a network more each time.

    Args:
        plan: with full names of weights.
        get: gives the networks.
        progress: is told before each cell.
    """
    rows, total = list[MontageRow](), len(plan.models) * len(plan.faces)
    for number, name in enumerate(plan.models):
        progress(number / len(plan.models), f"Loading {name}")
        model, cells = get(name), list[MontageCell]()
        for place, crop in enumerate(plan.faces):
            done = number * len(plan.faces) + place
            progress(done / total, f"Asking {model.title} about {plan.names[place]}")
            cells.append(_cell(model, crop, plan))
        rows.append(MontageRow(name, model.title, tuple(cells)))
        yield Montage(plan, tuple(rows))


def _cell(model: LoadedModel, crop: FaceCrop, plan: MontagePlan) -> MontageCell:
    if plan.shows == ATTENTION:
        prediction, views = predict_with_attention(model, crop)
        main = main_map(views)
        return MontageCell(crop.image, prediction, None if main is None else main.heatmap)
    view = look(model, crop, method_named(plan.explainer))
    return MontageCell(crop.image, view.prediction, view.heatmap)
