"""ResNet's blocks and frame, layer for layer and name for name torchvision's.

He, Zhang, Ren and Sun, "Deep Residual Learning for Image Recognition", CVPR 2016; a bottleneck's
stride stands at its 3x3 convolution, as in torchvision. Tests hold both to the same state, initial
values and answers. torchvision itself would bring torch's compiler with it at the first import,
which takes longer than all else of the studio's start.
"""

from collections.abc import Sequence
from typing import ClassVar

import torch
from torch import Tensor, nn

from ferstudio.models.initialisation import draw_kernel

STEM_CHANNELS = 64


class ResidualBlock(nn.Module):
    """What both kinds of block have in common."""

    expansion: ClassVar[int]
    """Output channels per channel inside."""


class BasicBlock(ResidualBlock):
    """Two 3x3 convolutions and the shortcut."""

    expansion = 1

    def __init__(
        self, inplanes: int, planes: int, stride: int = 1, downsample: nn.Module | None = None
    ) -> None:
        """Build a block from `inplanes` to `planes` channels.

        Args:
            inplanes: channels of the input.
            planes: channels of the output.
            stride: of the first convolution.
            downsample: what brings the shortcut to the output's shape; None leaves it as it is.
        """
        super().__init__()
        self.conv1: nn.Module = nn.Conv2d(inplanes, planes, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.relu = nn.ReLU(inplace=True)
        self.conv2: nn.Module = nn.Conv2d(planes, planes, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.downsample = downsample

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, planes, H / stride, W / stride) from (N, inplanes, H, W)."""
        shortcut = x if self.downsample is None else self.downsample(x)
        residual = self.relu(self.bn1(self.conv1(x)))
        residual = self.bn2(self.conv2(residual))
        residual += shortcut
        return self.relu(residual)


class Bottleneck(ResidualBlock):
    """A 1x1, a 3x3 and a 1x1 convolution, four times as wide at the end, and the shortcut."""

    expansion = 4

    def __init__(
        self, inplanes: int, planes: int, stride: int = 1, downsample: nn.Module | None = None
    ) -> None:
        """Build a block from `inplanes` to 4 * `planes` channels; see `BasicBlock`."""
        super().__init__()
        width = planes * self.expansion
        self.conv1 = nn.Conv2d(inplanes, planes, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2: nn.Module = nn.Conv2d(planes, planes, 3, stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.conv3 = nn.Conv2d(planes, width, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = downsample

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, 4 * planes, H / stride, W / stride) from (N, inplanes, H, W)."""
        shortcut = x if self.downsample is None else self.downsample(x)
        residual = self.relu(self.bn1(self.conv1(x)))
        residual = self.relu(self.bn2(self.conv2(residual)))
        residual = self.bn3(self.conv3(residual))
        residual += shortcut
        return self.relu(residual)


class ResNet(nn.Module):
    """A stem, four stages of blocks, global average pooling and a linear layer."""

    def __init__(self, block: type[ResidualBlock], depths: Sequence[int], num_classes: int) -> None:
        """Build an untrained network.

        Args:
            block: class of all blocks.
            depths: blocks of each of the four stages.
            num_classes: number of logits.
        """
        super().__init__()
        self.conv1 = nn.Conv2d(3, STEM_CHANNELS, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(STEM_CHANNELS)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
        channels = STEM_CHANNELS
        for number, depth in enumerate(depths, start=1):
            stage, channels = _stage(block, channels, depth, number)
            self.add_module(f"layer{number}", stage)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(channels, num_classes)
        for part in self.modules():
            if isinstance(part, nn.Conv2d):
                draw_kernel(part)

    def stages(self, x: Tensor) -> Tensor:
        """Return the fourth stage's features (N, C, H / 32, W / 32) of pictures (N, 3, H, W)."""
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))  # (N, 64, H / 4, W / 4)
        for number in range(1, 5):
            x = self.get_submodule(f"layer{number}")(x)
        return x

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (N, num_classes) of pictures (N, 3, H, W)."""
        return self.fc(torch.flatten(self.avgpool(self.stages(x)), 1))


def _stage(
    block: type[ResidualBlock], in_channels: int, depth: int, number: int
) -> tuple[nn.Sequential, int]:
    """Return the stage of that number, from 1, and its output channels."""
    planes, stride = STEM_CHANNELS * 2 ** (number - 1), 1 if number == 1 else 2
    channels = planes * block.expansion
    downsample = None
    if stride != 1 or in_channels != channels:
        downsample = nn.Sequential(
            nn.Conv2d(in_channels, channels, 1, stride, bias=False), nn.BatchNorm2d(channels)
        )
    first = block(in_channels, planes, stride, downsample)
    return nn.Sequential(first, *(block(channels, planes) for _ in range(depth - 1))), channels
