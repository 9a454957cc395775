"""CSINet and its ablations: a residual network with attention on its shortcuts and at its end.

Cheng and Kong, "CSINet: Channel-Spatial Fusion Networks for Asymmetric Facial Expression
Recognition", Symmetry 16 (2024) 471, https://doi.org/10.3390/sym16040471: Eq. 1 for the stem,
Eq. 2 for the attention residual module (ARM), Eq. 3 for the channel-spatial feature fusion (CSFF),
Eqs. 4-8 for the local-global feature enhancement (LGFE), Table 4 (b), (c), (d) for the ablations.

Readings where the paper is silent or contradicts itself:

- Eq. 1's unit stands twice, first with stride 2, and a 3x3 max-pooling with stride 2 follows, so
  that pictures of 224 px give maps of 56, 28, 14 and 7 cells.
- The backbone is "improved from ResNet-50", but Eq. 2 has two 3x3 convolutions: stages of 3, 4, 6
  and 3 modules, 64, 128, 256 and 512 wide. No ReLU follows the sum, since Eq. 2 has none.
- CBAM works on the module's input, at its width; where the shape changes, a 1x1 convolution and
  batch norm follow on the shortcut. Without ARM the shortcut is the plain one.
- SE(T) and SAM(T), CBAM's spatial half, are computed once; CSFF and LGFE share them.
- LGFE multiplies as Eq. 8 says; Algorithm 2 prints a concatenation and a 1x1 convolution instead.
- LGFE without CSFF gates the last stage's features: T_n = T in Eq. 8. CSFF without LGFE has no
  gates. All ablations stand on the backbone above; the paper's row (a) is ResNet-50 itself.
"""

from torch import Tensor, nn

from ferstudio.models.attention import (
    CBAM,
    ChannelSpatialFusion,
    LocalGlobalEnhancement,
    SpatialAttention,
    SqueezeExcitation,
)
from ferstudio.models.convolution import Conv2dNormActivation
from ferstudio.models.initialisation import draw_kernel, draw_kernels
from ferstudio.models.registry import Head, register_model

PAPER = (
    "Cheng & Kong, CSINet: Channel-Spatial Fusion Networks for Asymmetric Facial Expression "
    "Recognition, Symmetry 2024"
)

DEPTHS = (3, 4, 6, 3)
"""Residual modules of each stage."""

WIDTHS = (64, 128, 256, 512)
"""Channels of each stage."""

CAM_LAYERS = {"stage1": 4, "stage2": 8, "stage3": 16, "stage4": 32}


class AttentionResidualModule(nn.Module):
    """Two 3x3 convolutions plus the input as CBAM weighs it (Eq. 2)."""

    def __init__(
        self, in_channels: int, channels: int, stride: int = 1, *, attentive: bool = True
    ) -> None:
        """Build; `attentive=False` leaves the shortcut without CBAM."""
        super().__init__()
        self.residual = nn.Sequential(
            Conv2dNormActivation(in_channels, channels, stride=stride),
            Conv2dNormActivation(channels, channels, activation_layer=None),
        )
        self.attention = CBAM(in_channels) if attentive else nn.Identity()
        self.projection: nn.Module = nn.Identity()
        if stride != 1 or in_channels != channels:
            self.projection = Conv2dNormActivation(
                in_channels, channels, kernel_size=1, stride=stride, activation_layer=None
            )

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, channels, H / stride, W / stride) from (N, in_channels, H, W)."""
        return self.residual(x) + self.projection(self.attention(x))


class FusionHead(nn.Module):
    """SE and spatial attention on the last features, fused by CSFF, gated by LGFE, or both."""

    def __init__(self, channels: int, *, csff: bool, lgfe: bool) -> None:
        """Build for `channels` features with at least one of the two."""
        super().__init__()
        self.se = SqueezeExcitation(channels)
        self.sam = SpatialAttention()
        self.csff = ChannelSpatialFusion(channels) if csff else None
        if self.csff is not None:
            draw_kernel(self.csff.conv)
        self.lgfe = LocalGlobalEnhancement() if lgfe else None

    def forward(self, x: Tensor) -> Tensor:
        """Return features (N, C, H, W) of the same shape."""
        x_se, x_sam = self.se(x), self.sam(x)
        if self.csff is not None:
            x = self.csff(x, x_se, x_sam)
        if self.lgfe is not None:
            x = self.lgfe(x, x_se, x_sam)
        return x


class CSINet(nn.Module):
    """The residual network with any of the paper's three modules."""

    def __init__(self, num_classes: int, *, arm: bool, csff: bool, lgfe: bool) -> None:
        """Build an untrained network.

        Args:
            num_classes: number of logits.
            arm: whether CBAM stands on the shortcuts.
            csff: whether the last features are fused with their attention-weighted selves.
            lgfe: whether gates per row and column end the features.
        """
        super().__init__()
        self.stem = nn.Sequential(
            Conv2dNormActivation(3, WIDTHS[0], stride=2),
            Conv2dNormActivation(WIDTHS[0], WIDTHS[0]),
            nn.MaxPool2d(kernel_size=3, stride=2, padding=1),
        )
        self.stage1 = _stage(1, attentive=arm)
        self.stage2 = _stage(2, attentive=arm)
        self.stage3 = _stage(3, attentive=arm)
        self.stage4 = _stage(4, attentive=arm)
        self.fusion = (
            FusionHead(WIDTHS[-1], csff=csff, lgfe=lgfe) if csff or lgfe else nn.Identity()
        )
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(WIDTHS[-1], num_classes)
        draw_kernels(self)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (N, num_classes) of pictures (N, 3, H, W)."""
        x = self.stage1(self.stem(x))  # (N, 64, H / 4, W / 4)
        x = self.stage4(self.stage3(self.stage2(x)))  # (N, 512, H / 32, W / 32)
        x = self.avgpool(self.fusion(x))  # (N, 512, 1, 1)
        return self.fc(x.flatten(1))


@register_model(
    title="CSINet",
    summary="CBAM on every shortcut + fused and gated last features",
    paper=PAPER,
    cam_layers={**CAM_LAYERS, "fusion": 32},
    feature_layer="avgpool",
    head=Head("fc", pools="fusion"),
)
def csinet(num_classes: int) -> nn.Module:
    """Return an untrained CSINet with all three modules."""
    return CSINet(num_classes, arm=True, csff=True, lgfe=True)


@register_model(
    title="CSINet ARM",
    summary="CBAM on every shortcut only",
    paper=PAPER,
    cam_layers=CAM_LAYERS,
    feature_layer="avgpool",
    head=Head("fc", pools="stage4"),
)
def csinet_arm(num_classes: int) -> nn.Module:
    """Return an untrained CSINet with attention residual modules only (Table 4 b)."""
    return CSINet(num_classes, arm=True, csff=False, lgfe=False)


@register_model(
    title="CSINet CSFF",
    summary="plain shortcuts + channel-spatial fusion",
    paper=PAPER,
    cam_layers={**CAM_LAYERS, "fusion": 32},
    feature_layer="avgpool",
    head=Head("fc", pools="fusion"),
)
def csinet_csff(num_classes: int) -> nn.Module:
    """Return an untrained CSINet with channel-spatial fusion only (Table 4 c)."""
    return CSINet(num_classes, arm=False, csff=True, lgfe=False)


@register_model(
    title="CSINet LGFE",
    summary="plain shortcuts + gates per row and column",
    paper=PAPER,
    cam_layers={**CAM_LAYERS, "fusion": 32},
    feature_layer="avgpool",
    head=Head("fc", pools="fusion"),
)
def csinet_lgfe(num_classes: int) -> nn.Module:
    """Return an untrained CSINet with local-global enhancement only (Table 4 d)."""
    return CSINet(num_classes, arm=False, csff=False, lgfe=True)


def _stage(number: int, *, attentive: bool) -> nn.Sequential:
    width, in_width = WIDTHS[number - 1], WIDTHS[max(number - 2, 0)]
    stride = 1 if number == 1 else 2
    return nn.Sequential(
        AttentionResidualModule(in_width, width, stride, attentive=attentive),
        *(
            AttentionResidualModule(width, width, attentive=attentive)
            for _ in range(DEPTHS[number - 1] - 1)
        ),
    )
