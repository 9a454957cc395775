"""Efficient channel attention (ECA): a channel's weight depends on its neighbours' means only.

Wang, Wu, Zhu, Li, Zuo and Hu, "ECA-Net: Efficient Channel Attention for Deep Convolutional Neural
Networks", CVPR 2020, sections 3.2.2 and 3.2.3, with the paper's gamma = 2 and b = 1.
"""

import math

import torch
from torch import Tensor, nn

from ferstudio.models.attention.gates import GateLayers
from ferstudio.models.attention.tap import AttentionRole, AttentionTap

GAMMA, B = 2, 1


class EfficientChannelAttention(GateLayers):
    """Multiplies each channel by a weight that a 1-D convolution over the channels' means gives."""

    def __init__(self, channels: int) -> None:
        """Build for `channels` features, with the kernel that suits their number."""
        super().__init__()
        size = kernel_size(channels)
        self.conv = nn.Conv1d(1, 1, size, padding=size // 2, bias=False)
        self.gate = AttentionTap(AttentionRole.GATE)

    def logit_layers(self) -> tuple[nn.Module, ...]:
        """Return (): one kernel serves all channels."""
        return ()

    def forward(self, x: Tensor) -> Tensor:
        """Return features (N, C, H, W) scaled by channel."""
        means = x.mean(dim=(2, 3))  # (N, C)
        weights = torch.sigmoid(self.conv(means[:, None]))  # (N, 1, C)
        return x * self.gate(weights[:, 0, :, None, None])  # (N, C, 1, 1)


def kernel_size(channels: int) -> int:
    """Return the odd number nearest |log2(channels) / gamma + b / gamma|; a tie goes up."""
    exact = abs(math.log2(channels) / GAMMA + B / GAMMA)
    return 2 * math.floor(exact / 2) + 1
