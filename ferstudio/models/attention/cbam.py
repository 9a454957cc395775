"""The convolutional block attention module (CBAM): first which channels, then which places.

Woo, Park, Lee and Kweon, "CBAM: Convolutional Block Attention Module", ECCV 2018, Eqs. 2 and 3.
The two halves can be used alone: CSINet fuses features with the spatial half. CBAMFER's form
(Arabian et al. 2023, section 2.2.2) has fully connected layers of its own for the average and for
the maximum: `shared=False`.
"""

import torch
from torch import Tensor, nn

from ferstudio.models.attention.gates import GateLayers
from ferstudio.models.attention.tap import AttentionRole, AttentionTap


class ChannelAttention(GateLayers):
    """Multiplies each channel by a weight learned from its mean and its maximum (Eq. 2)."""

    def __init__(self, channels: int, reduction: int = 16, *, shared: bool = True) -> None:
        """Build for `channels` features.

        Args:
            channels: number of features.
            reduction: the hidden layer has channels / reduction features, at least one.
            shared: whether mean and maximum pass the same two layers, as in CBAM.
        """
        super().__init__()
        self.mean_layers = _two_layers(channels, reduction)
        self.max_layers = None if shared else _two_layers(channels, reduction)
        self.gate = AttentionTap(AttentionRole.GATE)

    def logit_layers(self) -> tuple[nn.Module, ...]:
        """Return the last layers for the mean and for the maximum, one where they share it."""
        return tuple(
            layers[-1] for layers in (self.mean_layers, self.max_layers) if layers is not None
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return features (N, C, H, W) scaled by channel."""
        mean = self.mean_layers(x.mean(dim=(2, 3), keepdim=True))  # (N, C, 1, 1)
        max_layers = self.mean_layers if self.max_layers is None else self.max_layers
        highest = max_layers(x.amax(dim=(2, 3), keepdim=True))  # (N, C, 1, 1)
        return x * self.gate(torch.sigmoid(mean + highest))


class SpatialAttention(GateLayers):
    """Multiplies each place by a weight learned from mean and maximum over channels (Eq. 3)."""

    def __init__(self, kernel_size: int = 7) -> None:
        """Build with a convolution of `kernel_size`, odd."""
        super().__init__()
        self.conv = nn.Conv2d(2, 1, kernel_size, padding=kernel_size // 2)
        self.gate = AttentionTap(AttentionRole.GATE)

    def logit_layers(self) -> tuple[nn.Module, ...]:
        """Return the layer before the sigmoid."""
        return (self.conv,)

    def forward(self, x: Tensor) -> Tensor:
        """Return features (N, C, H, W) scaled by place."""
        mean, highest = x.mean(dim=1, keepdim=True), x.amax(dim=1, keepdim=True)  # (N, 1, H, W)
        return x * self.gate(torch.sigmoid(self.conv(torch.cat([mean, highest], dim=1))))


class CBAM(nn.Module):
    """Channel attention, then spatial attention."""

    def __init__(self, channels: int, reduction: int = 16, *, shared: bool = True) -> None:
        """Build for `channels` features; arguments as of `ChannelAttention`."""
        super().__init__()
        self.channel = ChannelAttention(channels, reduction, shared=shared)
        self.spatial = SpatialAttention()

    def forward(self, x: Tensor) -> Tensor:
        """Return features (N, C, H, W) scaled by channel and by place."""
        return self.spatial(self.channel(x))


def _two_layers(channels: int, reduction: int) -> nn.Sequential:
    hidden = max(1, channels // reduction)
    return nn.Sequential(
        nn.Conv2d(channels, hidden, kernel_size=1),
        nn.ReLU(),
        nn.Conv2d(hidden, channels, kernel_size=1),
    )
