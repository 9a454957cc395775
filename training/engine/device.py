"""Which device a command runs on, and in which precision."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import torch
from torch import nn

from ferstudio.models import LoadedModel


@contextmanager
def on_device(model: LoadedModel, device: torch.device | None) -> Iterator[nn.Module]:
    """Hold a network alone on `device` (the CPU where None); it is back on the CPU after.

    Enter it before `torch.inference_mode`: parameters that are moved inside that can never again
    take part in a backward pass.
    """
    with model.exclusive() as module:
        if device is None:
            yield module
            return
        try:
            yield module.to(device)
        finally:
            module.to("cpu")


def tune(device: torch.device) -> None:
    """Let a GPU train in its fastest ways, of which results may differ in their last bits.

    Float32 products go through TF32, and cuDNN tries its algorithms on each new shape.
    """
    if device.type == "cuda":
        torch.set_float32_matmul_precision("high")
        torch.backends.cudnn.allow_tf32 = True
        torch.backends.cudnn.benchmark = True


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
