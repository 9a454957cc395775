"""Several processes that work together, on one machine or more, under torchrun.

`process_group` joins them; the other functions say which part is this process's and bring parts
together, under the names that torch.distributed gives such things. To a process on its own they
give back what they were given.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, distributed

from ferstudio.errors import UsageError


def launched() -> bool:
    """Return whether torchrun started this process as one of several."""
    return distributed.is_torchelastic_launched() and int(os.environ["WORLD_SIZE"]) > 1


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
def process_group(device_name: str) -> Iterator[torch.device]:
    """Give the device of this process, joined with the others that torchrun started.

    Processes on GPUs talk over nccl, those on processors, and of seconds and counts, over gloo.
    After an exception the group is left as it is: torchrun ends the other processes.

    Raises:
        UsageError: as `pick_device`.
    """
    if not launched():
        yield pick_device(device_name)
        return
    device = pick_device(device_name, local_rank=int(os.environ["LOCAL_RANK"]))
    if device.type == "cuda":
        torch.cuda.set_device(device)
    distributed.init_process_group("cpu:gloo,cuda:nccl" if device.type == "cuda" else "gloo")
    yield device
    distributed.destroy_process_group()


def rank() -> int:
    """Return this process's number, from 0."""
    return distributed.get_rank() if distributed.is_initialized() else 0


def world_size() -> int:
    """Return the number of processes."""
    return distributed.get_world_size() if distributed.is_initialized() else 1


def is_main_process() -> bool:
    """Return whether this is the process that speaks and writes."""
    return rank() == 0


def barrier() -> None:
    """Wait until every process is here."""
    all_reduce_sum(torch.zeros(()))


def all_reduce_sum(values: Tensor) -> Tensor:
    """Return the sum of `values` over the processes."""
    if world_size() > 1:
        distributed.all_reduce(values)
    return values
