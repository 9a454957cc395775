"""Attention blocks, one per file, and the taps through which they can be seen."""

from ferstudio.models.attention.aff import AttentionalFeatureFusion
from ferstudio.models.attention.agfer import AGFER
from ferstudio.models.attention.cbam import CBAM, ChannelAttention, SpatialAttention
from ferstudio.models.attention.coordinate import CoordinateAttention
from ferstudio.models.attention.csff import ChannelSpatialFusion
from ferstudio.models.attention.decoder import PartialDecoder
from ferstudio.models.attention.eca import EfficientChannelAttention
from ferstudio.models.attention.gcca import GCCA, StochasticPool2d
from ferstudio.models.attention.lgfe import LocalGlobalEnhancement
from ferstudio.models.attention.psa import PyramidSplitAttention
from ferstudio.models.attention.reverse import MapGate, MapGuidance
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
    "AGFER",
    "CBAM",
    "GCCA",
    "AttentionRecord",
    "AttentionRole",
    "AttentionTap",
    "AttentionalFeatureFusion",
    "ChannelAttention",
    "ChannelSpatialFusion",
    "ChannelWeights",
    "CoordinateAttention",
    "EfficientChannelAttention",
    "LocalGlobalEnhancement",
    "MapGate",
    "MapGuidance",
    "PartialDecoder",
    "PyramidSplitAttention",
    "SpatialAttention",
    "SqueezeExcitation",
    "StochasticPool2d",
    "attention_taps",
    "capture_attention",
    "replace_attention",
]
