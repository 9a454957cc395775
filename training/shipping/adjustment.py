"""Rare emotions answered more often: logit adjustment, baked into the last layer's bias.

Menon et al., "Long-tail learning via logit adjustment", ICLR 2021, subtract τ log p_k from the
logit of a class k that has the share p_k of the training faces (Eq. 9). Here only the classes below
half of an even share are raised, by τ · max(0, log(p0 / p_k)) with p0 = 1 / (2 K): the frequent
emotions keep their order among one another, and so does most of the accuracy.

The bias is stored in float32, so nothing else of the weights changes, and whoever loads them needs
to know nothing of it. Weights that were calibrated are calibrated anew.
"""

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from ferstudio.errors import UsageError
from ferstudio.files import copied_folder
from ferstudio.labels import label_set
from ferstudio.models import load_weights, model_entry
from ferstudio.models.card import WeightsCard, read_card
from training.data.protocols import evaluation_labels, judged_rows
from training.data.table import FaceTable
from training.engine.shipped_layer import added_by_balance, temperature_of
from training.evaluation.scores import Evaluation, confusion_matrix
from training.shipping.calibration import calibrate
from training.shipping.last_layer import change_stored, split_logits
from training.shipping.measure import measure

GRID = tuple(step / 10 for step in range(16))
"""The τ that "auto" chooses from; the first one changes nothing."""

ACCURACY_COST = 0.005
"""The share of right answers that "auto" may give up."""

Tau = float | Literal["auto"]


@dataclass(frozen=True, slots=True)
class Balance:
    """How far rare emotions are raised, and by which faces.

    Attributes:
        tau: factor of the adjustment, "auto" for the best of `GRID` on `valid`; 0 for none.
        train: faces whose labels say how rare an emotion is.
        valid: faces that "auto" is chosen on.
    """

    tau: Tau
    train: FaceTable
    valid: FaceTable


@dataclass(frozen=True, slots=True)
class Scores:
    """What logits score. Recall is the mean over the classes that occur, in [0, 1]."""

    correct: int
    macro_recall: float


def parse_tau(text: str) -> Tau:
    """Return the τ that a command line names.

    Raises:
        UsageError: if it is neither "auto" nor a number from 0 on.
    """
    if text == "auto":
        return "auto"
    try:
        tau = float(text)
    except ValueError:
        tau = math.nan
    if not (math.isfinite(tau) and tau >= 0):
        raise UsageError(f"A balance is auto or a number from 0 on, not {text!r}.")
    return tau


def class_shares(table: FaceTable, labels: str) -> NDArray[np.float64]:
    """Return (K,) shares of the classes of the set `labels` among the faces that have one."""
    truth = evaluation_labels(table, labels)
    counts = np.bincount(truth[truth >= 0], minlength=len(label_set(labels)))
    return counts / max(1, counts.sum())


def rare_offsets(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (K,) max(0, log(p0 / p_k)) with p0 = 1 / (2 K); 0 for a class without faces."""
    even = 1 / (2 * len(shares))
    rare = (shares > 0) & (shares < even)
    return np.where(rare, np.log(even / np.where(rare, shares, even)), 0.0)


def scores(logits: NDArray[np.float64], truth: NDArray[np.int64]) -> Scores:
    """Return what logits (N, K) score against labels (N,)."""
    confusion = confusion_matrix(truth, logits.argmax(axis=1), logits.shape[1])
    faces = confusion.sum(axis=1)
    recalls = np.diag(confusion)[faces > 0] / faces[faces > 0]
    mean = float(recalls.mean()) if len(recalls) else 0.0
    return Scores(correct=int(np.trace(confusion)), macro_recall=mean)


def best_tau(
    logits: NDArray[np.float64], truth: NDArray[np.int64], offsets: NDArray[np.float64]
) -> float:
    """Return the τ of `GRID` with the highest macro recall that `ACCURACY_COST` allows.

    The smallest of equals.

    Args:
        logits: (N, K) without adjustment.
        truth: (N,) labels.
        offsets: (K,) what τ multiplies.
    """
    tried = [scores(logits + tau * offsets, truth) for tau in GRID]
    lost = [tried[0].correct - one.correct for one in tried]
    allowed = [i for i in range(len(GRID)) if lost[i] <= ACCURACY_COST * len(truth)]
    return GRID[max(allowed, key=lambda i: tried[i].macro_recall)]


def adjust(folder: Path, balance: Balance) -> WeightsCard:
    """Raise rare emotions in the weights of `folder`, in place, and return their new card.

    An earlier adjustment that the card tells of is taken back first. The card's recipe says what
    was added and what the faces of `balance.valid` scored without; its metrics are still to be
    measured anew.

    Raises:
        UsageError: for an ensemble, whose members have a bias each.
    """
    card = read_card(folder)
    if card.members:
        raise UsageError(f"{card.name} joins {', '.join(card.members)}: balance those.")
    offsets = rare_offsets(class_shares(balance.train, card.labels))
    before, temperature = added_by_balance(card), temperature_of(card)
    truth = evaluation_labels(balance.valid, card.labels)
    rows = judged_rows(truth)
    logits = temperature * split_logits(load_weights(folder), balance.valid.select(rows)) - before
    truth = truth[rows]
    tau = best_tau(logits, truth, offsets) if balance.tau == "auto" else balance.tau
    added = tau * offsets
    plain = scores(logits, truth)
    recipe = {name: value for name, value in card.recipe.items() if name != "balance"}
    if tau > 0:
        recipe["balance"] = {
            "tau": tau,
            "chosen": "on the validation split" if balance.tau == "auto" else "by hand",
            "added": dict(zip(card.label_names, added.tolist(), strict=True)),
            "accuracy_without": plain.correct / max(1, len(truth)),
            "macro_recall_without": plain.macro_recall,
        }
    name = f"{model_entry(card.model, card.options).head.classifier}.bias"
    shift = torch.from_numpy((added - before) / temperature)
    changes = {name: lambda bias: (bias.double() + shift).float()}
    return change_stored(folder, replace(card, recipe=recipe), changes)


def rebalance(folder: Path, balance: Balance) -> list[Evaluation]:
    """Raise rare emotions in the weights of `folder` and return what they score then.

    The folder is replaced when all is measured, or stays as it was.
    """
    with copied_folder(folder) as copy:
        if adjust(copy, balance).calibration:
            calibrate(copy, balance.valid)
        return measure(copy, balance.valid)
