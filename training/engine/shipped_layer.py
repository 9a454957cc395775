"""What shipping did to a network's last layer, and how it was before.

Shipped logits are (logits as trained + what balance added) / temperature, both baked into the last
layer (`training.shipping.calibration`, `training.shipping.adjustment`). Who learns on from shipped
weights, or from their answers, wants them as they were trained.
"""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ferstudio.models import model_entry
from ferstudio.models.card import WeightsCard


def temperature_of(card: WeightsCard) -> float:
    """Return what the logits of a card's weights were divided by; 1 where they weren't."""
    return float(card.calibration.get("temperature", 1.0))


def added_by_balance(card: WeightsCard) -> NDArray[np.float64]:
    """Return (K,) what balance added to the logits of a card's weights before that division."""
    added = card.recipe.get("balance", {}).get("added", {})
    return np.array([added.get(name, 0.0) for name in card.label_names], np.float64)


def as_trained(card: WeightsCard, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return a shipped state dict with the last layer as it was trained."""
    layer, temperature = model_entry(card.model, card.options).head.classifier, temperature_of(card)
    weight, bias = (state[f"{layer}.{part}"].double() for part in ("weight", "bias"))
    own = {
        f"{layer}.weight": (weight * temperature).float(),
        f"{layer}.bias": (bias * temperature - torch.from_numpy(added_by_balance(card))).float(),
    }
    return {**state, **own}
