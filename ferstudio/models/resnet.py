"""Residual baselines, as torchvision builds them.

He, Zhang, Ren and Sun, "Deep Residual Learning for Image Recognition", CVPR 2016.
"""

import torchvision
from torch import nn

from ferstudio.models.registry import register_model

PAPER = "He et al., Deep Residual Learning for Image Recognition, CVPR 2016"


@register_model(
    title="ResNet-18",
    summary="plain residual baseline",
    paper=PAPER,
    cam_layers={"layer1": 4, "layer2": 8, "layer3": 16, "layer4": 32},
    feature_layer="avgpool",
)
def resnet18(num_classes: int) -> nn.Module:
    """Return an untrained ResNet-18: (N, 3, H, W) to logits (N, num_classes)."""
    return torchvision.models.resnet18(weights=None, num_classes=num_classes)
