"""How faces are shown to a network that is judged: bare, or covered by one thing to one amount."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ferstudio.distributed import rank, world_size
from ferstudio.errors import UnknownNameError, UsageError
from ferstudio.explain import explainer
from ferstudio.models import LoadedModel
from ferstudio.occlusion import Need, Occluder, occluder
from ferstudio.occlusion.by_heat import heat_occluder
from ferstudio.occlusion.kinds import list_drawable, need
from ferstudio.preprocess import normalise, sample_faces
from ferstudio.types import FaceCrop
from training.augment.occlusion import cover, draw_cover
from training.data.alignment import aligned_landmarks, alignment_maps
from training.data.batches import in_colours
from training.data.crops import face_crops
from training.data.table import FaceTable

BATCH = 256

HEAT_METHOD = "grad-cam"
"""Whose heatmap says where a cover by heat lies."""


@dataclass(frozen=True, slots=True)
class Protocol:
    """How faces are shown and judged.

    Attributes:
        labels: label set of the true labels.
        occlude: occluder, or "none"; one by heat lies where the network's own Grad-CAM says.
        amount: its severity in [0, 1].
        tta: whether to average with the mirrored face.
        seed: of everything random in the occluder, in the choice of faces and in their pictures.
        limit: how many of the faces are judged, chosen at random; None for all.
        rephotograph: names of `rephotograph.CHANGES` for faces of a cache that are photographed
            anew, found and cropped as in the studio; None where the cache's own are shown.
    """

    labels: str = "ferplus"
    occlude: str = "none"
    amount: float = 1.0
    tta: bool = False
    seed: int = 0
    limit: int | None = None
    rephotograph: tuple[str, ...] | None = None

    @property
    def by_heat(self) -> bool:
        """Whether a heatmap of the network says where the occluder lies."""
        return self.occlude != "none" and need(self.occlude) is Need.HEAT


def parse_covers(occluders: str, amounts: str) -> list[tuple[str, float]]:
    """Return each of the occluders with each of the amounts that a command line names.

    Args:
        occluders: names, comma-separated; "none" comes once, whatever the amounts.
        amounts: numbers in [0, 1], comma-separated.

    Raises:
        UnknownNameError: if there is no such occluder; the message lists the known names.
        UsageError: if an amount is no such number.
    """
    names = occluders.split(",")
    for name in names:
        if name not in ("none", *list_drawable()):
            raise UnknownNameError("occluder", name, ["none", *list_drawable()])
    try:
        shares = [float(part) for part in amounts.split(",")]
    except ValueError:
        shares = [math.nan]
    if not all(0 <= share <= 1 for share in shares):
        raise UsageError(f"--amount must be numbers in [0, 1], not {amounts}.")
    return [(name, a) for name in names for a in (shares if name != "none" else shares[:1])]


def batches_of(count: int) -> list[range]:
    """Return the rows of each batch of `count` faces."""
    return [range(start, min(start + BATCH, count)) for start in range(0, count, BATCH)]


def own_batches(count: int) -> list[range]:
    """Return the rows of the batches that this process judges, of `count` faces."""
    return batches_of(count)[rank() :: world_size()]


def split_batches(
    table: FaceTable,
    model: LoadedModel,
    protocol: Protocol,
    batches: Iterable[range] | None = None,
    *,
    heats: Mapping[int, NDArray[np.float32]] | None = None,
) -> Iterator[Tensor]:
    """Yield the network's input (N, 3, S, S) for the faces of `table`, batch by batch.

    Args:
        table: the faces.
        model: whose input it is.
        protocol: how the faces are shown.
        batches: the rows of each; all of `batches_of` where None.
        heats: by row the heatmap that a cover by heat follows; for such covers only.
    """
    spec = model.card.input
    faces = torch.from_numpy(table.planes)
    maps = torch.from_numpy(alignment_maps(table, margin_ratio=spec.margin_ratio))
    for rows in batches_of(len(table)) if batches is None else batches:
        part = slice(rows.start, rows.stop)
        crops = sample_faces(faces[part].float() / 255, maps[part], spec.size)
        if protocol.occlude != "none" and protocol.amount > 0:
            grey = crops.mean(dim=1)  # of one channel, that one
            pictures = (grey * 255).round().byte().numpy()  # (n, S, S)
            overlays = [
                draw_cover(
                    cover_occluder(protocol.occlude, None if heats is None else heats[row]),
                    aligned_landmarks(table, row, spec.size, spec.margin_ratio),
                    protocol.amount,
                    np.random.default_rng([protocol.seed, row]),
                    spec.size,
                    face=picture,
                )
                for row, picture in zip(rows, pictures, strict=True)
            ]
            crops = cover(crops, torch.from_numpy(np.stack(overlays)).float() / 255)
        yield normalise(in_colours(crops, spec), spec)


def cover_heats(
    model: LoadedModel, table: FaceTable, batches: Iterable[range]
) -> dict[int, NDArray[np.float32]]:
    """Return by row where the network looked on the bare faces of some batches: (S, S) each."""
    rows = [row for batch in batches for row in batch]
    crops = face_crops(table.select(np.array(rows, np.int64)), model.card.input)
    return {row: cover_heat(model, crop) for row, crop in zip(rows, crops, strict=True)}


def cover_heat(model: LoadedModel, crop: FaceCrop) -> NDArray[np.float32]:
    """Return where the network looked on a bare face, for its own answer, as (S, S) heat."""
    method = explainer(HEAT_METHOD)
    if not method.supports(model):
        raise UsageError(f"{model.name} has no layer whose {method.title} could guide a cover.")
    return method.explain(model, crop).heatmaps[0].values


def cover_occluder(name: str, heat: NDArray[np.float32] | None) -> Occluder:
    """Return what covers a face: the registry's own thing, or grey where `heat` (S, S) says."""
    return occluder(name) if heat is None else heat_occluder(name, heat)
