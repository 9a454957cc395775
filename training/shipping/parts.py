"""What is made of weights and ships with them: which weights each part is of, and how it is made.

A part is stale where no record says that it was made of today's weights. The parts that stand on
the card are recorded there, as `WeightsCard.made`, by the function that writes them; a bank of
features says so in its own file. Whatever changes the weights, changes their digest, so a record
can't outlive them. A new kind of part is one more entry of `PARTS`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch

from ferstudio.errors import WeightsError
from ferstudio.explain import explainer
from ferstudio.features import read_bank, write_bank
from ferstudio.files import copied_folder
from ferstudio.models import find_weights, load_weights, model_entry
from ferstudio.models.attention import attention_taps
from ferstudio.models.black_box import is_black_box
from ferstudio.models.card import WeightsCard, is_recorded, read_card
from training.data.table import FaceTable
from training.evaluation import attention_worth, faithfulness
from training.evaluation.feature_bank import make_bank, map_kinds
from training.shipping.calibration import CALIBRATION, calibrate
from training.shipping.measure import is_measured, measure


@dataclass(frozen=True, slots=True)
class Part:
    """A kind of thing that is made of weights.

    Attributes:
        name: what lists call it.
        make: makes it in a weights folder, of the faces of the validation split.
        is_current: whether a folder has it, whole, and of the weights that its card names.
        applies: whether weights of this card can have it.
        changes_weights: whether making it writes other weights, which make all else stale.
    """

    name: str
    make: Callable[[Path, FaceTable], object]
    is_current: Callable[[Path, WeightsCard], bool]
    applies: Callable[[WeightsCard], bool]
    changes_weights: bool = False


@dataclass(frozen=True, slots=True)
class StalePart:
    """A part of a weights folder that is to be made anew."""

    folder: Path
    part: Part


def stale_parts(root: Path) -> Iterator[StalePart]:
    """Yield what is stale of all weights below `root`, in the order in which it can be made.

    Of weights that a stale part will change, all parts are; and of an ensemble with such a member.
    """
    cards = {folder: read_card(folder) for folder in find_weights(root).values()}
    changing = set[str]()
    for folder, card in sorted(cards.items(), key=lambda item: bool(item[1].members)):
        changes = not changing.isdisjoint(card.members)
        for part in PARTS:
            if part.applies(card) and (changes or not part.is_current(folder, card)):
                changes |= part.changes_weights
                yield StalePart(folder, part)
        if changes:
            changing.add(card.name)


def _is_single(card: WeightsCard) -> bool:
    return not (card.members or is_black_box(model_entry(card.model)))


def _has_attention(card: WeightsCard) -> bool:
    if not _is_single(card):
        return False
    with torch.device("meta"):
        network = model_entry(card.model, card.options).build(num_classes=len(card.label_names))
    return bool(attention_taps(network))


def _calibrate(folder: Path, valid: FaceTable) -> None:
    """Calibrate a copy of the folder, which then takes its place."""
    with copied_folder(folder) as copy:
        calibrate(copy, valid)


def _make_bank(folder: Path, valid: FaceTable) -> None:
    model = load_weights(folder)
    write_bank(folder, model.card, make_bank(model, valid, split="valid"))


def _has_bank(folder: Path, card: WeightsCard) -> bool:
    try:
        bank = read_bank(folder, card)
        return bank is not None and map_kinds() <= bank.maps.keys()
    except WeightsError:  # of other weights, or damaged
        return False


def _judge_heatmaps(folder: Path, valid: FaceTable) -> None:
    model = load_weights(folder)
    faces = faithfulness.choose_faces(valid, model.card.labels, faithfulness.FACES, seed=0)
    method = explainer(faithfulness.EXPLAINER)
    faithfulness.record(folder, faithfulness.judge(model, method, faces, split="valid"))


def _has_judged_heatmaps(folder: Path, card: WeightsCard) -> bool:
    judged = {row["explainer"] for row in card.explanations}
    return is_recorded(folder, card, faithfulness.EXPLANATIONS) and faithfulness.EXPLAINER in judged


def _judge_attention(folder: Path, valid: FaceTable) -> None:
    found = attention_worth.attention_worth(load_weights(folder), valid, split="valid")
    attention_worth.record(folder, found)


PARTS = (
    Part(
        "calibration",
        _calibrate,
        lambda folder, card: is_recorded(folder, card, CALIBRATION),
        _is_single,
        changes_weights=True,
    ),
    Part("metrics", measure, is_measured, lambda _card: True),
    Part("bank of features and its maps", _make_bank, _has_bank, _is_single),
    Part("faithfulness of heatmaps", _judge_heatmaps, _has_judged_heatmaps, _is_single),
    Part(
        "worth of attention",
        _judge_attention,
        lambda folder, card: is_recorded(folder, card, attention_worth.ATTENTION),
        _has_attention,
    ),
)
"""Every kind, in the order in which they are made."""
