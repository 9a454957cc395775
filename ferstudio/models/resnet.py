"""Residual baselines.

He, Zhang, Ren and Sun, "Deep Residual Learning for Image Recognition", CVPR 2016.
"""

from types import MappingProxyType

from torch import nn

from ferstudio.models.registry import Head, register_model
from ferstudio.models.residual import BasicBlock, Bottleneck, ResNet

PAPER = "He et al., Deep Residual Learning for Image Recognition, CVPR 2016"

CAM_LAYERS = MappingProxyType({"layer1": 4, "layer2": 8, "layer3": 16, "layer4": 32})
"""The four stages with their strides."""


@register_model(
    title="ResNet-18",
    summary="plain residual baseline",
    paper=PAPER,
    cam_layers=CAM_LAYERS,
    feature_layer="avgpool",
    head=Head("fc", pools="layer4"),
)
def resnet18(num_classes: int) -> nn.Module:
    """Return an untrained ResNet-18: (N, 3, H, W) to logits (N, num_classes)."""
    return ResNet(BasicBlock, (2, 2, 2, 2), num_classes)


@register_model(
    title="ResNet-50",
    summary="plain residual baseline with bottlenecks",
    paper=PAPER,
    cam_layers=CAM_LAYERS,
    feature_layer="avgpool",
    head=Head("fc", pools="layer4"),
)
def resnet50(num_classes: int) -> nn.Module:
    """Return an untrained ResNet-50: (N, 3, H, W) to logits (N, num_classes)."""
    return ResNet(Bottleneck, (3, 4, 6, 3), num_classes)
