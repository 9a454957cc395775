"""What every registered network costs: parameters, multiply-adds, milliseconds a picture."""

import platform
import statistics
import time
from collections.abc import Iterable, Iterator

import torch

from ferstudio.models import build_model
from ferstudio.models.counts import count_network
from ferstudio.results import Result, Row
from training.engine.run import code_revision

PAPER_CLASSES, PICTURE_PX = 1000, 224
"""Classes and side with which paper 2's Tables 3 and 4 count."""


def network_costs(names: Iterable[str], *, runs: int) -> Iterator[Row]:
    """Yield what each network costs for one RGB picture of 224 px, untrained: time doesn't change.

    Args:
        names: registry names.
        runs: timed forward passes; one more before them isn't timed.
    """
    for name in names:
        own = count_network(name, size_px=PICTURE_PX)
        papers = count_network(name, num_classes=PAPER_CLASSES, size_px=PICTURE_PX)
        times_ms = [1000 * seconds for seconds in _core_seconds(name, runs)]
        low, middle, high = statistics.quantiles(times_ms, n=4)
        yield Row(
            name=name,
            n=runs,
            made_from="the registered network, untrained",
            values={
                "parameters": own.parameters,
                "multiply_adds": own.multiply_adds,
                "parameters_1000": papers.parameters,
                "multiply_adds_1000": papers.multiply_adds,
                "ms": round(middle, 1),
                "ms_low": round(low, 1),
                "ms_high": round(high, 1),
            },
        )


def costs_result(rows: Iterable[Row], command: str) -> Result:
    """Return the costs of networks with the machine that they were timed on."""
    machine = f"one core of {platform.machine()}, float32"
    return Result(
        kind="costs",
        about="networks",
        labels="",
        protocol=f"one RGB picture of {PICTURE_PX} px, eval mode; median and quartiles of passes, "
        "processor time on one thread",
        data=f"{machine}, torch {torch.__version__.partition('+')[0]}",
        command=command,
        commit=code_revision(),
        rows=tuple(rows),
        note="Times are this machine's.",
    )


def _core_seconds(name: str, runs: int) -> list[float]:
    """Return what each forward pass takes of one core, whatever else the machine does."""
    network = build_model(name, num_classes=8).eval().to(memory_format=torch.channels_last)
    picture = torch.zeros(1, 3, PICTURE_PX, PICTURE_PX).to(memory_format=torch.channels_last)
    taken, threads = list[float](), torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.inference_mode():
            for _ in range(runs + 1):
                start = time.thread_time()
                network(picture)
                taken.append(time.thread_time() - start)
    finally:
        torch.set_num_threads(threads)
    return taken[1:]
