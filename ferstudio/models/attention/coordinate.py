"""Coordinate attention (CA) as ACSI-Net writes it.

Hou, Zhou and Feng, "Coordinate attention for efficient mobile network design", CVPR 2021, in the
form of Li, Zhu and Zhou, "Facial Expression Recognition: One Attention-Modulated Contextual
Spatial Information Network", Entropy 24 (2022) 882, Eqs. 3-8. The difference: the squeezed
features pass a sigmoid (Eq. 5), where the original has h-swish. Eq. 5 prints no batch norm before
it; the original has one, and it is kept.
"""

import torch
from torch import Tensor, nn

from ferstudio.models.attention.gates import GateLayers
from ferstudio.models.attention.tap import AttentionRole, AttentionTap


class CoordinateAttention(GateLayers):
    """Multiplies features by a gate per row and a gate per column, each of its own channel."""

    def __init__(self, channels: int, reduction: int = 16, min_channels: int = 8) -> None:
        """Build for `channels` features, squeezed to max(min_channels, channels / reduction)."""
        super().__init__()
        squeezed = max(min_channels, channels // reduction)
        self.squeeze = nn.Conv2d(channels, squeezed, kernel_size=1)
        self.norm = nn.BatchNorm2d(squeezed)
        self.expand_h = nn.Conv2d(squeezed, channels, kernel_size=1)
        self.expand_w = nn.Conv2d(squeezed, channels, kernel_size=1)
        self.gate_h = AttentionTap(AttentionRole.GATE)
        self.gate_w = AttentionTap(AttentionRole.GATE)

    def logit_layers(self) -> tuple[nn.Module, ...]:
        """Return the layers before the rows' and the columns' gates."""
        return (self.expand_h, self.expand_w)

    def forward(self, x: Tensor) -> Tensor:
        """Return features (N, C, H, W) gated by rows and columns, Eq. 8."""
        height, width = x.shape[-2:]
        rows = x.mean(dim=3, keepdim=True)  # Eq. 3: (N, C, H, 1)
        columns = x.mean(dim=2, keepdim=True).transpose(2, 3)  # Eq. 4: (N, C, W, 1)
        joint = torch.cat([rows, columns], dim=2)  # (N, C, H + W, 1)
        joint = torch.sigmoid(self.norm(self.squeeze(joint)))  # Eq. 5: (N, C / r, H + W, 1)
        rows, columns = joint.split([height, width], dim=2)
        gate_h = self.gate_h(torch.sigmoid(self.expand_h(rows)))  # Eq. 6: (N, C, H, 1)
        gate_w = torch.sigmoid(self.expand_w(columns)).transpose(2, 3)  # Eq. 7: (N, C, 1, W)
        return x * gate_h * self.gate_w(gate_w)
