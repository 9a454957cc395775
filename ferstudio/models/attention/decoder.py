"""The partial decoder: the features of the deep levels, fused to one global map.

Wu, Su and Huang, "Cascaded Partial Decoder for Fast and Accurate Salient Object Detection", CVPR
2019, as Chen and Chen, "A Framework for Facial Expression Recognition Combining Contextual
Information and Attention Mechanism", section "Partial Decoder", use it on blocks 3, 4 and 5 of
VGG16: P_d = pd(C_3, C_4, C_5). With f_i the reduced features of level i, U a resizing to
the size of the shallower level and conv a 3x3 convolution with batch norm, one of its own each:

    g_4 = f_4 · conv(U(f_5))                       g_3 = f_3 · conv(U(f_4)) · conv(U(f_5))
    h_4 = conv([g_4, conv(U(f_5))])                h_3 = conv([g_3, conv(U(h_4))])
    P_d = conv1(conv(h_3))

Readings: a level is reduced by a 1x1 convolution with batch norm and ReLU, where the authors of
the decoder have receptive field blocks; as in their code, no ReLU follows the other convolutions.
Maps are resized to the size of another, not by a factor, since VGG16's pooling rounds down.
"""

from collections.abc import Iterable

from torch import Tensor, cat, nn
from torch.nn import functional

from ferstudio.models.attention.tap import AttentionRole, AttentionTap
from ferstudio.models.convolution import Conv2dNormActivation


class PartialDecoder(nn.Module):
    """Fuses three levels of features by products and concatenations, from deep to shallow."""

    def __init__(self, channels: Iterable[int], width: int = 32) -> None:
        """Build.

        Args:
            channels: number of features of levels 3, 4 and 5, from shallow to deep.
            width: number to which the features of each level are reduced.
        """
        super().__init__()
        self.reduce3, self.reduce4, self.reduce5 = (
            Conv2dNormActivation(count, width, kernel_size=1) for count in channels
        )
        self.multiply_5_by_4 = _conv(width)
        self.multiply_5_by_3 = _conv(width)
        self.multiply_4_by_3 = _conv(width)
        self.join_5_to_4 = _conv(width)
        self.join_4_to_3 = _conv(2 * width)
        self.fuse4 = _conv(2 * width)
        self.fuse3 = _conv(3 * width)
        self.smooth = _conv(3 * width)
        self.predict: nn.Module = nn.Conv2d(3 * width, 1, kernel_size=1)
        self.map = AttentionTap(AttentionRole.MAP)

    def forward(self, c3: Tensor, c4: Tensor, c5: Tensor) -> Tensor:
        """Return the map P_d (N, 1, H, W), in logits, of the size of `c3` (N, C_3, H, W).

        Args:
            c3: features of level 3, the finest.
            c4: features of level 4.
            c5: features of level 5.
        """
        f3, f4, f5 = self.reduce3(c3), self.reduce4(c4), self.reduce5(c5)
        f5_at_4 = resize(f5, f4)
        g4 = f4 * self.multiply_5_by_4(f5_at_4)
        g3 = f3 * self.multiply_4_by_3(resize(f4, f3)) * self.multiply_5_by_3(resize(f5, f3))
        h4 = self.fuse4(cat([g4, self.join_5_to_4(f5_at_4)], dim=1))
        h3 = self.fuse3(cat([g3, self.join_4_to_3(resize(h4, f3))], dim=1))
        return self.map(self.predict(self.smooth(h3)))


def resize(x: Tensor, like: Tensor) -> Tensor:
    """Return `x` (N, C, h, w), bilinearly resized to the height and width of `like`."""
    return functional.interpolate(x, size=like.shape[-2:], mode="bilinear", align_corners=False)


def _conv(channels: int) -> Conv2dNormActivation:
    return Conv2dNormActivation(channels, channels, activation_layer=None)
