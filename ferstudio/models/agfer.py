"""AGFER, SEFER and CBAMFER: VGG16 without its last pooling, with attention in blocks 2, 3 and 4.

Arabian, Battistel, Chase and Moeller, "Attention-Guided Network Model for Image-Based Emotion
Recognition", Applied Sciences 13 (2023) 10179, https://doi.org/10.3390/app131810179: section 2.1
for the network, 2.2 for the three attention modules, 2.3 and Eq. 1 for the guidance, which is
applied to the pictures in training (`ferstudio.guidance`), not in the network.

The paper's Base is this VGG16 without attention, `vgg16_nopool5`. As in the paper, each module
stands after the last convolution of its block and before the block's pooling, and block 5 isn't
pooled (Table 4: stride 16 in place of 32 is worth 2 to 3 points; `agfer_stride32` pools it).
CBAMFER's average and maximum have fully connected layers of their own (section 2.2.2). The paper
doesn't print the reduction; R = 16 as in SE and CBAM.

Deviations, as the paper's base without attention stayed at 19.76 %: batch norm after each
convolution, and global average pooling with one linear layer for the fully connected layers, which
hold 428 million parameters on block 5's map of 14 x 14. The options `batch_norm=False, head="fc"`
give the paper's form.
"""

from collections.abc import Callable
from functools import partial

from torch import nn

from ferstudio.models.attention import AGFER, CBAM, SqueezeExcitation
from ferstudio.models.registry import Head, register_model
from ferstudio.models.vgg import CAM_LAYERS, VGG16, VGG16Backbone

PAPER = (
    "Arabian et al., Attention-Guided Network Model for Image-Based Emotion Recognition, "
    "Applied Sciences 2023"
)

ATTENTIVE_BLOCKS = (2, 3, 4)
"""Numbers of the blocks that end with attention."""

HEAD = Head("classifier.1", pools="backbone.block5", forms={"head": {"fc": Head("classifier.6")}})

GUIDANCE_ALPHA = 0.125
"""Weight of everything but brows, eyes and mouth in training, Eq. 1."""

register_variant = partial(
    register_model,
    paper=PAPER,
    cam_layers=CAM_LAYERS,
    feature_layer="avgpool",
    head=HEAD,
    guidance_alpha=GUIDANCE_ALPHA,
)
"""Registers one of the networks that are compared; a head of its own replaces `HEAD`."""


@register_variant(
    title="AGFER",
    summary="channel × spatial attention, guided training",
    head=Head(  # each block's spatial attention has a hidden map per class
        "classifier.1",
        pools="backbone.block5",
        separable=False,
        forms={"head": {"fc": Head("classifier.6", separable=False)}},
    ),
)
def agfer(num_classes: int, *, batch_norm: bool = True, head: str = "gap") -> nn.Module:
    """Return an untrained AGFER; options as of `VGG16`."""
    return _attentive_vgg16(
        num_classes, lambda channels: AGFER(channels, num_classes), batch_norm, head
    )


@register_variant(
    title="AGFER stride 32",
    summary="channel × spatial attention before a last pooling, guided training",
    head=Head(
        "classifier.1",
        separable=False,
        forms={"head": {"fc": Head("classifier.6", separable=False)}},
    ),
)
def agfer_stride32(num_classes: int, *, batch_norm: bool = True, head: str = "gap") -> nn.Module:
    """Return an untrained AGFER that keeps pool5, Table 4's stride 32; options as of `VGG16`."""
    return _attentive_vgg16(
        num_classes,
        lambda channels: AGFER(channels, num_classes),
        batch_norm,
        head,
        last_pool=True,
    )


@register_variant(
    title="SEFER",
    summary="squeeze and excitation, guided training",
)
def sefer(num_classes: int, *, batch_norm: bool = True, head: str = "gap") -> nn.Module:
    """Return an untrained SEFER; options as of `VGG16`."""
    return _attentive_vgg16(num_classes, SqueezeExcitation, batch_norm, head)


@register_variant(
    title="CBAMFER",
    summary="CBAM with unshared layers, guided training",
)
def cbamfer(num_classes: int, *, batch_norm: bool = True, head: str = "gap") -> nn.Module:
    """Return an untrained CBAMFER; options as of `VGG16`."""
    return _attentive_vgg16(
        num_classes, lambda channels: CBAM(channels, shared=False), batch_norm, head
    )


def _attentive_vgg16(
    num_classes: int,
    attention: Callable[[int], nn.Module],
    batch_norm: bool,
    head: str,
    *,
    last_pool: bool = False,
) -> VGG16:
    """Return a VGG16, as a rule without pool5, whose blocks 2, 3, 4 end with `attention`."""
    return VGG16(
        num_classes,
        attention={n: attention(VGG16Backbone.channels[n - 1]) for n in ATTENTIVE_BLOCKS},
        last_pool=last_pool,
        batch_norm=batch_norm,
        head=head,
    )
