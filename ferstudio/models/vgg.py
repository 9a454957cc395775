"""VGG16 with batch norm and a slim head: the baseline and the backbone of papers 4 and 5.

Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition", ICLR
2015, configuration D. Deviations, all of which can be switched back: batch norm after each
convolution (without it the AGFER paper's own base reached 19.76 % from scratch), and global
average pooling with one linear layer in place of three fully connected ones, which hold 120 of
138 million parameters.
"""

from collections.abc import Mapping
from types import MappingProxyType

from torch import Tensor, nn

from ferstudio.errors import UsageError
from ferstudio.models.convolution import Conv2dNormActivation
from ferstudio.models.initialisation import draw_kernels, draw_linear
from ferstudio.models.registry import Head, register_model

PAPER = "Simonyan & Zisserman, Very Deep Convolutional Networks for Image Recognition, ICLR 2015"

WIDTHS = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))
"""Output channels of the 3x3 convolutions of each block."""

CAM_LAYERS = MappingProxyType(
    {f"backbone.block{number}": 2 ** (number - 1) for number in range(2, 6)}
)
"""Blocks 2 to 5 with their strides; a block's output is taken before its pooling."""

HEADS = ("gap", "fc")


class ConvBlock(nn.Module):
    """The convolutions of one VGG block, without pooling, and the attention that ends it."""

    def __init__(
        self,
        in_channels: int,
        widths: tuple[int, ...],
        *,
        batch_norm: bool = True,
        attention: nn.Module | None = None,
    ) -> None:
        """Build one 3x3 convolution per entry of `widths`; no attention means the identity."""
        super().__init__()
        channels = (in_channels, *widths)
        norm = nn.BatchNorm2d if batch_norm else None
        self.convs = nn.Sequential(
            *(
                Conv2dNormActivation(channels[i], channels[i + 1], norm_layer=norm)
                for i in range(len(widths))
            )
        )
        self.attention = nn.Identity() if attention is None else attention

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, widths[-1], H, W) from (N, in_channels, H, W)."""
        return self.attention(self.convs(x))


class VGG16Backbone(nn.Module):
    """VGG16's five blocks with pooling between them and none after the last (stride 16)."""

    channels = tuple(widths[-1] for widths in WIDTHS)

    def __init__(
        self, *, batch_norm: bool = True, attention: Mapping[int, nn.Module] | None = None
    ) -> None:
        """Build the blocks.

        Args:
            batch_norm: whether each convolution is followed by batch norm.
            attention: module that ends a block, by the block's number 1 to 5.
        """
        super().__init__()
        in_channels, ends = 3, attention or {}
        for number, widths in enumerate(WIDTHS, start=1):
            end = ends.get(number)
            block = ConvBlock(in_channels, widths, batch_norm=batch_norm, attention=end)
            self.add_module(f"block{number}", block)
            in_channels = widths[-1]
        self.pool = nn.MaxPool2d(kernel_size=2, stride=2)

    def forward(self, x: Tensor) -> list[Tensor]:
        """Return the five blocks' outputs; that of block i is (N, C_i, H / 2^(i-1), ...)."""
        outputs = [self.get_submodule("block1")(x)]
        for number in range(2, 6):
            outputs.append(self.get_submodule(f"block{number}")(self.pool(outputs[-1])))
        return outputs


class VGG16(nn.Module):
    """VGG16, with or without its last pooling, with attention at the end of chosen blocks."""

    def __init__(
        self,
        num_classes: int,
        *,
        attention: Mapping[int, nn.Module] | None = None,
        last_pool: bool = True,
        batch_norm: bool = True,
        head: str = "gap",
    ) -> None:
        """Build an untrained network.

        Args:
            num_classes: number of logits.
            attention: module that ends a block, by the block's number 1 to 5.
            last_pool: whether block 5 is pooled ("pool5").
            batch_norm: whether each convolution is followed by batch norm.
            head: "gap" for global average pooling and one linear layer, "fc" for the paper's
                three fully connected layers on the map of a 224-px picture.

        Raises:
            UsageError: if there is no such head.
        """
        super().__init__()
        if head not in HEADS:
            raise UsageError(f"There is no head {head!r}; choose from: {', '.join(HEADS)}.")
        self.backbone = VGG16Backbone(batch_norm=batch_norm, attention=attention)
        self.pool5 = nn.MaxPool2d(kernel_size=2, stride=2) if last_pool else nn.Identity()
        if head == "gap":
            self.avgpool = nn.AdaptiveAvgPool2d(1)
            self.classifier = _slim_head(num_classes)
        else:
            cells = 7 if last_pool else 14  # per side, of a 224-px picture
            self.avgpool = nn.AdaptiveAvgPool2d(cells)
            self.classifier = _full_head(512 * cells**2, num_classes)
        draw_kernels(self)
        for layer in self.classifier:
            if isinstance(layer, nn.Linear):
                draw_linear(layer, std=0.01)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (N, num_classes) of pictures (N, 3, H, W)."""
        features = self.avgpool(self.pool5(self.backbone(x)[-1]))
        return self.classifier(features.flatten(1))


@register_model(
    title="VGG16",
    summary="plain convolutional baseline",
    paper=PAPER,
    cam_layers=CAM_LAYERS,
    feature_layer="avgpool",
    head=Head(
        "classifier.1",
        forms={
            "last_pool": {False: Head("classifier.1", pools="backbone.block5")},
            "head": {"fc": Head("classifier.6")},
        },
    ),
)
def vgg16(
    num_classes: int, *, last_pool: bool = True, batch_norm: bool = True, head: str = "gap"
) -> nn.Module:
    """Return an untrained VGG16 with batch norm and a slim head; options as of the class."""
    return VGG16(num_classes, last_pool=last_pool, batch_norm=batch_norm, head=head)


@register_model(
    title="VGG16 −pool5",
    summary="plain convolutional baseline without its last pooling",
    paper=PAPER,
    cam_layers=CAM_LAYERS,
    feature_layer="avgpool",
    head=Head(
        "classifier.1", pools="backbone.block5", forms={"head": {"fc": Head("classifier.6")}}
    ),
)
def vgg16_nopool5(num_classes: int, *, batch_norm: bool = True, head: str = "gap") -> nn.Module:
    """Return an untrained VGG16 of stride 16, the base of papers 4 and 5; options as of `VGG16`."""
    return VGG16(num_classes, last_pool=False, batch_norm=batch_norm, head=head)


def _slim_head(num_classes: int) -> nn.Sequential:
    return nn.Sequential(nn.Dropout(0.5), nn.Linear(512, num_classes))


def _full_head(inputs: int, num_classes: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(inputs, 4096),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(4096, 4096),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(4096, num_classes),
    )
