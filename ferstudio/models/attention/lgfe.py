"""Local-global feature coordination enhancement (LGFE): a gate per row and a gate per column.

Cheng and Kong, "CSINet: Channel-Spatial Fusion Networks for Asymmetric Facial Expression
Recognition", Symmetry 16 (2024) 471, Eqs. 4-8. The paper's Algorithm 2 prints a concatenation and
a 1x1 convolution in place of the product; the equations are followed, which have no weights.
"""

import torch
from torch import Tensor, nn

from ferstudio.models.attention.tap import AttentionRole, AttentionTap


class LocalGlobalEnhancement(nn.Module):
    """Multiplies features by gates of rows and of columns, each of its own channel."""

    def __init__(self) -> None:
        """Build; there is nothing to learn."""
        super().__init__()
        self.gate_h = AttentionTap(AttentionRole.GATE)
        self.gate_w = AttentionTap(AttentionRole.GATE)

    def forward(self, x: Tensor, x_se: Tensor, x_sam: Tensor) -> Tensor:
        """Return gated features (N, C, H, W), Eq. 8.

        Args:
            x: features T_n to gate (N, C, H, W).
            x_se: features scaled by channel, T_se (N, C, H, W); row means give the rows' gate.
            x_sam: features scaled by place, T_sam (N, C, H, W); column means give the columns'.
        """
        gate_h = torch.sigmoid(x_se.mean(dim=3, keepdim=True))  # Eqs. 4, 6: (N, C, H, 1)
        gate_w = torch.sigmoid(x_sam.mean(dim=2, keepdim=True))  # Eqs. 5, 7: (N, C, 1, W)
        return x * self.gate_h(gate_h) * self.gate_w(gate_w)
