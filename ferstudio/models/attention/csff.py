"""Channel-spatial feature fusion (CSFF): features beside their two weighted selves, then mixed.

Cheng and Kong, "CSINet: Channel-Spatial Fusion Networks for Asymmetric Facial Expression
Recognition", Symmetry 16 (2024) 471, Eq. 3. The weighted features come from outside, because
CSINet's LGFE uses them too. The equation has no batch norm, so the convolution has a bias.
"""

import torch
from torch import Tensor, nn


class ChannelSpatialFusion(nn.Module):
    """Mixes features with what channel and spatial attention made of them (Eq. 3)."""

    def __init__(self, channels: int) -> None:
        """Build for `channels` features: one 3x3 convolution from three times as many."""
        super().__init__()
        self.conv = nn.Conv2d(3 * channels, channels, kernel_size=3, padding=1)

    def forward(self, x: Tensor, x_se: Tensor, x_sam: Tensor) -> Tensor:
        """Return fused features (N, C, H, W).

        Args:
            x: features T_o (N, C, H, W).
            x_se: the same scaled by channel, T_se.
            x_sam: the same scaled by place, T_sam.
        """
        joint = torch.cat([x, x_se, x_sam], dim=1)  # (N, 3 C, H, W)
        return self.conv(torch.relu(joint))
