"""Attention blocks, one per file, and the taps through which they can be seen."""

from ferstudio.models.attention.coordinate import CoordinateAttention
from ferstudio.models.attention.tap import (
    AttentionRecord,
    AttentionRole,
    AttentionTap,
    attention_taps,
    capture_attention,
    replace_attention,
)

__all__ = [
    "AttentionRecord",
    "AttentionRole",
    "AttentionTap",
    "CoordinateAttention",
    "attention_taps",
    "capture_attention",
    "replace_attention",
]
