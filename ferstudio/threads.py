"""How many threads a piece of work may compute with."""

import functools
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from threadpoolctl import ThreadpoolController


@contextmanager
def half_of_the_threads() -> Iterator[None]:
    """Give this thread's networks half of the threads that they may have, at least one.

    For networks that alternate with other work many times a second: OpenMP's threads wait for the
    next product by spinning, and so keep their cores from that work (`benchmarks.live`). Of this
    thread alone: what other threads compute meanwhile has all.
    """
    threads = torch.get_num_threads()  # first, as torch sets them anew where it begins in a thread
    with _controller().limit(limits=max(1, threads // 2), user_api="openmp"):
        yield


@functools.cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()
