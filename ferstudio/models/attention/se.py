"""Squeeze and excitation (SE): one weight per channel, learned from the channels' means.

Hu, Shen and Sun, "Squeeze-and-Excitation Networks", CVPR 2018. SEFER, AGFER's channel branch,
CSINet's fusion and PSA's branches all use it.
"""

import torch
from torch import Tensor, nn

from ferstudio.models.attention.gates import GateLayers
from ferstudio.models.attention.tap import AttentionRole, AttentionTap


class ChannelWeights(GateLayers):
    """The squeeze and the excitation without the scaling: sigmoid(W1 relu(W0 mean(x)))."""

    def __init__(self, channels: int, reduction: int = 16) -> None:
        """Build for `channels` features, squeezed to channels / reduction, but never to none."""
        super().__init__()
        squeezed = max(1, channels // reduction)
        self.squeeze = nn.Conv2d(channels, squeezed, kernel_size=1)
        self.excite = nn.Conv2d(squeezed, channels, kernel_size=1)

    def logit_layers(self) -> tuple[nn.Module, ...]:
        """Return the layer before the sigmoid."""
        return (self.excite,)

    def forward(self, x: Tensor) -> Tensor:
        """Return weights (N, C, 1, 1) in [0, 1] of features (N, C, H, W)."""
        means = x.mean(dim=(2, 3), keepdim=True)  # (N, C, 1, 1)
        return torch.sigmoid(self.excite(torch.relu(self.squeeze(means))))


class SqueezeExcitation(nn.Module):
    """Multiplies each channel by its weight."""

    def __init__(self, channels: int, reduction: int = 16) -> None:
        """Build for `channels` features, squeezed to channels / reduction."""
        super().__init__()
        self.weights = ChannelWeights(channels, reduction)
        self.gate = AttentionTap(AttentionRole.GATE)

    def forward(self, x: Tensor) -> Tensor:
        """Return features (N, C, H, W) scaled by channel."""
        return x * self.gate(self.weights(x))
