"""Convolutions of small maps as matrix products: faster training on a processor.

The deep layers of a network that sees faces of 48 to 80 px work on 2 x 2 to 6 x 6 cells. oneDNN
multiplies row of cells by row of cells; rows so short leave most of a matrix unit idle, above all
in the gradient of the weights. Here all cells of a batch are the rows of one matrix ("im2col"), so
that a convolution and both of its gradients are one product each.

Whether that pays depends on the processor and on the shape, so both ways are timed when a shape is
first met, and the faster one stays. `python -m benchmarks.products` prints both for the shapes of
the networks.

Chellapilla, Puri, Simard: High performance convolutional neural networks for document processing,
IWFHR 2006.
"""

import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from ferstudio.distributed import is_main_process

Pair = tuple[int, int]

MOST_CELLS = 36
"""Largest output map, in cells, that may become a product: beyond it copying costs too much."""


MARGIN = 1.1
"""How many times faster a product has to be than oneDNN: less may be chance."""


@dataclass(frozen=True, slots=True)
class ConvolutionShape:
    """What decides how long a convolution takes.

    Attributes:
        images: (N, C, H, W).
        filters: (K, C, KH, KW).
        stride: of rows and columns.
        padding: zeros beyond each edge, of rows and columns.
        dtype: that it is computed in.
    """

    images: tuple[int, ...]
    filters: tuple[int, ...]
    stride: Pair
    padding: Pair
    dtype: torch.dtype

    def __str__(self) -> str:
        """Return e.g. "512 to 512 channels, 3x3, 64 pictures of 4x4"."""
        (count, channels, *sides), (filters, _, *kernel) = self.images, self.filters
        return (
            f"{channels} to {filters} channels, {kernel[0]}x{kernel[1]}, {count} pictures of "
            f"{sides[0]}x{sides[1]}"
        )


@dataclass(frozen=True, slots=True)
class ConvolutionTimes:
    """Seconds of a convolution forward and backward, the fastest of several runs.

    Attributes:
        library_s: oneDNN's.
        product_s: as one matrix product.
    """

    library_s: float
    product_s: float

    @property
    def product_pays(self) -> bool:
        """Whether the product is faster by more than chance."""
        return self.library_s > MARGIN * self.product_s


def time_convolution(shape: ConvolutionShape, runs: int = 5) -> ConvolutionTimes:
    """Return how long a convolution of that shape takes in both ways, in turns, on random numbers.

    Args:
        shape: of the convolution.
        runs: timed runs of each, after one that isn't timed.
    """
    taken: dict[str, list[float]] = {"library": [], "product": []}
    with (
        torch.random.fork_rng(devices=[]),
        torch.enable_grad(),
        torch.autocast("cpu", enabled=False),
    ):
        images, weight = (
            torch.randn(sizes)
            .to(dtype=shape.dtype, memory_format=torch.channels_last)
            .requires_grad_()
            for sizes in (shape.images, shape.filters)
        )
        ways: dict[str, Callable[..., Tensor]] = {
            "library": torch.conv2d,
            "product": product_conv2d,
        }
        for _ in range(1 + runs):
            for name, way in ways.items():
                begun = time.perf_counter()
                output = way(images, weight, None, shape.stride, shape.padding)
                torch.autograd.grad(output.sum(), (images, weight))
                taken[name].append(time.perf_counter() - begun)
    return ConvolutionTimes(min(taken["library"][1:]), min(taken["product"][1:]))


@cache
def product_pays(shape: ConvolutionShape) -> bool:
    """Return whether a product is the faster way here: timed once in each process, and said."""
    times = time_convolution(shape)
    if is_main_process():
        chosen = "as a product" if times.product_pays else "by oneDNN"
        print(
            f"{shape}: {chosen}; {times.library_s * 1e3:.2f} ms by oneDNN, "
            f"{times.product_s * 1e3:.2f} ms as a product",
            flush=True,
        )
    return times.product_pays


class SmallMapProducts(TorchFunctionMode):
    """While it is entered, `conv2d` on the CPU works by products wherever that is faster.

    Results differ from `torch.conv2d`'s by rounding only.
    """

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Replace small convolutions; leave all other calls as they are."""
        if func is torch.conv2d:
            return _convolution(*args, **(kwargs or {}))
        return func(*args, **(kwargs or {}))


def small_map_products(device: torch.device) -> AbstractContextManager[object]:
    """Return `SmallMapProducts` for a processor; for a GPU, whose library needs none, nothing."""
    return SmallMapProducts() if device.type == "cpu" else nullcontext()


def product_conv2d(
    images: Tensor, weight: Tensor, bias: Tensor | None, stride: Pair, padding: Pair
) -> Tensor:
    """Return the convolution of `images` by one matrix product.

    Args:
        images: (N, C, H, W), of any memory format.
        weight: (K, C, KH, KW).
        bias: (K,), or None.
        stride: of rows and columns.
        padding: zeros beyond each edge, of rows and columns.

    Returns:
        (N, K, OH, OW) in channels-last format, differentiable once.
    """
    kernel = cast(Pair, tuple(weight.shape[2:]))
    if torch.is_autocast_enabled("cpu"):
        images = images.to(torch.get_autocast_dtype("cpu"))
    rows, columns = output_cells(images, kernel, stride, padding)
    geometry = kernel, stride, padding, (rows, columns)
    patches = cast(Tensor, _Patches.apply(images.permute(0, 2, 3, 1), *geometry))
    filters = weight.permute(0, 2, 3, 1).flatten(1)
    output = functional.linear(patches, filters, bias)
    return output.view(len(images), rows, columns, len(weight)).permute(0, 3, 1, 2)


def output_cells(images: Tensor, kernel: Pair, stride: Pair, padding: Pair) -> Pair:
    """Return the rows and columns of a convolution's output for `images` (N, C, H, W)."""
    rows, columns = (
        (side + 2 * edge - reach) // step + 1
        for side, edge, reach, step in zip(images.shape[2:], padding, kernel, stride, strict=True)
    )
    return rows, columns


def _convolution(
    input: Tensor,  # noqa: A002 -- torch's own name for it
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int | Pair = 1,
    padding: int | Pair | str = 0,
    dilation: int | Pair = 1,
    groups: int = 1,
) -> Tensor:
    """`torch.conv2d`, by a product where that is possible and faster."""
    if not isinstance(padding, str) and groups == 1 and _pair(dilation) == (1, 1):
        kernel, steps, edges = cast(Pair, tuple(weight.shape[2:])), _pair(stride), _pair(padding)
        rows, columns = output_cells(input, kernel, steps, edges)
        if input.dim() == 4 and 0 < rows * columns <= MOST_CELLS and torch.is_grad_enabled():
            autocast = torch.is_autocast_enabled("cpu")
            dtype = torch.get_autocast_dtype("cpu") if autocast else input.dtype
            shape = ConvolutionShape(tuple(input.shape), tuple(weight.shape), steps, edges, dtype)
            if product_pays(shape):
                return product_conv2d(input, weight, bias, steps, edges)
    return torch.conv2d(input, weight, bias, stride, padding, dilation, groups)


def _pair(value: int | Iterable[int]) -> Pair:
    return (value, value) if isinstance(value, int) else cast(Pair, tuple(value))


class _Patches(torch.autograd.Function):
    """What a kernel sees at each place of an output, a row each; the gradient adds them up."""

    @staticmethod
    def forward(
        ctx: Any, images: Tensor, kernel: Pair, stride: Pair, padding: Pair, cells: Pair
    ) -> Tensor:
        """Return (N * OH * OW, KH * KW * C) of `images` (N, H, W, C), for (OH, OW) `cells`."""
        ctx.shape, ctx.geometry = images.shape, (kernel, stride, padding, cells)
        (high, wide), (down, right), (top, left), (rows, columns) = ctx.geometry
        padded = functional.pad(images, (0, 0, left, left, top, top)).contiguous()
        count, *_, channels = padded.shape
        per_image, per_row, per_cell, _ = padded.stride()
        windows = padded.as_strided(
            (count, rows, columns, high, wide, channels),
            (per_image, down * per_row, right * per_cell, per_row, per_cell, 1),
        )
        return windows.reshape(count * rows * columns, -1)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None, None, None]:
        """Return the gradient of the images, summed in float32 or better."""
        count, height, width, channels = ctx.shape
        (high, wide), (down, right), (top, left), (rows, columns) = ctx.geometry
        height, width = height + 2 * top, width + 2 * left
        parts = gradient.view(count, rows, columns, high, wide, channels)
        exact = torch.promote_types(gradient.dtype, torch.float32)
        total = gradient.new_zeros((count, height, width, channels), dtype=exact)
        for y in range(high):
            for x in range(wide):
                seen = total[:, y : y + down * rows : down, x : x + right * columns : right]
                seen += parts[:, :, :, y, x]
        inner = total[:, top : height - top, left : width - left]
        return inner.to(gradient.dtype), None, None, None, None
