"""How networks trained from scratch start.

He, Zhang, Ren and Sun, "Delving Deep into Rectifiers", ICCV 2015, for the convolutions that a norm
and a ReLU follow. Convolutions of attention keep torch's narrower default: drawn as widely as the
others, their gates are 0 or 1 from the start and hardly learn.

A network on the meta device, which is about to be filled with trained weights, has nothing to draw:
torch would import its compiler, 1.5 s, to find that out.
"""

from torch import nn

from ferstudio.models.convolution import Conv2dNormActivation


def draw_kernels(module: nn.Module) -> None:
    """Draw the kernels of each `Conv2dNormActivation` inside as He et al. do, biases 0."""
    for unit in module.modules():
        if isinstance(unit, Conv2dNormActivation):
            draw_kernel(unit.convolution)


def draw_kernel(convolution: nn.Conv2d) -> None:
    """Draw one convolution's kernel as He et al. do, scaled by its outputs; its bias is 0."""
    if convolution.weight.is_meta:
        return
    nn.init.kaiming_normal_(convolution.weight, mode="fan_out", nonlinearity="relu")
    if convolution.bias is not None:
        nn.init.zeros_(convolution.bias)


def draw_linear(layer: nn.Linear, std: float) -> None:
    """Draw one linear layer's weights from a normal distribution around 0; its biases are 0."""
    if layer.weight.is_meta:
        return
    nn.init.normal_(layer.weight, std=std)
    nn.init.zeros_(layer.bias)
