"""Do an explainer's maps beat random ones, network by network?

Insertion and deletion (Petsiuk et al., RISE, BMVC 2018) of each face's map and of a random map of
the same smoothness, as `ferstudio.explain.faithfulness` defines them. All chosen faces count,
rightly answered or not, and what is explained is the network's own answer: a map is to tell why a
network says what it says, also where that is wrong. The result is written on the weights' card.
"""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from ferstudio.errors import UsageError
from ferstudio.explain import Explainer
from ferstudio.explain.faithfulness import STEPS, AgainstRandom, against_random
from ferstudio.intervals import wilson_interval, with_interval
from ferstudio.models import LoadedModel
from ferstudio.models.card import is_recorded, read_card, with_record, write_card
from ferstudio.types import FaceCrop
from training.data.crops import face_crops
from training.data.protocols import evaluation_labels, judged_rows
from training.data.table import FaceTable
from training.engine.device import on_device

FACES = 500
"""How many faces are judged unless a command is told otherwise."""

EXPLAINER = "grad-cam"
"""Whose maps are judged unless a command is told otherwise."""

EXPLANATIONS = "explanations"
"""What the card calls its findings where it records which weights they are of."""

_NOT_ON_CARDS = ("weights", "elapsed_s")


@dataclass(frozen=True, slots=True)
class Share:
    """How many faces a map wins.

    Attributes:
        wins: faces on which the map is strictly better than the random one.
        share: wins / n, in [0, 1]; 0.5 is what a map that says nothing would reach.
        ci95: 95 % Wilson interval of the share.
    """

    wins: int
    share: float
    ci95: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Faithfulness:
    """How an explainer's maps of one network fare against random maps. Areas are in [0, 1].

    Attributes:
        weights: name of the weights.
        explainer: registry name of the explainer.
        split: split of the cache.
        n: faces judged.
        seed: of the choice of faces and of the random maps.
        steps: of each curve.
        deletion: faces whose deletion area is lower than the random map's.
        insertion: faces whose insertion area is higher than the random map's.
        both: faces whose insertion minus deletion area is higher than the random map's.
        deletion_area: mean of the explainer's maps.
        random_deletion_area: mean of the random maps.
        insertion_area: mean of the explainer's maps.
        random_insertion_area: mean of the random maps.
        elapsed_s: seconds for the whole.
    """

    weights: str
    explainer: str
    split: str
    n: int
    seed: int
    steps: int
    deletion: Share
    insertion: Share
    both: Share
    deletion_area: float
    random_deletion_area: float
    insertion_area: float
    random_insertion_area: float
    elapsed_s: float

    def to_json(self) -> dict[str, Any]:
        """Return the result as JSON values, keys named like the attributes."""
        return asdict(self)


def choose_faces(table: FaceTable, labels: str, count: int, seed: int) -> FaceTable:
    """Return `count` random faces of those that have a label of the set `labels`, in their order.

    All of them where there are no more.
    """
    return table.select(judged_rows(evaluation_labels(table, labels), count, seed))


def compare_faces(
    model: LoadedModel,
    method: Explainer,
    crops: Sequence[FaceCrop],
    *,
    seed: int = 0,
    steps: int = STEPS,
    device: torch.device | None = None,
) -> list[AgainstRandom]:
    """Return, face by face, how the map of the network's own answer fares against a random one.

    Args:
        model: a model that `method` supports; on the CPU, as it is again afterwards.
        method: the explainer.
        crops: the faces.
        seed: of the random maps.
        steps: of each curve.
        device: where the curves are computed, maps always are on the CPU; None for the CPU, too.
    """
    explained = [method.explain(model, crop) for crop in tqdm(crops, desc="maps", unit="face")]
    compared = []
    with on_device(model, device):
        for row, crop in enumerate(tqdm(crops, desc="curves", unit="face")):
            rng = np.random.default_rng([seed, row])
            heatmap, target = explained[row].heatmaps[0], explained[row].target
            compared.append(against_random(model, crop, heatmap, target, rng=rng, steps=steps))
    return compared


def judge(
    model: LoadedModel,
    method: Explainer,
    table: FaceTable,
    *,
    split: str,
    seed: int = 0,
    device: torch.device | None = None,
) -> Faithfulness:
    """Return how the maps of `method` fare on all faces of `table`.

    Args:
        model: the network.
        method: the explainer.
        table: the faces, at least one.
        split: name of the split, for the record.
        seed: of the random maps.
        device: where the curves are computed; the CPU where None.

    Raises:
        UsageError: if there are no faces, or the explainer doesn't support the model.
    """
    if not len(table):
        raise UsageError("There are no faces to judge maps on.")
    if not method.supports(model):
        raise UsageError(f"{method.title} can't explain {model.name}.")
    start = time.perf_counter()
    crops = face_crops(table, model.card.input)
    rows = compare_faces(model, method, crops, seed=seed, device=device)
    return Faithfulness(
        weights=model.name,
        explainer=method.name,
        split=split,
        n=len(rows),
        seed=seed,
        steps=STEPS,
        deletion=_share([row.deletion_gain for row in rows]),
        insertion=_share([row.insertion_gain for row in rows]),
        both=_share([row.gain for row in rows]),
        deletion_area=_mean([row.deletion.area for row in rows]),
        random_deletion_area=_mean([row.random_deletion.area for row in rows]),
        insertion_area=_mean([row.insertion.area for row in rows]),
        random_insertion_area=_mean([row.random_insertion.area for row in rows]),
        elapsed_s=round(time.perf_counter() - start, 3),
    )


def record(folder: Path, result: Faithfulness) -> None:
    """Write `result` on the card in `folder`, in place of an earlier one of the same explainer.

    What other explainers' maps were found to be stays only if it was recorded to be of these
    weights.
    """
    card = read_card(folder)
    entry = {key: value for key, value in result.to_json().items() if key not in _NOT_ON_CARDS}
    known = card.explanations if is_recorded(folder, card, EXPLANATIONS) else ()
    kept = [row for row in known if row["explainer"] != result.explainer]
    changed = replace(card, explanations=(*kept, entry))
    write_card(folder, with_record(folder, changed, EXPLANATIONS))


def table_text(results: Sequence[Faithfulness]) -> str:
    """Return the results as a table people can read, one line each."""
    shape = "{:28} {:>5} {:>24} {:>24} {:>24}"
    lines = [shape.format("better than a random map", "n", "deletion", "insertion", "both")]
    for row in results:
        cells = [
            with_interval(each.share, each.ci95, unit=" %")
            for each in (row.deletion, row.insertion, row.both)
        ]
        lines.append(shape.format(row.weights, row.n, *cells))
    return "\n".join(lines)


def _share(gains: Sequence[float]) -> Share:
    wins = sum(gain > 0 for gain in gains)
    return Share(wins, wins / len(gains), wilson_interval(wins, len(gains)))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
