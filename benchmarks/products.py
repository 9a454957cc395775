"""`python -m benchmarks.products`: convolutions of small maps by oneDNN and as matrix products.

Forward and backward, in turns, for the shapes that the networks' deep layers have in training.
"""

import torch

from training.engine.device import has_fast_bf16
from training.engine.products import MARGIN, ConvolutionShape, time_convolution

PICTURES = 64
"""Half of the batch of our recipes."""

LAYERS = (
    (256, 256, 6, 3, 1),
    (512, 512, 4, 3, 1),
    (512, 512, 3, 3, 1),
    (512, 512, 2, 3, 1),
    (256, 512, 4, 3, 2),
    (256, 512, 6, 3, 2),
    (1024, 256, 4, 1, 1),
    (2048, 512, 2, 1, 1),
)
"""Input and output channels, side of the map, kernel and stride."""


def main() -> None:
    """Print a line for each layer: both times, and what training would choose."""
    fast = has_fast_bf16(torch.device("cpu"))
    dtype = torch.bfloat16 if fast else torch.float32
    print(f"{torch.get_num_threads()} threads, {dtype}; a product has to be {MARGIN} times faster")
    for channels, filters, side, kernel, stride in LAYERS:
        shape = ConvolutionShape(
            images=(PICTURES, channels, side, side),
            filters=(filters, channels, kernel, kernel),
            stride=(stride, stride),
            padding=(kernel // 2, kernel // 2),
            dtype=dtype,
        )
        times = time_convolution(shape, runs=15)
        print(
            f"{shape!s:60} oneDNN {times.library_s * 1e3:7.2f} ms, product "
            f"{times.product_s * 1e3:7.2f} ms, {times.library_s / times.product_s:.2f}x: "
            f"{'product' if times.product_pays else 'oneDNN'}"
        )


if __name__ == "__main__":
    main()
