"""ACSI-Net and its ablations: ResNet-18 with contextual convolution and coordinate attention.

Li, Zhu and Zhou, "Facial Expression Recognition: One Attention-Modulated Contextual Spatial
Information Network", Entropy 24 (2022) 882, https://doi.org/10.3390/e24070882: Table 1 for the
contextual convolutions (Eqs. 1, 2), Eqs. 3-8 for coordinate attention, Tables 3 and 4 for the
ablations CoResNet, CoResNet_CA-a (attention in the blocks) and CoResNet_CA-b (final mask only).

Readings where the paper is silent: each 3x3 convolution of a basic block in stages 1 to 3 becomes
one contextual convolution on the whole input; attention stands after the second convolution's
batch norm and before the addition; the final attention follows stage 4. No pretraining.

Where the paper is at odds with itself: sections 3 and 4.3.2 speak of four attention modules in
CoResNet, and section 4.3.2 of one in each residual block (CA-a) and one at the end (CA-b). Here two
are in each of stages 1 to 3 and one at the end: so the parameters are Table 4's to 0.01 M. Eq. 5
prints no batch norm behind the 1x1 convolution; the coordinate attention that it cites has one, and
so has ours (`attention/coordinate.py`).
"""

import torch
from torch import Tensor, nn

from ferstudio.models.attention import CoordinateAttention
from ferstudio.models.registry import Head, register_model
from ferstudio.models.residual import BasicBlock, ResNet
from ferstudio.models.resnet import CAM_LAYERS

PAPER = (
    "Li, Zhu & Zhou, Facial Expression Recognition: One Attention-Modulated Contextual Spatial "
    "Information Network, Entropy 2022"
)

CONTEXT_WIDTHS = {64: (16, 16, 16, 16), 128: (64, 32, 32), 256: (128, 128)}
"""Output channels of the parallel convolutions by stage width, dilations 1, 2, ... (Table 1)."""


class ContextualConv2d(nn.Module):
    """Parallel 3x3 convolutions of growing dilation on the whole input, concatenated (Fig. 2).

    It has exactly the parameters and multiply-adds of the standard convolution it replaces
    (Eqs. 1, 2).
    """

    def __init__(self, in_channels: int, widths: tuple[int, ...], stride: int = 1) -> None:
        """Build one branch per entry of `widths`; branch i has dilation i + 1."""
        super().__init__()
        self.branches = nn.ModuleList(
            nn.Conv2d(
                in_channels, width, 3, stride, padding=dilation, dilation=dilation, bias=False
            )
            for dilation, width in enumerate(widths, start=1)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, sum of widths, H / stride, W / stride) from (N, C, H, W)."""
        return torch.cat([branch(x) for branch in self.branches], dim=1)


class ContextualBlock(BasicBlock):
    """ResNet's basic block with contextual convolutions in stages 1 to 3."""

    attentive = False

    def __init__(
        self, inplanes: int, planes: int, stride: int = 1, downsample: nn.Module | None = None
    ) -> None:
        """Build as BasicBlock; stage 4 keeps its standard convolutions."""
        super().__init__(inplanes, planes, stride, downsample)
        self.attention: nn.Module = nn.Identity()
        if planes in CONTEXT_WIDTHS:
            widths = CONTEXT_WIDTHS[planes]
            self.conv1 = ContextualConv2d(inplanes, widths, stride)
            self.conv2 = ContextualConv2d(planes, widths)
            if self.attentive:
                self.attention = CoordinateAttention(planes)

    def forward(self, x: Tensor) -> Tensor:
        """Return relu(attention(residual) + shortcut), (N, planes, H / stride, W / stride)."""
        shortcut = x if self.downsample is None else self.downsample(x)
        residual = self.relu(self.bn1(self.conv1(x)))
        residual = self.attention(self.bn2(self.conv2(residual)))
        return self.relu(residual + shortcut)


class AttentiveContextualBlock(ContextualBlock):
    """A contextual block whose residual passes coordinate attention in stages 1 to 3."""

    attentive = True


class ContextualResNet(ResNet):
    """CoResNet-18 with coordinate attention in its blocks, at its end, in both or in neither."""

    def __init__(self, num_classes: int, *, block_attention: bool, final_attention: bool) -> None:
        """Build an untrained network with `num_classes` outputs."""
        block = AttentiveContextualBlock if block_attention else ContextualBlock
        super().__init__(block, (2, 2, 2, 2), num_classes)
        self.final_attention = CoordinateAttention(512) if final_attention else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (N, num_classes) of pictures (N, 3, H, W)."""
        x = self.avgpool(self.final_attention(self.stages(x)))  # (N, 512, 1, 1)
        return self.fc(torch.flatten(x, 1))


@register_model(
    title="ACSI-Net",
    summary="contextual convolution + coordinate attention",
    paper=PAPER,
    cam_layers={**CAM_LAYERS, "final_attention": 32},
    feature_layer="avgpool",
    head=Head("fc", pools="final_attention"),
)
def acsinet(num_classes: int) -> nn.Module:
    """Return an untrained ACSI-Net: attention in the blocks and as the final mask (Table 4)."""
    return ContextualResNet(num_classes, block_attention=True, final_attention=True)


@register_model(
    title="CoResNet-18",
    summary="contextual convolution only",
    paper=PAPER,
    cam_layers=CAM_LAYERS,
    feature_layer="avgpool",
    head=Head("fc", pools="layer4"),
)
def coresnet18(num_classes: int) -> nn.Module:
    """Return an untrained CoResNet-18: no attention (Table 3)."""
    return ContextualResNet(num_classes, block_attention=False, final_attention=False)


@register_model(
    title="CoResNet-18 CA-a",
    summary="contextual convolution + attention in the blocks",
    paper=PAPER,
    cam_layers=CAM_LAYERS,
    feature_layer="avgpool",
    head=Head("fc", pools="layer4"),
)
def coresnet18_ca_a(num_classes: int) -> nn.Module:
    """Return an untrained CoResNet_CA-a: attention in the residual blocks only (Table 4)."""
    return ContextualResNet(num_classes, block_attention=True, final_attention=False)


@register_model(
    title="CoResNet-18 CA-b",
    summary="contextual convolution + final attention mask",
    paper=PAPER,
    cam_layers={**CAM_LAYERS, "final_attention": 32},
    feature_layer="avgpool",
    head=Head("fc", pools="final_attention"),
)
def coresnet18_ca_b(num_classes: int) -> nn.Module:
    """Return an untrained CoResNet_CA-b: the final attention mask only (Table 4)."""
    return ContextualResNet(num_classes, block_attention=False, final_attention=True)
