"""Attention blocks, one per file, and the taps through which they can be seen."""

from ferstudio.models.attention.cbam import CBAM, ChannelAttention, SpatialAttention
from ferstudio.models.attention.coordinate import CoordinateAttention
from ferstudio.models.attention.se import ChannelWeights, SqueezeExcitation
from ferstudio.models.attention.tap import (
    AttentionRecord,
    AttentionRole,
    AttentionTap,
    attention_taps,
    capture_attention,
    replace_attention,
)

__all__ = [
    "CBAM",
    "AttentionRecord",
    "AttentionRole",
    "AttentionTap",
    "ChannelAttention",
    "ChannelWeights",
    "CoordinateAttention",
    "SpatialAttention",
    "SqueezeExcitation",
    "attention_taps",
    "capture_attention",
    "replace_attention",
]
