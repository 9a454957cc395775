"""Pyramid split attention (PSA): convolutions of four sizes, weighed against one another.

Gu and Jin, "An Expression Recognition Model Combining Attention and Residual Networks", section
2.2, Eqs. 1-6, after Zhang, Zu, Lu, Zou and Meng, "EPSANet: An Efficient Pyramid Squeeze Attention
Block on Convolutional Neural Network", ACCV 2022.

Readings: the text splits the input by channels, but Eq. 3 convolves the whole input in each branch,
and the equation is followed. Eq. 2 gives the smallest kernel two groups, where EPSANet's code has
one. Each branch has squeeze and excitation layers of its own. The text before Eq. 6 swaps the names
of ReLU and sigmoid: the hidden layer has the ReLU.
"""

import torch
from torch import Tensor, nn

from ferstudio.models.attention.se import ChannelWeights
from ferstudio.models.attention.tap import AttentionRole, AttentionTap

KERNEL_SIZES = (3, 5, 7, 9)
"""Sides of the branches' kernels (Eq. 1, S = 4)."""


class PyramidSplitAttention(nn.Module):
    """Four parallel convolutions whose outputs are weighed per channel by a softmax over them.

    The softmax compares weights in [0, 1], so that each scale's share is between 0.10 and 0.48.
    """

    def __init__(
        self, in_channels: int, out_channels: int, stride: int = 1, reduction: int = 16
    ) -> None:
        """Build four branches of out_channels / 4 features each.

        Args:
            in_channels: number of features that come in, a multiple of 16.
            out_channels: number of features that go out, a multiple of 64.
            stride: stride of each branch.
            reduction: each branch's SE layers are squeezed to out_channels / 4 / reduction.
        """
        super().__init__()
        width = out_channels // len(KERNEL_SIZES)
        self.branches = nn.ModuleList(
            nn.Conv2d(
                in_channels,
                width,
                size,
                stride,
                padding=size // 2,
                groups=2 ** ((size - 1) // 2),  # Eq. 2
                bias=False,
            )
            for size in KERNEL_SIZES
        )
        self.weights = nn.ModuleList(ChannelWeights(width, reduction) for _ in KERNEL_SIZES)
        self.scale = AttentionTap(AttentionRole.SCALE)

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, out_channels, H / stride, W / stride) from (N, in_channels, H, W)."""
        features = [branch(x) for branch in self.branches]  # Eq. 3: (N, out_channels / 4, ...)
        weights = [weight(f) for weight, f in zip(self.weights, features, strict=True)]  # Eq. 6
        shares = self.scale(torch.stack(weights, dim=1).softmax(dim=1))  # (N, 4, C_out / 4, 1, 1)
        weighed = [f * share for f, share in zip(features, shares.unbind(dim=1), strict=True)]
        return torch.cat(weighed, dim=1)  # Eq. 4
