"""Attentional feature fusion (AFF): how much of each of two maps, place by place.

Dai, Gieseke, Oehmcke, Wu and Barnard, "Attentional Feature Fusion", WACV 2021: the multi-scale
channel attention module (MS-CAM) and Z = M(X + Y) X + (1 - M(X + Y)) Y. In a residual block X is
the shortcut and Y the learned residual, as the paper has it.

Readings: the equation is followed; the authors' code doubles Z, which turns gates of one half into
the plain addition. The channels are squeezed to 1/16, as in the authors' ResNet-50 for
ImageNet; their r = 4 is for small networks. The convolutions have no bias, since each is followed
by a batch norm.

Fresh norms draw the gates' logits at random with a variance of two. Sixteen such blocks in a row
did not learn from scratch: the loss stayed at that of guessing. With gates that start at one half
they learn; `start_as_average` brings that about.

The pooled branch normalises maps of 1x1: training needs batches of at least two pictures.
"""

import torch
from torch import Tensor, nn

from ferstudio.models.attention.gates import GateLayers
from ferstudio.models.attention.tap import AttentionRole, AttentionTap


class AttentionalFeatureFusion(GateLayers):
    """Mixes two maps of the same shape by a weight per channel and place."""

    def __init__(self, channels: int, reduction: int = 16) -> None:
        """Build for two maps of `channels` features, squeezed to channels / reduction."""
        super().__init__()
        self.local_context = _context(channels, reduction)
        self.global_context = _context(channels, reduction)
        self.gate = AttentionTap(AttentionRole.GATE)

    def start_as_average(self) -> None:
        """Make every gate one half by zeroing the weights of the last norms, which then learn."""
        for context in (self.local_context, self.global_context):
            nn.init.zeros_(context.get_parameter("4.weight"))

    def logit_layers(self) -> tuple[nn.Module, ...]:
        """Return (): these gates start as an average."""
        return ()

    def forward(self, shortcut: Tensor, residual: Tensor) -> Tensor:
        """Return gate * shortcut + (1 - gate) * residual, all (N, C, H, W)."""
        joint = shortcut + residual
        pooled = self.global_context(joint.mean(dim=(2, 3), keepdim=True))  # (N, C, 1, 1)
        gate = self.gate(torch.sigmoid(self.local_context(joint) + pooled))  # (N, C, H, W)
        return gate * shortcut + (1 - gate) * residual


def _context(channels: int, reduction: int) -> nn.Sequential:
    squeezed = max(1, channels // reduction)
    return nn.Sequential(
        nn.Conv2d(channels, squeezed, kernel_size=1, bias=False),
        nn.BatchNorm2d(squeezed),
        nn.ReLU(),
        nn.Conv2d(squeezed, channels, kernel_size=1, bias=False),
        nn.BatchNorm2d(channels),
    )
