"""A network that looks at chosen pixels and at nothing else, so that what explains it is known."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ferstudio.models import LoadedModel, model_entry
from ferstudio.types import FaceCrop
from tests.networks import INPUT, card

SIZE_PX = INPUT.size
WATCHED, OTHERS = "neutral", 7
"""The emotion whose logit the network computes; the logits of the other seven are 0."""


class Watcher(nn.Module):
    """Logit of the first emotion: a weighted sum of brightness and a bias; the others are 0."""

    def __init__(self, weights: NDArray[np.floating], bias: float = 0.0) -> None:
        """Watch the pixels with `weights` (S, S)."""
        super().__init__()
        self.register_buffer("weights", torch.as_tensor(weights, dtype=torch.float64))
        self.bias = bias

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, 8) logits of normalised pictures (N, 3, S, S)."""
        bright = x[:, 0].double() * INPUT.std[0] + INPUT.mean[0]
        logit = (bright * self.get_buffer("weights")).sum(dim=(1, 2)) + self.bias
        return torch.cat([logit[:, None], logit.new_zeros(len(x), OTHERS)], dim=1)


def watcher(weights: NDArray[np.floating], bias: float = 0.0) -> LoadedModel:
    """Return a `Watcher` as if it had been loaded from weights."""
    return LoadedModel(model_entry("resnet18"), card("resnet18"), Watcher(weights, bias).eval())


def region_watcher(mask: NDArray[np.bool_]) -> LoadedModel:
    """Return a network that is sure where `mask` (S, S) is bright, and of another answer if not."""
    return watcher(24 * mask / mask.sum(), bias=-18)


def lit_crop(mask: NDArray[np.bool_], seed: int = 0) -> FaceCrop:
    """Return a crop that is bright under `mask` (S, S), and dim and noisy elsewhere."""
    noise = np.random.default_rng(seed).integers(20, 70, mask.shape)
    return grey_crop(np.where(mask, 230, noise))


def grey_crop(grey: NDArray[np.integer]) -> FaceCrop:
    """Return the crop of a grey picture (S, S) in [0, 255]."""
    image = np.repeat(grey[:, :, None], 3, axis=2).astype(np.uint8)
    return FaceCrop(image, None, np.eye(2, 3))


def probability(logit: float) -> float:
    """Return the watched emotion's probability at a logit."""
    return float(np.exp(logit) / (np.exp(logit) + OTHERS))
