"""PSA-ResNet-50 and the attention it is compared with: one bottleneck, one place for each.

Gu and Jin, "An Expression Recognition Model Combining Attention and Residual Networks": section
2.1 and Fig. 3 for the block in which pyramid split attention stands for the 3x3 convolution, Eqs.
1-6 in `attention/psa.py`; Table 3 for ResNet-50 with SE, CBAM, ECA and AFF.

Readings where the paper is silent: the batch norm and ReLU behind the 3x3 convolution stay; SE,
CBAM and ECA stand on the residual after the third batch norm and before the addition, as in their
own papers; AFF takes the addition's place; attention stands in all sixteen blocks. Deviations: no
pretraining on ImageNet; AFF starts as the plain average, without which it did not learn from
scratch. The joint loss (Eqs. 7, 8) belongs to training, not to the network
(`IslandLoss` in `training/engine/losses.py`: its centre loss is a mean where the cited one sums).
"""

from functools import partial
from typing import ClassVar

from torch import Tensor, nn

from ferstudio.models.attention import (
    CBAM,
    AttentionalFeatureFusion,
    EfficientChannelAttention,
    PyramidSplitAttention,
    SqueezeExcitation,
)
from ferstudio.models.registry import Head, register_model
from ferstudio.models.residual import Bottleneck, ResNet
from ferstudio.models.resnet import CAM_LAYERS

PAPER = "Gu & Jin, An Expression Recognition Model Combining Attention and Residual Networks"

BLOCKS = (3, 4, 6, 3)
"""Bottlenecks per stage of ResNet-50."""

register_variant = partial(
    register_model,
    paper=PAPER,
    cam_layers=CAM_LAYERS,
    feature_layer="avgpool",
    head=Head("fc", pools="layer4"),
)
"""Registers one of the networks of Table 3, which differ in their attention alone."""


class AttentiveBottleneck(Bottleneck):
    """The bottleneck with three places for attention, all of them empty here."""

    convolution_type: ClassVar[type[nn.Module] | None] = None
    """What stands for the 3x3 convolution; built with in_channels, out_channels and stride."""
    attention_type: ClassVar[type[nn.Module] | None] = None
    """What the residual passes; built with its number of channels."""
    fusion_type: ClassVar[type[nn.Module] | None] = None
    """What stands for the addition; built with the number of channels."""

    def __init__(
        self, inplanes: int, planes: int, stride: int = 1, downsample: nn.Module | None = None
    ) -> None:
        """Build as Bottleneck, then fill the places that a type is named for."""
        super().__init__(inplanes, planes, stride, downsample)
        channels = planes * self.expansion
        if self.convolution_type is not None:
            self.conv2 = self.convolution_type(planes, planes, stride)
        self.attention = None if self.attention_type is None else self.attention_type(channels)
        self.fusion = None if self.fusion_type is None else self.fusion_type(channels)

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, 4 * planes, H / stride, W / stride) from (N, inplanes, H, W)."""
        shortcut = x if self.downsample is None else self.downsample(x)
        residual = self.relu(self.bn1(self.conv1(x)))
        residual = self.relu(self.bn2(self.conv2(residual)))
        residual = self.bn3(self.conv3(residual))
        if self.attention is not None:
            residual = self.attention(residual)
        joint = residual + shortcut if self.fusion is None else self.fusion(shortcut, residual)
        return self.relu(joint)


class PSABottleneck(AttentiveBottleneck):
    """A bottleneck whose 3x3 convolution is pyramid split attention (Fig. 3 b)."""

    convolution_type = PyramidSplitAttention


class SEBottleneck(AttentiveBottleneck):
    """A bottleneck whose residual passes squeeze and excitation."""

    attention_type = SqueezeExcitation


class CBAMBottleneck(AttentiveBottleneck):
    """A bottleneck whose residual passes CBAM."""

    attention_type = CBAM


class ECABottleneck(AttentiveBottleneck):
    """A bottleneck whose residual passes efficient channel attention."""

    attention_type = EfficientChannelAttention


class AFFBottleneck(AttentiveBottleneck):
    """A bottleneck that joins shortcut and residual by attentional feature fusion."""

    fusion_type = AttentionalFeatureFusion


@register_variant(
    title="PSA-ResNet-50",
    summary="pyramid split attention for each 3×3",
)
def psa_resnet50(num_classes: int) -> nn.Module:
    """Return an untrained PSA-ResNet-50, the paper's network."""
    return ResNet(PSABottleneck, BLOCKS, num_classes=num_classes)


@register_variant(
    title="ResNet-50 SE",
    summary="squeeze and excitation on each residual",
)
def resnet50_se(num_classes: int) -> nn.Module:
    """Return an untrained ResNet-50 with SE on each residual (Table 3)."""
    return ResNet(SEBottleneck, BLOCKS, num_classes=num_classes)


@register_variant(
    title="ResNet-50 CBAM",
    summary="channel and spatial attention on each residual",
)
def resnet50_cbam(num_classes: int) -> nn.Module:
    """Return an untrained ResNet-50 with CBAM on each residual (Table 3)."""
    return ResNet(CBAMBottleneck, BLOCKS, num_classes=num_classes)


@register_variant(
    title="ResNet-50 ECA",
    summary="efficient channel attention on each residual",
)
def resnet50_eca(num_classes: int) -> nn.Module:
    """Return an untrained ResNet-50 with ECA on each residual (Table 3)."""
    return ResNet(ECABottleneck, BLOCKS, num_classes=num_classes)


@register_variant(
    title="ResNet-50 AFF",
    summary="attentional fusion for each addition",
)
def resnet50_aff(num_classes: int) -> nn.Module:
    """Return an untrained ResNet-50 with AFF for each addition (Table 3)."""
    network = ResNet(AFFBottleneck, BLOCKS, num_classes=num_classes)
    for part in network.modules():
        if isinstance(part, AttentionalFeatureFusion):
            part.start_as_average()
    return network
