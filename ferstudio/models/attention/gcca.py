"""Group convolutional channel attention (GCCA): one weight per channel, from three poolings.

Chen and Chen, "A Framework for Facial Expression Recognition Combining Contextual Information and
Attention Mechanism", section "Backbone Network", Eqs. 1 and 2 and Fig. 3:

    M(F) = sigmoid(W2 relu(W1 relu(G(F_avg; F_max; F_rdm))))
    F'   = M(F) · F + F

Readings: the random pooling F_rdm, which the paper doesn't define, is stochastic pooling over the
whole map (Zeiler and Fergus, "Stochastic Pooling for Regularization of Deep Convolutional Neural
Networks", ICLR 2013): in training a position drawn with probability proportional to its activation
(their Eqs. 4, 5), in evaluation the mean weighted by the same probabilities (their Eq. 6). G, a
1x1 convolution of 3C features in C groups, is a depthwise 3x1 convolution of the three values set
below one another here: the same sums, many times as fast. It has a bias, as W1 and W2 have, and
starts as the mean of its three inputs. These are never negative, so weights drawn around zero would
shut about half of the channels behind the ReLU for all pictures.
"""

import torch
from torch import Tensor, nn

from ferstudio.models.attention.gates import GateLayers
from ferstudio.models.attention.tap import AttentionRole, AttentionTap


class StochasticPool2d(nn.Module):
    """Pools each map to one activation: drawn in training, its expected value in evaluation."""

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, C, 1, 1) from activations (N, C, H, W), of which negative ones count as 0."""
        if not self.training:
            return _expected_activations(x)
        positions = draw_positions(x)[..., None]  # (N, C, 1)
        return x.flatten(2).gather(2, positions)[..., None]


class GCCA(GateLayers):
    """Adds to features what is left of them when each channel is multiplied by its weight."""

    def __init__(self, channels: int, reduction: int = 16) -> None:
        """Build for `channels` features, squeezed to channels / reduction, but never to none."""
        super().__init__()
        squeezed = max(1, channels // reduction)
        self.random_pool = StochasticPool2d()
        self.mix = nn.Conv2d(channels, channels, kernel_size=(3, 1), groups=channels)
        self.squeeze = nn.Conv2d(channels, squeezed, kernel_size=1)
        self.excite = nn.Conv2d(squeezed, channels, kernel_size=1)
        self.gate = AttentionTap(AttentionRole.GATE)
        nn.init.constant_(self.mix.weight, 1 / 3)
        if self.mix.bias is not None:
            nn.init.zeros_(self.mix.bias)

    def logit_layers(self) -> tuple[nn.Module, ...]:
        """Return the layer before the sigmoid."""
        return (self.excite,)

    def forward(self, x: Tensor) -> Tensor:
        """Return features (N, C, H, W) times one plus their channel's weight, Eq. 2."""
        mean, highest = x.mean(dim=(2, 3), keepdim=True), x.amax(dim=(2, 3), keepdim=True)
        pooled = torch.cat([mean, highest, self.random_pool(x)], dim=2)  # (N, C, 3, 1)
        mixed = torch.relu(self.mix(pooled))  # (N, C, 1, 1)
        hidden = torch.relu(self.squeeze(mixed))  # (N, C / r, 1, 1)
        return x * (1 + self.gate(torch.sigmoid(self.excite(hidden))))


def draw_positions(x: Tensor) -> Tensor:
    """Return one random position h · W + w per picture and channel, (N, C) int64.

    The probability of a position is its share of the map's activations (N, C, H, W); negative ones
    count as 0. Where all are 0, every position is as probable as any other. The row is drawn by
    the rows' sums and then the column within the row, which needs no second map of the input's
    size in float32. The numbers come from torch's global generator.
    """
    activations = x.detach().clamp(min=0)
    # In this order of axes the sum is quick in both memory formats.
    sums = activations.permute(0, 2, 3, 1).sum(dim=2, dtype=torch.float32)  # (N, H, C)
    row = _draw(sums.transpose(1, 2))  # (N, C)
    width = x.shape[3]
    chosen = activations.gather(2, row[..., None, None].expand(-1, -1, 1, width))  # (N, C, 1, W)
    return row * width + _draw(chosen.squeeze(2))


def _draw(weights: Tensor) -> Tensor:
    """Return one index (N, C) per row of weights (N, C, K), by inversion of their running sum.

    In float64 the sum doesn't rise where a weight is 0, in whatever order a device adds.
    """
    weights = torch.where(weights.sum(dim=2, keepdim=True) > 0, weights, 1).double()
    reached = weights.cumsum(dim=2)
    total = reached[..., -1:]
    index = (reached <= torch.rand_like(total) * total).sum(dim=2)
    return index.clamp(max=weights.shape[2] - 1)  # an infinite weight leads beyond the last


def _expected_activations(x: Tensor) -> Tensor:
    """Return (N, C, 1, 1): the sum of p · a with p = a / sum of a, and 0 where all are 0."""
    activations = x.clamp(min=0).to(torch.promote_types(x.dtype, torch.float32))
    total = activations.sum(dim=(2, 3), keepdim=True)
    squares = activations.square().sum(dim=(2, 3), keepdim=True)
    return (squares / total.clamp(min=torch.finfo(total.dtype).tiny)).to(x.dtype)
