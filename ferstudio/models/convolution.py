"""A convolution with what follows it, layer for layer as `torchvision.ops.Conv2dNormActivation`."""

from collections.abc import Callable
from typing import cast

from torch import nn


class Conv2dNormActivation(nn.Sequential):
    """A convolution that keeps the map's size but for its stride, then a norm and an activation."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int = 3,
        stride: int = 1,
        *,
        norm_layer: Callable[[int], nn.Module] | None = nn.BatchNorm2d,
        activation_layer: Callable[..., nn.Module] | None = nn.ReLU,
    ) -> None:
        """Build the layers, in this order.

        Args:
            in_channels: channels of the input.
            out_channels: channels of the output.
            kernel_size: odd side of the kernel.
            stride: of the convolution.
            norm_layer: built with the number of channels; None gives the convolution a bias.
            activation_layer: works in place; None for none.
        """
        padding, bias = kernel_size // 2, norm_layer is None
        layers: list[nn.Module] = [
            nn.Conv2d(in_channels, out_channels, kernel_size, stride, padding, bias=bias)
        ]
        if norm_layer is not None:
            layers.append(norm_layer(out_channels))
        if activation_layer is not None:
            layers.append(activation_layer(inplace=True))
        super().__init__(*layers)
        self.out_channels = out_channels

    @property
    def convolution(self) -> nn.Conv2d:
        """The first layer."""
        return cast(nn.Conv2d, self[0])
