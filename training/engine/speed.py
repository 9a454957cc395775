"""How fast training is, beside what the device can multiply at most."""

import time
from functools import cache

import torch

from ferstudio.models.counts import count_network
from ferstudio.types import OptionValue
from training.engine.device import has_fast_bf16

SIDES = {"cpu": 1024, "cuda": 8192}
"""Side of the square matrices by which a kind of device is measured."""


@cache
def matrix_peak(device: torch.device, seconds: float = 1.0) -> float:
    """Return the most operations per second that `device` reached in a matrix product.

    The product of two square matrices of random numbers, in bfloat16 where the device multiplies
    it in hardware and in float32 elsewhere, on torch's threads, is timed again and again for
    `seconds`; the fastest counts. A multiplication with its addition is two operations. It is what
    the device does beside whatever else runs on it then, and measured once per process.
    """
    side = SIDES.get(device.type, 1024)
    dtype = torch.bfloat16 if has_fast_bf16(device) else torch.float32
    generator = torch.Generator(device=device).manual_seed(0)
    left, right = (
        torch.randn(side, side, generator=generator, device=device).to(dtype) for _ in range(2)
    )
    product_s = []
    with torch.inference_mode():
        torch.matmul(left, right)  # the first one also chooses and loads its kernel
        _wait(device)
        begun = time.perf_counter()
        while time.perf_counter() - begun < seconds:
            start = time.perf_counter()
            for _ in range(4):
                torch.matmul(left, right)
            _wait(device)
            product_s.append((time.perf_counter() - start) / 4)
    return 2 * side**3 / min(product_s)


@cache
def step_operations(
    name: str,
    *,
    num_classes: int,
    size_px: int,
    options: tuple[tuple[str, OptionValue], ...] = (),
) -> int:
    """Return the operations of a training step per picture: three forward passes of the network.

    Counted are multiplications and additions of convolutions, linear layers and matrix products,
    once forward and twice backward (for the layer's input and for its weights; so the first
    layer's input is counted, though nobody asks for its gradient). Not counted are norms,
    activations and pooling, augmentation, the loss, the optimizer and the averaged weights, and
    what a network does beyond its forward pass: their time lowers the share that is reached.
    """
    counts = count_network(name, num_classes=num_classes, size_px=size_px, options=dict(options))
    return 3 * 2 * counts.multiply_adds


def speed_text(images_per_s: float, peak_share: float, peak: float) -> str:
    """Return e.g. "170 images/s, 12 % of 240 GFLOP/s"."""
    unit, size = ("TFLOP/s", 1e12) if peak >= 1e13 else ("GFLOP/s", 1e9)
    return f"{images_per_s:.0f} images/s, {100 * peak_share:.0f} % of {peak / size:.0f} {unit}"


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
