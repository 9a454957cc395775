"""Which device a command runs on, and in which precision."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import torch
from torch import nn

from ferstudio.errors import UsageError
from ferstudio.models import LoadedModel


def pick_device(name: str, *, local_rank: int | None = None) -> torch.device:
    """Return the device called `name`: "auto" (a GPU if there is one), "cpu" or "cuda".

    Args:
        name: as on the command line.
        local_rank: number of the process on its machine, each of which has a GPU of its own; None
            for a process on its own.

    Raises:
        UsageError: for another name, "cuda" where there is no GPU, or more processes than GPUs.
    """
    if name not in {"auto", "cpu", "cuda"}:
        raise UsageError(f"--device must be auto, cpu or cuda, not {name!r}.")
    if name == "cuda" and not torch.cuda.is_available():
        raise UsageError("--device cuda: no GPU is available here; use --device cpu.")
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    if name == "cpu" or local_rank is None:
        return torch.device(name)
    if local_rank >= torch.cuda.device_count():
        raise UsageError(
            f"This machine has {torch.cuda.device_count()} GPUs, and each process needs one; give "
            "torchrun no larger --nproc-per-node, or use --device cpu."
        )
    return torch.device("cuda", local_rank)


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
