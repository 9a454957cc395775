"""One temperature per network, baked into its last layer.

The logits are divided by the temperature under which the validation labels are likeliest
(`training.evaluation.calibration`). The last layer is linear, so its weights and its bias are
divided instead: whoever loads the file shows calibrated probabilities and needs to know nothing of
it. No answer and no heatmap changes.
"""

from dataclasses import replace
from pathlib import Path

from ferstudio.errors import UsageError
from ferstudio.files import copied_folder
from ferstudio.models import load_weights, model_entry
from ferstudio.models.card import WeightsCard, read_card, with_record, write_card
from ferstudio.models.shards import SCALE_SUFFIX
from training.data.protocols import evaluation_labels, judged_rows
from training.data.table import FaceTable
from training.engine.shipped_layer import temperature_of
from training.evaluation.calibration import (
    BINS,
    best_temperature,
    confidence_gap,
    negative_log_likelihood,
)
from training.evaluation.scores import Evaluation
from training.shipping.last_layer import change_stored, split_logits
from training.shipping.measure import measure

CALIBRATION = "calibration"
"""What the card calls the temperature where it records which weights it is of."""


def calibrate(folder: Path, valid: FaceTable) -> WeightsCard:
    """Calibrate the weights of `folder` on `valid`, in place, and return their new card.

    An earlier temperature that the card tells of is taken back first. The card's metrics are still
    to be measured anew.

    Raises:
        UsageError: for an ensemble, whose members have a last layer each, or without labels.
    """
    card = read_card(folder)
    if card.members:
        raise UsageError(f"{card.name} joins {', '.join(card.members)}: calibrate those.")
    truth = evaluation_labels(valid, card.labels)
    rows = judged_rows(truth)
    if not len(rows):
        raise UsageError(f"No face has a label of {card.labels} to calibrate {card.name} by.")
    before = temperature_of(card)
    logits = before * split_logits(load_weights(folder), valid.select(rows))
    truth = truth[rows]
    temperature = best_temperature(logits, truth)
    calibration = {
        "temperature": temperature,
        "split": "valid",
        "n": len(truth),
        "bins": BINS,
        "ece": confidence_gap(logits / temperature, truth),
        "ece_without": confidence_gap(logits, truth),
        "nll": negative_log_likelihood(logits / temperature, truth),
        "nll_without": negative_log_likelihood(logits, truth),
    }
    layer = model_entry(card.model, card.options).head.classifier
    changes = {
        name: lambda stored: (stored.double() * (before / temperature)).float()
        for name in (f"{layer}.weight{SCALE_SUFFIX}", f"{layer}.bias")
    }
    changed = change_stored(folder, replace(card, calibration=calibration), changes)
    recorded = with_record(folder, changed, CALIBRATION)
    write_card(folder, recorded)
    return recorded


def recalibrate(folder: Path, valid: FaceTable) -> list[Evaluation]:
    """Calibrate the weights of `folder` and return what they score then.

    The folder is replaced when all is measured, or stays as it was.
    """
    with copied_folder(folder) as copy:
        calibrate(copy, valid)
        return measure(copy, valid)
