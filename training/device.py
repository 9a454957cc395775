"""Which device a command runs on, and in which precision."""

from contextlib import AbstractContextManager

import torch

from ferstudio.errors import UsageError


def pick_device(name: str) -> torch.device:
    """Return the device called `name`: "auto" (a GPU if there is one), "cpu" or "cuda".

    Raises:
        UsageError: for another name, or "cuda" where there is no GPU.
    """
    if name not in {"auto", "cpu", "cuda"}:
        raise UsageError(f"--device must be auto, cpu or cuda, not {name!r}.")
    if name == "cuda" and not torch.cuda.is_available():
        raise UsageError("--device cuda: no GPU is available here; use --device cpu.")
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


def has_fast_bf16(device: torch.device) -> bool:
    """Return whether `device` multiplies bfloat16 in hardware."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported()
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def autocast(device: torch.device, enabled: bool = True) -> AbstractContextManager[object]:
    """Return bfloat16 autocast for `device`, off where it would be slower than float32."""
    return torch.autocast(
        device.type, dtype=torch.bfloat16, enabled=enabled and has_fast_bf16(device)
    )
