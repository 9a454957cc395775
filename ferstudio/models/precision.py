"""Passes in half the bits, where the processor multiplies such numbers itself."""

from contextlib import AbstractContextManager

import torch


def has_fast_bf16() -> bool:
    """Return whether the processor multiplies bfloat16 in hardware; else it is slower there."""
    return torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()


def rough(device: torch.device) -> AbstractContextManager[object]:
    """Return a context in which networks on `device` answer in bfloat16, where that is faster.

    Three digits are right: enough to compare the answers to many altered pictures, too few for an
    answer that is shown. Inside, nothing but the network may run.
    """
    enabled = device.type == "cpu" and has_fast_bf16()
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=enabled)
