"""AGFER's attention: which channels and which places, in parallel, joined by a product.

Arabian, Battistel, Chase and Moeller, "Attention-Guided Network Model for Image-Based Emotion
Recognition", Applied Sciences 13 (2023) 10179, section 2.2.3 and Fig. 4. The paper gives words and
a drawing, no equations; as formulas, with c(x) and s(x) the two branches' outputs:

    c = sigmoid(W2 relu(W1 mean over places of x))
    s = sigmoid(conv3(relu(conv3(mean over channels of x))))
    out = x · sigmoid(c · s)

Readings: convolutions are padded with zeros to keep the map's size, and "fused with the input" is
a product, as in the SE and CBAM blocks beside it. Since c · s lies in [0, 1], no place of any
channel is ever dimmed below sigmoid(0) = 0.5 or kept above sigmoid(1) = 0.731.
"""

import torch
from torch import Tensor, nn

from ferstudio.models.attention.gates import GateLayers
from ferstudio.models.attention.se import ChannelWeights
from ferstudio.models.attention.tap import AttentionRole, AttentionTap


class ChannelBranch(nn.Module):
    """The "maps of influence": one weight per channel, as in squeeze and excitation."""

    def __init__(self, channels: int, reduction: int = 16) -> None:
        """Build for `channels` features, squeezed to channels / reduction."""
        super().__init__()
        self.weights = ChannelWeights(channels, reduction)
        self.gate = AttentionTap(AttentionRole.GATE)

    def forward(self, x: Tensor) -> Tensor:
        """Return weights (N, C, 1, 1) in [0, 1] of features (N, C, H, W)."""
        return self.gate(self.weights(x))


class SpatialBranch(GateLayers):
    """The "position of high concentration": one weight per place, through a map per class."""

    def __init__(self, num_classes: int) -> None:
        """Build with num_classes + 1 hidden maps."""
        super().__init__()
        self.spread = nn.Conv2d(1, num_classes + 1, kernel_size=3, padding=1)
        self.merge = nn.Conv2d(num_classes + 1, 1, kernel_size=3, padding=1)
        self.gate = AttentionTap(AttentionRole.GATE)

    def logit_layers(self) -> tuple[nn.Module, ...]:
        """Return the layer before the sigmoid."""
        return (self.merge,)

    def forward(self, x: Tensor) -> Tensor:
        """Return weights (N, 1, H, W) in [0, 1] of features (N, C, H, W)."""
        maps = torch.relu(self.spread(x.mean(dim=1, keepdim=True)))  # (N, num_classes + 1, H, W)
        return self.gate(torch.sigmoid(self.merge(maps)))


class AGFER(nn.Module):
    """Multiplies features by the sigmoid of the product of both branches."""

    def __init__(self, channels: int, num_classes: int, *, reduction: int = 16) -> None:
        """Build for `channels` features of a network with `num_classes` outputs."""
        super().__init__()
        self.channel = ChannelBranch(channels, reduction)
        self.spatial = SpatialBranch(num_classes)
        self.gate = AttentionTap(AttentionRole.GATE)

    def forward(self, x: Tensor) -> Tensor:
        """Return features (N, C, H, W) times gates in [0.5, 0.731] of the same shape."""
        return x * self.gate(torch.sigmoid(self.channel(x) * self.spatial(x)))
