"""`python -m benchmarks.resizing`: crops brought to a network's size, interpolated or as products.

Each alone, and beside a process that keeps the processor busy.
"""

import multiprocessing
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial

import torch
from torch import Tensor
from torch.nn import functional

RUNS = 200
CROP_PX, DETAIL_PX = 256, 96
SIZES_PX = (64, 80, 96, 112)
"""A crop's side, the detail it is reduced to, and the shipped networks' inputs."""


def interpolated(images: Tensor, *sizes_px: int) -> Tensor:
    """Return pictures brought to one size after the other by `functional.interpolate`."""
    for size in sizes_px:
        images = functional.interpolate(
            images, size=(size, size), mode="bilinear", antialias=True, align_corners=False
        )
    return images


def multiplied(images: Tensor, *sizes_px: int) -> Tensor:
    """Return the same by a product with one matrix on either side."""
    rows = _resampling(images.shape[-1], *sizes_px)
    return rows @ images @ rows.T


@cache
def _resampling(from_px: int, *sizes_px: int) -> Tensor:
    """Return what resizing does to a column of pixels: (last size, from) float32."""
    rows = torch.eye(from_px)
    for size in sizes_px:
        rows = functional.interpolate(
            rows[None, None],
            size=(size, from_px),
            mode="bilinear",
            antialias=True,
            align_corners=False,
        )[0, 0]
    return rows


def medians(ways: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Return the median milliseconds of each way, in turns."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(RUNS):
        for name, way in ways.items():
            begun = time.perf_counter()
            way()
            taken[name].append(time.perf_counter() - begun)
    return {name: 1e3 * statistics.median(seconds) for name, seconds in taken.items()}


@contextmanager
def contention() -> Iterator[None]:
    """Keep all cores busy with another process's products meanwhile."""
    busy = multiprocessing.get_context("spawn").Process(target=_work, daemon=True)
    busy.start()
    time.sleep(5)  # until it has imported torch
    try:
        yield
    finally:
        busy.terminate()


def _work() -> None:
    matrix = torch.randn(1500, 1500)
    while True:
        matrix @ matrix


def measure(title: str) -> None:
    """Print a line for each size."""
    images = torch.rand(1, 1, CROP_PX, CROP_PX)
    for size in SIZES_PX:
        sizes_px = (DETAIL_PX, size)
        found = medians(
            {
                "interpolate": partial(interpolated, images, *sizes_px),
                "products": partial(multiplied, images, *sizes_px),
            }
        )
        off = float((interpolated(images, *sizes_px) - multiplied(images, *sizes_px)).abs().max())
        print(
            f"{title:12} {CROP_PX} to {DETAIL_PX} to {size:3} px: interpolate "
            f"{found['interpolate']:.3f} ms, products {found['products']:.3f} ms, "
            f"{found['interpolate'] / found['products']:.2f}x, at most {off:.1e} apart"
        )


def main() -> None:
    """Print both, alone and under contention."""
    print(f"{torch.get_num_threads()} threads")
    with torch.inference_mode():
        measure("alone")
        with contention():
            measure("contention")


if __name__ == "__main__":
    main()
